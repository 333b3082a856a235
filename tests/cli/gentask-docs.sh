# docs/tasks.md shows what the commands print.
tests/examples.sh docs/tasks.md | diff docs/tasks.md -
