#!/bin/sh
# score.sh RESULTS/NAME - what a run's model makes of machines, as a line of
# JSON: sequences of the test split (test_rows), whose machines no training
# set has; the same where splits share machines; demos a third and twice as
# long; a query three times as long.  Each beside all predictors
# (docs/tasks.md).
run=$1
name=$(basename "$run")
config=$(dirname "$run")/configs/$name.json
task() { jq -r ".task.$1 // $2" "$config"; }
demo=$(task demo 30) query=$(task query 30)
rows=$(jq .test_rows "$config")
on() {
    bin/gentask --config "$config" --split test --batch 100 \
        --count $((rows / 100)) "$@" |
        bin/eval "$run.safetensors"
}
{
    on
    on --mirror
    on --demo $((demo > 0 ? demo / 3 : -1))
    on --demo $((demo > 0 ? demo * 2 : -1)) --window 10000
    on --query $((query > 0 ? query * 3 : -1)) --window 10000
} | jq -cn --arg name "$name" --slurpfile result "$run.json" \
    -f pipelines/fsm/score.jq
