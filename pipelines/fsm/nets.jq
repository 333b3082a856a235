# The description of the second sweep: the search's arms ($search, its
# description in a list), each at its better rate ($best: best.jq's output in a
# list), on seeds of its own.  Input: configs/fsm-nets.json.
. as $all
| $search[0] as $from
| {name, about,
   base: ($from.base * (.base // {})),
   experiments: [
     .experiments[]
     | .like as $like
     | first($from.experiments[] | select(.name == $like)) as $arm
     | {name: (.name // $like),
        set: ($arm.set * (.set // {})
              * (if .endless then $all.endless else {} end)
              * {lr: $best[0][$like].lr}),
        grid: {seed: [range(1; (.seeds // $all.seeds) + 1)]}}],
   template: $from.template}
