#!/bin/sh
# What a bare Debian or Ubuntu lacks for building, running and checking; read
# by ./quickstart and ./check.  As root it is installed, else the command that
# does is printed.
#
# Each line: what shows that it is there (a program, or a header), the package.
needs() {
    cat <<'LIST'
gcc gcc
make make
jq jq
gnuplot gnuplot-nox
flock util-linux
/usr/include/jansson.h libjansson-dev
/usr/include/zlib.h zlib1g-dev
/usr/include/md5.h libmd-dev
/usr/include/stdio.h libc6-dev
/usr/include/cmocka.h libcmocka-dev
python3 python3
/usr/lib/python3/dist-packages/numpy python3-numpy
LIST
}

missing=$(needs | while read -r sign package; do
    case $sign in
    /*) [ -e "$sign" ] || echo "$package" ;;
    *) command -v "$sign" > /dev/null || echo "$package" ;;
    esac
done | sort -u | xargs)

if [ -n "$missing" ]; then
    install="apt-get install -y --no-install-recommends $missing"
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get > /dev/null; then
        echo "missing: $missing" >&2
        echo "please run: sudo apt-get update && sudo $install" >&2
        exit 1
    fi
    echo "installing: $missing" >&2
    export DEBIAN_FRONTEND=noninteractive
    # The lists of a fresh machine are old, or not there.
    log=$(mktemp) || exit 1
    trap 'rm -f "$log"' EXIT
    $install > "$log" 2>&1 || { apt-get update && $install; } > "$log" 2>&1 || {
        grep '^[EW]:' "$log" >&2
        echo "could not install; please run: apt-get update && $install" >&2
        exit 1
    }
fi
