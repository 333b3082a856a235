# One line a net: how well its units stand for the cells.  $s: its score.
{cells: .cells.cells, units, mean: .cells.within,
 whole: .cells.mean, least: .cells.least,
 sharp_share: (.cells.sharp / .cells.cells), by_counting: .cells.by_counting,
 wide: (if .units > .cells.cells + 1 then "2n units" else "n + 1 units" end),
 accuracy: $s[0].accuracy, name: $s[0].name}
