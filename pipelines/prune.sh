#!/bin/sh
# prune.sh RESULTS SWEEP... - list files of runs nobody asks for any more.
results=$1
shift
for sweep; do
    dir=$results/$sweep
    [ -e "$dir/runs.mk" ] || continue
    find "$dir" -type f | sed -n \
        's/.*\/\([^/]*-[0-9a-f]\{8\}\)\.[a-z.]*$/\1 &/p' | sort |
    awk -v list="$dir/runs.mk" '
    BEGIN { while ((getline line < list) > 0) {
                split(line, w, " ")
                if (w[1] ~ /^runs\./) asked[w[3]] = 1 } }
    !($1 in asked) { print $2 }'
done
