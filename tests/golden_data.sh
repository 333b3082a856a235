#!/bin/bash
# What the runs of tests/golden.txt name, into this folder: rows of vectors
# whose lengths differ, some steps of which count; a text that goes on from
# batch to batch; a long wait; a cell with dropout; a fleet.  Programs on PATH.
# usage: tests/golden_data.sh
set -e

awk 'function x(a) { return sprintf("%.2f", a % 101 / 50 - 1) }
function pair(a) { return "[" x(a) "," x(3 * a + 7) "]" }
BEGIN {
    for (i = 0; i < 150; i++) {
        n = 3 + i * i % 7
        input = target = ""
        for (t = 0; t < n; t++) {
            comma = t ? "," : ""
            input = input comma pair(37 * i + 11 * t + t * t)
            target = target comma ((i + t) % 3 ? pair(29 * i + 5 * t) : "null")
        }
        print "{\"input\":[" input "],\"target\":[" target "]}"
    }
}' > vectors.jsonl
gentask charcount --len 11 --batch 70 --count 4 -o text.ts
gentask delay --delay 150 --score recall --batch 70 --count 1 -o wait.ts
cat > noisy.cell <<'CELL'
input  x
state  h
z  = sigmoid(Wz x + Uz h + bz)
n  = tanh(Wn x + Un drop(h, 0.2) + bn)
h' = (1 - z) * h + z * drop(n, 0.1)
output h'
CELL
for i in 1 2 3; do
    echo "{\"seed\":4,\"lr\":0.0$i}" > $i.json
    echo "$i.json fleet$i.json fleet$i.st"
done > fleet
