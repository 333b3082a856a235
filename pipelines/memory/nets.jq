# The description of the second sweep, with the best rule of each task put in:
# as many updates as make the same amount of text for any window.
# Input: configs/memory-nets.json; $best: best.jq's output in a list.
. as $all
| def kind: .name | sub("[0-9]+$"; "");
del(.completed_by, .texts, .seeds)
| .experiments |= map(
    $best[0][.set.task.name] as $b | kind as $k
    | .set += ($b | {optimizer, lr, schedule, bptt})
    | .set.steps = ($all.texts[$k] / $b.bptt | floor)
    | .grid.seed = [range(1; $all.seeds[$k] + 1)])
