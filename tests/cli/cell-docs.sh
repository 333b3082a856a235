# docs/cells.md shows what the commands print, on the cell that stands in it.
cd "$WORK" || exit 1
sed -n '/^# mgu -/,/^```/p' "$TOP/docs/cells.md" | sed '/^```/d' > mgu.cell
"$TOP/tests/examples.sh" "$TOP/docs/cells.md" | diff "$TOP/docs/cells.md" -
