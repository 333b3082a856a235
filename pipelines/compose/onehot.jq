# Updates until 90 % of the loss is gone, median of the seeds, one-hot
# templates: a block a length, by elements of the group and hidden units.
include "lib";
[.[] | select(.experiment == "onehot")] | group_by(.len)
| [.[] | [["k = \(.[0].len)"] | row]
   + [group_by([.elements, .settings.size])[]
      | [.[0].elements, .[0].settings.size, (map(.reached["90"]) | late_median),
         (map(.done) | add), length] | row]]
| blocks
