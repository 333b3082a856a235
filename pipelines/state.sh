#!/bin/sh
# state.sh FOLDER - where each run of a sweep is, from its files alone: lines
# 'NAME STATE SECONDS', the seconds it took or is at it, '-' if not known.
#
#   running   its lock is held
#   failed    the last try left a message, or its model is gone
#   done      its result and its model are there, or its model's sum
#   left      neither
#
# Of a sweep that is sampled ($SAMPLE, else the first word in FOLDER/.sample)
# only the runs that will be made.
dir=$1
now=$(date +%s)
sample=${SAMPLE:-$(cut -d' ' -f1 "$dir/.sample" 2>/dev/null)}

sed -n 's/^runs\.[^ ]* += //p' "$dir/runs.mk" |
"$(dirname "$0")/sample.sh" "${sample:-0}" "$dir" |
while read -r name; do
    run=$dir/$name
    if [ -e "$run.checkpoint.lock" ] && grep -qs "FLOCK.*:$(stat -c %i \
            "$run.checkpoint.lock") " /proc/locks; then
        echo "$name running $((now - $(stat -c %Y "$run.checkpoint.lock")))"
    elif [ ! -e "$run.json" ]; then
        [ -e "$run.err" ] && echo "$name failed -" || echo "$name left -"
    elif [ "$run.err" -nt "$run.json" ] ||
            { [ ! -e "$run.safetensors" ] && [ ! -e "$run.sum" ]; }; then
        echo "$name failed -"
    else
        echo "$name done $(jq -r '.seconds // "-"' "$run.meta" 2>/dev/null ||
            echo -)"
    fi
done
