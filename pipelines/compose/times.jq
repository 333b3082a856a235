# Plain gradient descent with momentum on C20: a block with the number of
# starting scales and the range of all times; then a block a starting scale, of
# the predicted and the observed updates, a line a mode and seed.
include "lib";
[.[] | select(.experiment | startswith("times-"))]
| group_by(.init_scale)
| [.[][] | .times[], .half[] | select(.)] as $t
| [[[length, ($t | min), ($t | max)] | row]]
  + map([["starting scale \(.[0].init_scale)"] | row]
        + [.[] | range(.order | length) as $j | [.times[$j], .half[$j]]
           | row])
| blocks
