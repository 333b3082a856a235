#!/bin/sh
# One run of a sweep: run.sh RUN 'PREREQUISITES' COMMAND...
#
# train locks its run, goes on from a checkpoint, and finds out by itself that
# another make has finished it; what is left to do here is to keep the message
# of a run that fails as RUN.err, and to give a result that was there already
# a time that make understands.
run=$1 needs=$2
shift 2

err=$run.err.$$
trap 'rm -f "$err"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
"$@" > /dev/null 2> "$err"
status=$?
if [ $status -ne 0 ]; then
    tail -n 1 "$err" >&2
    mv "$err" "$run.err"
    exit $status
fi
rm -f "$run.err" "$run".err.[0-9]*       # and those of runs that were killed
for f in $needs; do
    if [ "$f" -nt "$run.json" ] || [ "$f" -nt "$run.safetensors" ]; then
        touch "$run.safetensors" "$run.json"
        break
    fi
done
