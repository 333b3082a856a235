# docs/outputs.md shows what the commands print.
cd "$WORK" || exit 1
"$TOP"/tests/examples.sh "$TOP"/docs/outputs.md | diff "$TOP"/docs/outputs.md -
