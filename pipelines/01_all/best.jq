# The best configurations of 01_all (its summary, slurped), as experiments of a
# sweep: $plan is configs/02_best.json, which has a `share` of them made wider
# and deeper, or 03_bptt.json and 04_bpe.json, which have the first `cells` of
# them trained through different numbers of steps.  Each experiment keeps the
# ids of its `parents`.
def configuration: .settings | {layers, size, options};
def same_bytes($blocks; $history):
  [.[] | [., $blocks * (($history - 1) / . | ceil)]];

( group_by(configuration)
  | map({c: (.[0] | configuration), id: min_by(.min_loss).id,
         loss: (map(.min_loss) | add / length)})
  | sort_by(.loss, .id) ) as $ranked
| .[0].settings.task.corpus as $corpus
| ($plan.sweep | .base.task.corpus = $corpus
   | if $seeds > 0 then .seeds = $seeds else . end) as $sweep
| ( if $plan.share then
      [ $ranked[:(($ranked | length) * $plan.share - 1e-9 | ceil)][]
        | (.c.layers, (if .c.layers < $plan.layers then $plan.layers
                       else empty end)) as $layers
        | (if $layers == .c.layers then .c.size else empty end,
           $plan.widths[]) as $size
        | select($layers != .c.layers or $size == .c.size
                 or $size == $plan.widths[-1])
        | {c: (.c + {$layers, $size}), id} ]
    else
      $ranked[:$plan.cells]
    end
    | group_by(.c) | map({c: .[0].c, parents: (map(.id) | unique)}) ) as $new
| $sweep
  + {experiments: [$new[] | {name: (.c | tojson), set: .c}]}
  + if $plan.bptt then
      {grid: {"bptt,steps": ($plan.bptt | same_bytes(
          ([$plan.blocks / $ratio | round, 1] | max);
          $sweep.base.task.history // 1000))}}
    else {} end
| {sweep: ., parents: $new}
