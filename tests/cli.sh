#!/bin/bash
# Run tests/cli/*.sh from the top folder, programs on PATH; compare stdout,
# exit status and stderr with NAME.want.  $WORK is a scratch folder.
# usage: tests/cli.sh [--accept] [CASE...]       (77: skipped)
export ACCEPT= LC_ALL=C COLUMNS=80 TOP=$PWD
export ALL=${WORK:-$(mktemp -d)}
[ "${1-}" = --accept ] && { ACCEPT=1; shift; }
[ $# -gt 0 ] || set -- tests/cli/*.sh

one() {
    name=$(basename "$1" .sh)
    want=${1%.sh}.want
    got=$ALL/$name.got
    export WORK=$ALL/$name
    mkdir -p "$WORK"
    timeout 900 sh "$1" > "$ALL/$name.1" 2> "$ALL/$name.2" < /dev/null
    status=$?
    if [ $status -eq 77 ]; then
        echo "skip cli $name: $(tail -n 1 "$ALL/$name.2")"
        return
    fi
    { cat "$ALL/$name.1"; echo "rc=$status"
      sed 's/^/err: /' "$ALL/$name.2"; } | sed "s|$WORK|WORK|g" > "$got"
    if [ -n "$ACCEPT" ]; then
        cp "$got" "$want"
    elif diff -u "$want" "$got" > "$got.diff" 2>&1; then
        echo "ok cli $name"
    else
        echo "FAIL cli $name"
        cat "$got.diff"
    fi
}
export -f one
printf '%s\n' "$@" | xargs -P "${JOBS:-2}" -I{} bash -c \
    'r=$(one "$1"); [ -z "$r" ] || printf "%s\n" "$r"' _ {}
