#!/bin/sh
# Runs of a sweep that train takes side by side, one net a vector lane:
#     fleet.sh FOLDER 'RUN...' 'PREREQUISITES' COMMAND...
#
# COMMAND gets --fleet - and the list.  train passes over what is done, and
# each run has its own lock and checkpoint, so all that run.sh says of one run
# holds here for each; a message is kept as RUN.err for those that have no
# result.
folder=$1 runs=$2 needs=$3
shift 3

# In a variable, so that a kill leaves no file of it.
err=$(for run in $runs; do
    echo "$folder/configs/$run.json $folder/$run.json" \
        "$folder/$run.safetensors"
done | "$@" --fleet - 2>&1 > /dev/null)
status=$?
if [ $status -ne 0 ]; then
    printf '%s\n' "$err" | tail -n 1 >&2
    for run in $runs; do
        [ -e "$folder/$run.json" ] || printf '%s\n' "$err" > "$folder/$run.err"
    done
    exit $status
fi
for run in $runs; do
    rm -f "$folder/$run.err"
    for f in $needs; do
        if [ "$f" -nt "$folder/$run.json" ] ||
                [ "$f" -nt "$folder/$run.safetensors" ]; then
            touch "$folder/$run.safetensors" "$folder/$run.json"
            break
        fi
    done
done
