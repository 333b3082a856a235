#!/bin/sh
# One run of a sweep: run.sh RUN 'PREREQUISITES' COMMAND...
#
# RUN.lock is held while COMMAND works, so that a second make waits and then
# finds the result; what is newer than it is looked at again under the lock,
# because make decided before.  stderr is kept as RUN.err if COMMAND fails.
run=$1 needs=$2
shift 2

fresh() {
    [ -s "$run.json" ] && [ -s "$run.safetensors" ] || return 1
    for f in $needs; do
        [ "$run.json" -nt "$f" ] || return 1
    done
}

exec 9> "$run.lock"
flock 9 || exit 1
if fresh; then
    touch "$run.safetensors" "$run.json"
    exit 0
fi
rm -f "$run.json" "$run.safetensors"
"$@" > "$run.log.jsonl" 2> "$run.err"
status=$?
if [ $status -eq 0 ]; then
    rm -f "$run.err" "$run.lock"
else
    tail -n 1 "$run.err" >&2
fi
exit $status
