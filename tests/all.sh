#!/bin/bash
# Run every test: all.sh BIN OBJECTS [PART...]; FAST=1 leaves out slow ones.
#
# Each driver prints 'ok NAME', 'skip NAME: why' or 'FAIL NAME', a line a
# test, and what went wrong after a FAIL.  The last line is the count alone.
bin=$PWD/$1 objects=$2
shift 2
export PATH=$bin:$PATH LC_ALL=C FAST=${FAST-}
export WORK                       # a scratch folder of a driver's own
unset MAKELEVEL                   # tests call make as from a shell
all=$(mktemp -d) || exit 1
# As a newcomer meets it.
also="keep terminal quickstart"
[ $# -eq 0 ] && [ -z "$FAST" ] || also=
watcher=
trap 'rm -rf "$all"; [ -z "$watcher" ] || kill "$watcher" 2> /dev/null' EXIT
# What is being done, and for how long: on a terminal in a line that goes again,
# else every half minute.
draw=
case ${TERM:-dumb} in dumb) ;; *) [ -t 1 ] && draw=1 ;; esac
watch() {
    while sleep 1 && kill -0 $$ 2> /dev/null; do
        spent=$((SECONDS - began))
        said="$1: $(grep -c '^ok ' "$WORK.out" 2> /dev/null) passed, $spent s"
        if [ "$draw" ]; then
            printf '\r%s ...\033[K' "$said"
        elif [ $((spent % 30)) -eq 0 ]; then
            echo "$said ..."
        fi
    done
}
mkdir -p build

every="lint layers unit ref regress power allocs cli repro fleet make memory"
every="$every fsm gated compose archive random emulated readme stops kills"
parts=${*:-$every}
# What breaks things.
[ $# -gt 0 ] || parts="$parts attack limits toolkit inject"
for part in $parts $also; do
    WORK=$all/$part
    mkdir "$WORK"
    if [ -n "$FAST" ]; then
        case $part in
        random|emulated|repro|fleet|make|memory|fsm|gated|archive) continue ;;
        compose|readme) continue ;;
        stops|kills) continue ;;
        esac
    fi
    began=$SECONDS
    watch "$part" &
    watcher=$!
    case $part in
    unit) tests/unit.sh $(printf '%s\n' tests/unit/test_*.c |
        sed "s|^|$objects/|; s|\.c$||") ;;
    inject) tests/inject.sh "$objects" ;;
    sanitize) tests/sanitize.sh "$bin" "$objects" ;;
    regress) tests/fuzz/regress.sh "$objects" ;;
    emulated)
        tests/emulated.sh
        mkdir -p "$WORK/golden" "$WORK/barriers"
        WORK=$WORK/golden DEVICE=emulated UNROLL_EMULATED=fast \
            tests/repro.sh golden
        N=2 WORK=$WORK/barriers tests/barriers.sh ;;
    toolkit) tests/toolkit.sh "$objects" ;;
    cuda) tests/cuda.sh "$objects" ;;
    power) tests/power.sh "$objects" ;;
    allocs) tests/allocs.sh "$objects" ;;
    fuzz) make -s fuzz ;;
    *) tests/$part.sh ;;
    esac > "$WORK.out" 2>&1 || grep -q '^FAIL ' "$WORK.out" ||
        echo "FAIL $part: its driver ended with status $?" >> "$WORK.out"
    kill "$watcher" 2> /dev/null
    wait "$watcher" 2> /dev/null
    [ -z "$draw" ] || printf '\r\033[K'
    grep -v '^ok ' "$WORK.out"
    echo "$part: $(grep -c '^ok ' "$WORK.out") passed in" \
        "$((SECONDS - began)) s"
done

cat "$all"/*.out | awk '
/^ok / { ok++ } /^FAIL / { bad++ } /^skip / { skip++ }
END { if (skip)
          print skip " skipped"
      printf "%d passed, %d failed\n", ok, bad
      exit bad > 0 || !(ok + skip) }' | tee build/check.txt
exit "${PIPESTATUS[1]}"
