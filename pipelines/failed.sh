#!/bin/sh
# failed.sh RESULTS SWEEP... - runs that left an error and no result.
results=$1
shift
for sweep; do
    [ -e "$results/$sweep/runs.mk" ] || continue
    sed -n 's/^runs\.[^ ]* += //p' "$results/$sweep/runs.mk" |
    while read -r name; do
        run=$results/$sweep/$name
        [ -s "$run.err" ] && [ ! -e "$run.json" ] &&
            echo "$run: $(tail -n 1 "$run.err")"
    done
done
exit 0
