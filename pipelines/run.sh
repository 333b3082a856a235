#!/bin/sh
# One run of a sweep: run.sh RUN 'PREREQUISITES' COMMAND...
#
# train locks its run, goes on from a checkpoint, and finds out by itself that
# another make has finished it; what is left to do here is to keep the message
# of a run that fails as RUN.err, and to give a result that was there already
# a time that make understands.
. "$(dirname "$0")/attend.sh"
run=$1 needs=$2
shift 2

nameless "$run.err"
attend "$@" > /dev/null 2>&9
status=$?
if [ $status -ne 0 ]; then
    [ -s "$held" ] || echo "$1: status $status, and not a word why" >&9
    tail -n 1 "$held" >&2
    "$(dirname "$0")/whole.sh" "$run.err" cat "$held"
    exit $status
fi
rm -f "$run.err" "$run.sum"
for f in $needs; do
    if [ "$f" -nt "$run.json" ] || [ "$f" -nt "$run.safetensors" ]; then
        touch -c "$run.safetensors" "$run.json"
        break
    fi
done
