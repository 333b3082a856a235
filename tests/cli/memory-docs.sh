# docs/memory.md shows what the commands print.
tests/examples.sh docs/memory.md | diff docs/memory.md -
