# docs/cells.md shows what the commands print, on the cell that stands in it.
cd "$WORK" || exit 1
sed -n '/^# mgu -/,/^```/p' "$TOP/docs/cells.md" | sed '/^```/d' > mgu.cell
"$TOP/tests/examples.sh" "$TOP/docs/cells.md" | diff "$TOP/docs/cells.md" -
# Its table of functions is what there is.
sed -n '/^## Functions/,/^## Options/p' "$TOP/docs/cells.md" |
    grep '^| `' > table
train --list functions |
    sed 's/) */) /; s/^\([^)]*)\) \(.*\)$/| `\1` | \2 |/' | diff table -
