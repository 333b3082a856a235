# docs/looking.md shows what the commands print.
cd "$WORK" || exit 1
"$TOP"/tests/examples.sh "$TOP"/docs/looking.md | diff "$TOP"/docs/looking.md -
