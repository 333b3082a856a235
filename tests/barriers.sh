#!/bin/bash
# Each barrier of the project's kernels is needed, and the emulated GPU sees
# that it is missing (docs/cuda.md): it takes one out of the text, and one of a
# few short runs, which together come to all of them, must end with the line
# that says so.  N: so many of them, drawn by SEED (all).
# Programs on PATH; $WORK is a scratch folder.
set -u
: "${WORK:=$(mktemp -d)}"
top=$PWD
export UNROLL_CELLS=$top/configs/cells
# prelude.cu's own are test_emulator's.
n=$(find lib/cuda -name '*.cu' ! -name prelude.cu ! -name loop.cu \
    -exec cat {} + | grep -c '__syncthreads();\|__syncwarp();')
cd "$WORK" || exit 1
gentask copy --len 3 --batch 70 --count 1 > rows.ts
# vectors ROWS STEPS
vectors() {
    awk -v rows="$1" -v steps="$2" 'function pair() {
        return sprintf("[%.3f,%.3f]", rand(), rand())
    }
    BEGIN { srand(5); for (i = 0; i < rows; i++) {
        x = y = ""
        for (t = 0; t < steps; t++) {
            x = x (t ? "," : "") pair()
            y = y (t ? "," : "") pair()
        }
        print "{\"input\":[" x "],\"target\":[" y "]}" } }'
}
vectors 40 4 > vectors.jsonl
# More than 16 chunks of 256 pairs, and of places.
vectors 64 66 > long.jsonl

# The runs, by number.
run() {
    case $1 in
    1) set -- --cell gated:70 --clip-norm 1 --seed 2 rows.ts ;;
    2) set -- --cell lstm --size 40 --batch 40 --loss mse_sum vectors.jsonl ;;
    3) set -- --cell rnn --size 4 --batch 64 long.jsonl ;;
    4) set -- --cell gru --size 40 --bptt 4 rows.ts ;;
    esac
    train -q --device emulated --steps 1 "$@" > out 2> err || return
    echo done > err
}

# missed TEXT:N RUN...: is it, by one of these runs?
missed() {
    export UNROLL_EMULATED_WITHOUT=$1
    shift
    for r; do
        run "$r"
        ! grep -q 'without a barrier' err || break
    done
    if grep -q 'without a barrier' err; then
        echo "ok barriers: $UNROLL_EMULATED_WITHOUT, missed by run $r:" \
            "$(sed 's/.*: kernel \([^,]*\),.*, \([^,:]*:[0-9]*\):.*/\1, \2/' \
            err)"
    else
        echo "FAIL barriers: $UNROLL_EMULATED_WITHOUT is not missed:" \
            "$(tail -n 1 err)"
    fi
}

some() { shuf -i "0-$(($1 - 1))" -n "${N:-$1}" \
    --random-source=<(yes "${SEED:-1}"); }

# all TEXT COUNT RUN: there are so many.
all() {
    export UNROLL_EMULATED_WITHOUT=$1:$2
    run "$3"
    if grep -q 'has fewer barriers' err; then
        echo "ok barriers: $2 in $1"
    else
        echo "FAIL barriers: there are more than $2 in $1: $(tail -n 1 err)"
    fi
}

for i in $(some "$n"); do
    missed "kernels:$i" 1 2 3
done
all kernels "$n" 1
# Of loops that stay on the device, those at which all CTAs meet: a product of
# a state, and of a gate's, up and down.
net=the_net_s_element_wise_runs:loop_barrier
for i in $(some 4); do
    missed $net:$i 4
done
all $net 4 4
