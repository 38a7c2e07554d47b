#!/bin/sh
# Install what a Debian 12 machine needs for one of the tasks and is missing:
#   setup.sh build   compiler and libraries
#   setup.sh ui      also node and the packages that the web UI is built of
#   setup.sh demo    also the Python SDK
#   setup.sh check   also the test tools
#   setup.sh bench   also the load generators
#   setup.sh fuzz    also clang with its fuzzer
# As root it asks for nothing; otherwise it says which command root has to run.
set -eu
cd "$(dirname "$0")/.."

build="gcc g++ make pkg-config libc6-dev libmicrohttpd-dev libsimdjson-dev libsqlite3-dev libpq-dev
    libssl-dev libsodium-dev zlib1g-dev libvips-dev libjpeg-dev libexif-dev libseccomp-dev
    libcurl4-openssl-dev libjansson-dev"
python="python3 python3-venv"
ui="nodejs npm ca-certificates"
check="chromium libcmocka-dev valgrind clang-format-14 git ca-certificates postgresql-15 zsh fish"
bench="wrk nginx-light"
fuzz="clang-14 libclang-rt-14-dev"
case "${1:-build}" in
build) packages="$build" ;;
ui) packages="$ui" ;;
demo) packages="$build $ui $python" ;;
check) packages="$build $ui $python $check" ;;
bench) packages="$build $ui $python $check $bench" ;;
fuzz) packages="$build $ui $fuzz" ;;
*)
    echo "usage: setup.sh build|ui|demo|check|bench|fuzz" >&2
    exit 2
    ;;
esac

missing=""
for p in $packages; do
    case $p in # a newer node than Debian's comes with npm
    nodejs) ! command -v node >/dev/null || continue ;;
    npm) ! command -v npm >/dev/null || continue ;;
    esac
    dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
done
if [ -n "$missing" ]; then
    if [ "$(id -u)" != 0 ]; then
        echo "These Debian packages are missing. Please run:" >&2
        echo "  sudo apt-get install --no-install-recommends$missing" >&2
        exit 1
    fi
    echo "setup: installing$missing"
    export DEBIAN_FRONTEND=noninteractive
    # the test tools must not start services of their own
    [ -e /usr/sbin/policy-rc.d ] || made_policy=yes
    [ -z "${made_policy:-}" ] || printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    [ -z "${made_policy:-}" ] || chmod +x /usr/sbin/policy-rc.d
    apt-get update -qq
    # shellcheck disable=SC2086  # a list
    apt-get install -y -qq --no-install-recommends $missing >/dev/null
    [ -z "${made_policy:-}" ] || rm -f /usr/sbin/policy-rc.d
fi

# what the web UI is built of, exactly as the lock file says
if [ "${1:-build}" != build ] && ! [ web/node_modules/.package-lock.json -nt web/package-lock.json ]; then
    echo "setup: node packages into web/node_modules"
    (cd web && npm ci --ignore-scripts --no-audit --no-fund --silent)
    touch web/node_modules/.package-lock.json
fi

# the Python side lives in build/venv; made anew when the list of packages has changed
if [ "${1:-build}" != build ] && [ "$1" != fuzz ] && [ "$1" != ui ]; then
    stamp=build/venv/requirements.txt
    if ! cmp -s tests/requirements.txt "$stamp"; then
        echo "setup: Python packages into build/venv (the SDK is large: this takes a minute or two)"
        mkdir -p build
        [ -x build/venv/bin/python ] || /usr/bin/python3 -m venv build/venv
        build/venv/bin/pip install -q --disable-pip-version-check --upgrade -r tests/requirements.txt
        cp tests/requirements.txt "$stamp"
    fi
fi
