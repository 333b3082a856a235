# One run a random spectrum: a block with the number of groups and the range of
# the gaps; then a block a group of the smallest gap between the scores of two
# that follow each other (a ratio), Kendall's tau, and whether all was right.
include "lib";
["C11", "C5xC5", "D5", "O"] as $groups
| [.[] | select(.experiment == "order")] as $all
| [$groups[] as $g | [$all[] | select(.group == $g)] | select(length > 0)]
| [[[length, (map(.[].gap) | min), (map(.[].gap) | max)] | row]]
  + map([[.[0].group] | row]
        + map([.gap, .kendall, (if .right_order then 1 else 0 end)] | row))
| blocks
