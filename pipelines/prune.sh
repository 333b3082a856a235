#!/bin/sh
# prune.sh RESULTS DATA SWEEP... - list files of runs that nobody asks for any
# more, and what killed processes left: temporaries whose lock is free.
results=$1 data=$2
shift 2
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
"$(dirname "$0")/leftovers.sh" "$results" "$data"
exit 0
