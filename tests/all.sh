#!/bin/bash
# Run every test: all.sh BIN OBJECTS [PART...]; FAST=1 leaves out slow ones.
#
# Each driver prints 'ok NAME', 'skip NAME: why' or 'FAIL NAME', a line a
# test, and what went wrong after a FAIL.  The last line is the count alone.
bin=$PWD/$1 objects=$2
shift 2
export PATH=$bin:$PATH LC_ALL=C FAST=${FAST-}
export WORK                       # a scratch folder of a driver's own
all=$(mktemp -d) || exit 1
trap 'rm -rf "$all"' EXIT
mkdir -p build

every="lint layers unit ref regress power cli repro fleet make memory gated"
every="$every random readme stops kills"
parts=${*:-$every}
for part in $parts; do
    WORK=$all/$part
    mkdir "$WORK"
    if [ -n "$FAST" ]; then
        case $part in
        random|repro|fleet|make|memory|gated|readme) continue ;;
        stops|kills) continue ;;
        esac
    fi
    began=$SECONDS
    case $part in
    unit) tests/unit.sh $(printf '%s\n' tests/unit/test_*.c |
        sed "s|^|$objects/|; s|\.c$||") ;;
    sanitize) tests/sanitize.sh "$bin" "$objects" ;;
    regress) tests/fuzz/regress.sh "$objects" ;;
    power) tests/power.sh "$objects" ;;
    fuzz) make -s fuzz ;;
    *) tests/$part.sh ;;
    esac > "$WORK.out" 2>&1 || grep -q '^FAIL ' "$WORK.out" ||
        echo "FAIL $part: its driver ended with status $?" >> "$WORK.out"
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
