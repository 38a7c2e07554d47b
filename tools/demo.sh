#!/bin/sh
# Start labeld with the demo data, run the tutorial in C, and with the stock SDK where that can be
# installed, then keep serving.
#   demo.sh         until Ctrl-C
#   demo.sh once    end after the tutorials; the exit status is not 0 when one of them failed
# The data stay in build/demo, so that a second demo goes on where the first ended.
set -eu
cd "$(dirname "$0")/.."
listen=${LISTEN:-127.0.0.1:8080}
data=build/demo/data
env=build/demo/demo.env
password=demo-password

mkdir -p build/demo
if [ ! -e "$data/labeld.db" ]; then
    echo "$password" | build/labeld init --data "$data" --admin-login my_username \
        --admin-password-stdin >"$env"
fi
build/labeld demo --data "$data" | grep -v TEAM_ID | grep -v WORKSPACE_ID >build/demo/demo.ids

build/labeld serve --data "$data" --listen "$listen" 2>build/demo/server.log &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM
i=0
until grep -q 'is ready' build/demo/server.log 2>/dev/null; do
    i=$((i + 1))
    if [ $i -gt 100 ] || ! kill -0 $server 2>/dev/null; then
        cat build/demo/server.log >&2
        exit 1
    fi
    sleep 0.1
done

set -a
# shellcheck disable=SC1090
. "./$env"
. ./build/demo/demo.ids
SERVER_ADDRESS="http://$listen"
set +a
status=0
printf '\n===== The tutorial in C: build/examples/labeling_jobs\n'
build/examples/labeling_jobs || status=$?
if tools/setup.sh demo; then
    printf '\n===== The same with the Python SDK: demo/tutorial.py\n'
    build/venv/bin/python demo/tutorial.py || status=$?
else
    echo "The Python SDK cannot be installed here; the same tutorial with it is left out." >&2
fi

cat <<TXT

labeld is serving at http://$listen
  administrator  my_username / $password
  labelers       labeler_1 / 11111abc, labeler_2 / 22222abc
  credentials for your own scripts: $env and build/demo/demo.ids, SERVER_ADDRESS=http://$listen
TXT
if [ "${1:-}" = once ] || [ $status != 0 ]; then
    exit $status
fi
echo "Ctrl-C stops it; the data stay in $data."
wait $server
