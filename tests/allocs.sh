#!/bin/bash
# allocs.sh OBJECTS - memory is asked for while a run begins and where it
# writes, never from update to update: as often for many updates as for few.
# Programs on PATH; $WORK is a scratch folder.
set -u
count=$PWD/$1/tests/allocs/count.so
: "${WORK:=$(mktemp -d)}"
export UNROLL_CELLS=$PWD/configs/cells
cd "$WORK" || exit 1

task="gentask copy --batch 8 --len 6"
$task --count 200 > set.ts
# of this seed the 18th batch is the largest of all
$task --len-min 2 --seed 9 --count 200 | sed '1s/"count":200,//' > ragged.ts
awk 'BEGIN { srand(5); for (i = 0; i < 900; i++) { printf "{\"input\":["
    for (t = 0; t < 7; t++) printf "%s[%.3f,%.3f]", t ? "," : "", rand(), rand()
    printf "],\"target\":[%.3f,%.3f]}\n", rand(), rand() } }' > vectors.jsonl
cat > drop.cell <<'CELL'
input  x
state  h
h' = tanh(W drop(h, 0.3) + U x + b)
output h'
CELL
echo '{}' > 1.json
echo '{"lr":0.1}' > 2.json
printf '%s\n' '1.json f1.json' '2.json f2.json' > list

# asked STEPS OPTION...: how often for a run of so many updates
asked() {
    steps=$1
    shift
    rm -f n f?.json f?.meta
    ALLOCS_COUNT=$PWD/n LD_PRELOAD=$count train --size 5 --steps "$steps" -q \
        --log-every 0 --curve-every 10000 "$@" > out 2> err < input || return
    cat n
}

# try LABEL INPUT OPTION...
try() {
    label=$1
    cat $2 > input
    shift 2
    if few=$(asked 50 "$@") && many=$(asked 130 "$@") &&
            [ "$few" -gt 100 ] && [ "$few" = "$many" ]; then
        echo "ok allocs: $label"
    else
        echo "FAIL allocs: $label: ${few-} for 50 updates, ${many-} for 130"
        cat err
    fi
}

try "a stored set" /dev/null set.ts
try "vectors in lines" /dev/null --batch 4 vectors.jsonl
try "a pipe, rows of different length" ragged.ts
try "a program that is asked" /dev/null --source "$task --serve"
try "windows" /dev/null --bptt 3 set.ts
try "windows of a step" /dev/null --bptt 1 set.ts
try "a state that goes on" /dev/null --source "gentask grid --batch 8 --serve"
try "two threads" ragged.ts --threads 2
try "two layers and dropout" ragged.ts --layers 2 --cell ./drop.cell
try "gradients clipped" ragged.ts --clip-norm 0.1 --clip-element 0.01 \
    --optimizer momentum
try "nets side by side" /dev/null --fleet list --source "$task --serve"
