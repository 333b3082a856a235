#!/bin/sh
# score.sh RESULTS/NAME - what a run's model can do, as one line of JSON:
# 10,030 symbols sampled and as many greedy, judged by the rules; its loss on
# a text of its task beside the best predictor's.
#
# "solved": at least this share of the sampled units is right.
run=$1
name=$(basename "$run")
config=$(dirname "$run")/configs/$name.json
{
    bin/eval "$run.safetensors" --sample 10030 --score
    bin/eval "$run.safetensors" --sample 10030 --score --greedy
    bin/gentask --config "$config" --split test --batch 8 --count 5 |
        bin/eval "$run.safetensors"
} | jq -cn --arg name "$name" '
    {charprint: 0.99, charcount: 0.99, grid: 0.99, tictac: 0.98,
     grammar: 0.95} as $enough
    | input as $s | input as $g | input as $t
    | ($t.rules // {} | .test_units = .units | del(.units)
       | .sigmas = (if (.excess_error // 0) > 0 then .excess / .excess_error
                    else null end))
    + {name: $name, experiment: ($name | sub("[0-9]*-.*"; "")),
       task_name: $t.task.name, cells: $t.task.cells,
       size: $t.settings.size,
       accuracy: ($s.accuracy // 0), low: $s.low, high: $s.high,
       units: $s.units, legal: $s.legal, wrong: $s.wrong,
       solved: (if ($s.accuracy // 0) >= $enough[$t.task.name] then 1
                else 0 end),
       greedy: ($g.accuracy // 0), greedy_units: $g.units,
       greedy_right: (if $g.accuracy == 1 then 1 else 0 end),
       loss: $t.loss, floor: $t.floor, id: $t.id, settings: $t.settings}'
