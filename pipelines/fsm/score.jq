# One run's line of scores.  Inputs: eval's lines as score.sh has them;
# $result: the run's result, in a list; $name: the run's.
# The jump is the first validation with an accuracy of .9; a run that was
# stopped for being good enough has made it.  `budget`: updates at which a run
# without a jump is censored.
def judged: {accuracy, loss, places} + (.machines
    | {error: .accuracy_error, excess, excess_error, above_bayes,
       above_bayes_error, covered});
$result[0] as $r
| $r.validations as $v
| input as $strict | input as $mirror | input as $short | input as $long
| input as $query
| ([range($v.step | length) | select($v.val_accuracy[.] >= 0.9)][0]) as $at
| {name: $name, arm: ($name | sub("-[0-9.]+-s[0-9]+-[0-9a-f]+$"; "")),
   task: "\($strict.task.states)x\($strict.task.actions)",
   lr: $r.settings.lr, seed: $r.settings.seed,
   size: $r.settings.size,
   layers: $r.settings.layers, cell: $r.settings.cell,
   parameters: $r.parameters, updates: $r.updates, status: $r.status,
   stopped: $r.stopped_early,
   budget: ($v.step[-1] // 0),
   jumped: (if $at == null then 0 else 1 end),
   jump: (if $at == null then null else $v.step[$at] end),
   best_val: ($v.val_accuracy | max), last_val: $v.val_accuracy[-1],
   val_loss: $r.val_loss, strict_accuracy: $strict.accuracy,
   strict: ($strict | judged), mirror: ($mirror | judged),
   short: ($short | judged), long: ($long | judged),
   query: ($query | judged),
   predictors: $strict.machines.predictors,
   times: $strict.machines.times, ago: $strict.machines.ago,
   curve: {step: $v.step, val_accuracy: $v.val_accuracy,
           val_loss: $v.val_loss},
   id: $r.id}
