# The published five groups, the first seed of each: a block with a line a
# group (name, irreps), then two a group: step, loss, power of each irrep as a
# share of the template's, in the order predicted; and the levels.
include "lib";
["C11", "C5xC5", "D5", "O", "A5"] as $groups
| [.[] | select(.experiment == "columns")] | sort_by(.settings.seed)
| [$groups[] as $g | map(select(.group == $g))[0] | select(.)] as $runs
| [[$runs[] | [.group, (.order | length)] | row]]
  + [$runs[] | . as $r | ($r.plateaus[0] * $r.elements) as $all
     | ([["step", "loss"] + $r.order | row]
        + [range($r.spectra.step | length) as $i
           | [$r.spectra.step[$i], $r.spectra.loss[$i]]
             + [$r.numbers[] as $k | $r.spectra.power[$k][$i] / $all] | row]),
       [$r.plateaus[:-1][] | [.] | row]]
| blocks
