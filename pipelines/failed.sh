#!/bin/sh
# failed.sh RESULTS SWEEP[:TARGET]... - the runs that failed, and why.
results=$1
shift
here=$(dirname "$0")
for sweep; do
    dir=$results/${sweep%:*}
    [ -e "$dir/runs.mk" ] || continue
    "$here/state.sh" "$dir" | while read -r name state _; do
        run=$dir/$name
        [ "$state" = failed ] || continue
        if [ -e "$run.err" ]; then
            echo "$run: $(tail -n 1 "$run.err")"
        else
            echo "$run: its model is gone; make trains it again"
        fi
    done
done
