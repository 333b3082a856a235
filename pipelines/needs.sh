#!/bin/sh
# What a bare Debian or Ubuntu lacks for building, running and checking; read
# by ./quickstart and ./check.  As root it is installed, else the command that
# does is printed.
#
# Each line: what shows that it is there, and the package.  A program; a header,
# with its library where it has one, which is there where a line of C that
# includes it compiles and links, wherever that may be; or Python's module.
needs() {
    cat <<'LIST'
gcc gcc
make make
jq jq
gnuplot gnuplot-nox
flock util-linux
stdio.h libc6-dev
jansson.h:jansson libjansson-dev
zlib.h:z:zlib zlib1g-dev
md5.h:md:libmd libmd-dev
cmocka.h:cmocka libcmocka-dev
python3 python3
import:numpy python3-numpy
LIST
}

there() {
    case $1 in
    import:*) python3 -c "import ${1#*:}" 2> /dev/null ||
        /usr/bin/python3 -c "import ${1#*:}" 2> /dev/null ;;
    *.h*) compiles "${1%%:*}" "$(library "$1")" ;;
    gcc) command -v ${CC:-gcc} ;;
    *) command -v "$1" ;;
    esac > /dev/null
}

# header:library:name for pkg-config, if that is another
library() {
    case $1 in *:*)
        name=${1#*:}
        pkg-config --cflags --libs "${name#*:}" 2> /dev/null ||
            echo "-l${name%:*}" ;;
    esac
}

# cmocka.h wants the others before it.
compiles() {
    command -v ${CC:-gcc} > /dev/null || { [ -e "/usr/include/$1" ]; return; }
    # shellcheck disable=SC2086
    printf '#include <%s>\n' stdarg.h stddef.h stdint.h setjmp.h "$1" |
        sed '$a int main(void) { return 0; }' |
        ${CC:-gcc} -x c - -o "$try" $2 2> /dev/null
}

try=$(mktemp) || exit 1
trap 'rm -f "$try" "${log-}"' EXIT
missing=$(needs | while read -r sign package; do
    there "$sign" || echo "$package"
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
    $install > "$log" 2>&1 || { apt-get update && $install; } > "$log" 2>&1 || {
        grep '^[EW]:' "$log" >&2
        echo "could not install; please run: apt-get update && $install" >&2
        exit 1
    }
fi
