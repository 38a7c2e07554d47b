#!/bin/sh
# Make every function of liblabel findable by man: a page for each name in the NAME line of the pages
# in DIR, which sends man to the page of its group.
#   manlinks.sh DIR
set -eu
cd "$1"
for page in label*.3; do
    group=${page%.3}
    for name in $(sed -n '/^\.SH NAME/{n;s/ \\-.*//;s/,//g;p;}' "$page"); do
        [ "$name" = "$group" ] || [ -e "$name.3" ] || echo ".so man3/$page" >"$name.3"
    done
done
