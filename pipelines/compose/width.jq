# Share of the seeds that take away 90 % of the loss: a block a kind of net,
# by elements of a sequence and log2 of the hidden units; then, a line a kind,
# the slope of log2 of the least width at which most seeds do, and its error.
include "lib";
["power", "rnn", "pairs"] as $kinds
| [.[] | select(.experiment | startswith("width-"))] as $all
| [$kinds[] as $e | [$all[] | select(.experiment == "width-" + $e)]
   | group_by(.len) | map(group_by(.settings.size)
     | map({k: .[0].len, h: .[0].settings.size, n: length,
            done: (map(.done) | add)}))] as $nets
| [$nets[] | [.[][] | [.k, (.h | log2), .done / .n] | row]]
  + [[$nets[] | [.[] | [.[] | select(2 * .done > .n)][0] | select(.)
                 | [.k, (.h | log2)]] | slope as $s
      | [$s.slope, $s.error, length] | row]]
| blocks
