# Recurrent nets: the levels; then, for targets at each element and for the
# last alone, curves (a block a length, the first seed), and a block of the
# updates until the loss is within 10 % of level 1, by length and seed.
include "lib";
[.[] | select(.experiment | startswith("staircase"))] as $all
| ["staircase-all", "staircase-last"] as $kinds
| ([.[] | select(.experiment == "staircase-all")][0]) as $first
| [[$kinds[] as $e | [$all[] | select(.experiment == $e)]
    | group_by(.len) | [length] + map(.[0].len) | row],
   [$first.plateaus[:12][] | [.] | row]]
  + [$kinds[] as $e | [$all[] | select(.experiment == $e)]
     | group_by(.len)[] | sort_by(.settings.seed)[0]
     | [["k = \(.len)"] | row] + (.curve | map(row))]
  + [$kinds[] as $e | [$all[] | select(.experiment == $e)]
     | map([.len, .steps[1].reaches, .settings.seed] | row)]
| blocks
