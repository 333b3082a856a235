#!/bin/sh
# Runs of a sweep that train takes side by side, one net a vector lane:
#     fleet.sh FOLDER 'RUN...' 'PREREQUISITES' COMMAND...
#
# COMMAND gets --fleet - and the list.  train passes over what is done, and
# each run has its own lock and checkpoint, so all that run.sh says of one run
# holds here for each; a message is kept as RUN.err for those that have no
# result, or one older than its prerequisites.
. "$(dirname "$0")/attend.sh"
folder=$1 runs=$2 needs=$3
shift 3

nameless "$folder/${runs%% *}.err"
attend "$@" --fleet - > /dev/null 2>&9 <<END
$(for run in $runs; do
    echo "$folder/configs/$run.json $folder/$run.json" \
        "$folder/$run.safetensors"
done)
END
status=$?
err=$(cat "$held")

# Is the result of run $1 older than what it is made from?
stale() {
    [ -e "$folder/$1.json" ] && [ -e "$folder/$1.safetensors" ] || return 0
    for f in $needs; do
        [ ! "$f" -nt "$folder/$1.json" ] &&
            [ ! "$f" -nt "$folder/$1.safetensors" ] || return 0
    done
    return 1
}

if [ $status -ne 0 ]; then
    [ "$err" ] || err="$1: status $status, and not a word why"
    printf '%s\n' "$err" | tail -n 1 >&2
    for run in $runs; do
        ! stale "$run" || printf '%s\n' "$err" > "$folder/$run.err"
    done
    exit $status
fi
for run in $runs; do
    rm -f "$folder/$run.err" "$folder/$run.sum"
    ! stale "$run" || touch -c "$folder/$run.safetensors" "$folder/$run.json"
done
