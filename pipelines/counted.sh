#!/bin/bash
# counted.sh WHAT TOTAL BEGINS COMMAND... - run it, and instead of the lines
# that begin as the pattern BEGINS says, of which there will be TOTAL, say in
# one line how many there were and what time is left; other lines stay.
set -o pipefail
what=$1 total=$2 begins=$3
shift 3
draw=
case ${TERM:-dumb} in dumb) ;; *) [ -t 1 ] && draw=1 ;; esac

say() {
    spent=$((SECONDS - began))
    text="$what: $n of $total"
    [ "$n" -lt 5 ] || text="$text, about $((spent * (total - n) / n)) s to go"
    if [ "$draw" ]; then
        printf '\r%s\033[K' "$text"
    elif [ $((SECONDS - told)) -ge 20 ]; then
        echo "$text"
        told=$SECONDS
    fi
}

[ "$total" -gt 0 ] || total=0
began=$SECONDS told=$SECONDS n=0
[ "$draw" ] || [ "$total" = 0 ] || echo "$what ($total) ..."
"$@" 2>&1 | {
    while IFS= read -r line; do
        # shellcheck disable=SC2053
        if [[ $line == $begins ]]; then
            n=$((n + 1))
            say
        else
            [ -z "$draw" ] || printf '\r\033[K'
            printf '%s\n' "$line"
        fi
    done
    [ -z "$draw" ] || printf '\r\033[K'
    [ "$n" = 0 ] || echo "$what: $n in $((SECONDS - began)) s"
}
