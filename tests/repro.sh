#!/bin/bash
# The same config gives the same bytes: on every instruction set, for any
# number of threads, however it is fed, logged, killed and resumed.
# Programs on PATH; $WORK is a scratch folder.
# usage: tests/repro.sh [CASE...]    cases: golden accept machine feeding ...
# DEVICE=cuda makes the golden runs there.
set -u
: "${WORK:=$(mktemp -d)}"
top=$PWD
export UNROLL_CELLS=$top/configs/cells
cd "$WORK" || exit 1

gentask copy --len 6 --batch 50 --count 8 > train.ts
gentask copy --len 6 --batch 50 --count 2 --split val > val.ts
gentask copy --len 8 --batch 50 --count 1 --split test > test.ts

# A run that has everything: windows with carried states, dropout, clipping, a
# schedule, an average, validation, selection.
cat > drop.cell <<'CELL'
input  x
state  h
z  = sigmoid(Wz x + Uz h + bz)
n  = tanh(Wn x + Un h + bn)
h' = (1 - z) * h + z * drop(n, 0.1)
output h'
init   [Uz Un] orthogonal
CELL
settings="--cell ./drop.cell --size 24 --layers 2 --batch 32 --epochs 20
    --bptt 9 --clip-norm 1 --schedule cosine --warmup 20 --lr 0.003
    --optimizer adamw --weight-decay 0.01 --curve-every 7"

# one NAME [OPTION...]: the run's result and model as NAME.json, NAME.st
# (BY=exec in the background: $! is train itself, for signals)
one() {
    name=$1
    shift
    ${BY-} train $settings --val val.ts --test test.ts --result "$name.json" \
        --save "$name.st" -q "$@" > "$name.out" 2> "$name.err"
}

# same NAME LABEL: are result and model those of the first run?
same() {
    if cmp "$1.json" base.json && cmp "$1.st" base.st &&
            cmp <(tail -n 1 "$1.out") base.json; then
        echo "ok repro $2"
    else
        echo "FAIL repro $2"
        tail -n 3 "$1.err"
    fi
    rm -f "$1".*
}

machine() {
    for isa in sse2 avx2 avx512 neon; do
        for threads in 1 2; do
            UNROLL_ISA=$isa one m --threads $threads < train.ts
            if [ $? -eq 3 ]; then
                echo "skip repro $isa: not on this machine"
                break
            fi
            same m "$isa with $threads threads"
        done
    done
}

feeding() {
    one f --log-every 1 < train.ts
    same f "logging"
    train $settings --result f.json --save f.st --log-every 3 \
        --val val.ts --test test.ts train.ts > f.out 2> f.err
    same f "log lines and a file operand"
    gzip -c train.ts | one f
    same f "a compressed stream"
    gentask copy --len 6 --batch 400 --count 1 | one f
    same f "other batches of the same rows"
    train $settings --source 'gentask copy --len 6 --serve' --batch 32 -q \
        --train-rows 400 --val-rows 100 --test-rows 50 \
        --test-task '{"len":8}' --result f.json --save f.st \
        > f.out 2> f.err
    same f "a source"
}

# Kill the run $1 times at random moments, each attempt another way.
killed() {
    kills=0
    isas=(sse2 avx2 avx512)
    while :; do
        BY=exec UNROLL_ISA=${isas[kills % 3]} one k \
            --checkpoint-every 0.005 --threads $((1 + kills % 2)) \
            < train.ts 2> /dev/null &
        pid=$!
        if [ $kills -lt "$1" ]; then
            sleep "$(awk -v t=$took -v r=$RANDOM \
                'BEGIN { print t / 4000 * r / 32768 }')"
            kill -KILL $pid 2> /dev/null
        fi
        wait $pid 2> /dev/null
        case $? in
        0) break ;;
        3) isas=("${isas[0]}") ;;
        137) kills=$((kills + 1)) ;;
        *) break ;;
        esac
    done
    same k "$kills kills at random moments"
    left=$(ls k.* 2> /dev/null)
    [ -z "$left" ] && echo "ok repro nothing left behind" ||
        echo "FAIL repro left behind: $left"
}

# A signal in the middle: saved, and the status says which it was.
stopped() {
    for signal in INT TERM; do
        BY=exec one s --checkpoint-steps 5 < train.ts 2> /dev/null &
        pid=$!
        until [ -e s.checkpoint ]; do sleep 0.01; done
        kill -$signal $pid
        wait $pid
        status=$?
        case $signal-$status in
        INT-130|TERM-143) [ -s s.checkpoint ] &&
            echo "ok repro SIG$signal saves and leaves with $status" ||
            echo "FAIL repro SIG$signal left no checkpoint" ;;
        *) echo "FAIL repro SIG$signal ended with $status" ;;
        esac
        one s < train.ts
        same s "SIG$signal and on"
    done
}

# A pipe is fed from the start again, or from where it is needed.
piped() {
    rm -f base.*
    p="train --size 16 --steps 300 --bptt 12 --log-every 0"
    gentask copy --len 5 | $p --result base.json --save base.st > /dev/null \
        2>&1
    gentask copy --len 5 | head -c 40000 | $p --result p.json --save p.st \
        --checkpoint-steps 10 > /dev/null 2>&1
    cp p.checkpoint q.checkpoint
    gentask copy --len 5 | $p --result p.json --save p.st > p.out 2> p.err
    same p "a pipe from the start"
    gentask copy --len 5 --first 1 | $p --result q.json --save q.st \
        > q.out 2> q.err
    same q "a pipe from where it is needed"
}

began=$(date +%s%3N)
# Runs whose bytes stand in tests/golden.txt under the contract's number: a
# hash, and train's flags, with a file of golden_data.sh last where the data are
# not copy's.  Whoever changes a hash raises the number.
golden_hash() {
    case $1 in
    *.ts|*.jsonl) feed=() ;;
    *) feed=(--source 'gentask copy --len 5 --symbols 4 --serve') ;;
    esac
    rm -f fleet?.*
    train ${DEVICE:+--device "$DEVICE"} "${feed[@]}" --batch 70 --steps 6 \
        --size 17 --curve-every 2 --save g.st -q $1 2> g.err |
        jq -c 'del(.settings)' > g.json
    case $1 in
    *--fleet*)
        jq -c 'del(.settings)' fleet2.json > g.json
        mv fleet2.st g.st ;;
    esac 2>> g.err
    [ -s g.st ] && cat g.json g.st | sha256sum | cut -c1-16
    rm -f g.st
}

golden() {
    "$top/tests/golden_data.sh" || echo "FAIL repro: golden_data.sh"
    for isa in ${DEVICE:-sse2 avx2 avx512 neon}; do
        [ -n "${DEVICE-}" ] || export UNROLL_ISA=$isa
        train ${DEVICE:+--device "$DEVICE"} --steps 1 train.ts > g.out 2>&1
        if [ $? -eq 3 ]; then
            echo "skip repro golden runs with $isa: not on this machine"
            continue
        fi
        while read -r hash flags; do
            have=$(golden_hash "$flags")
            [ "$hash" = "$have" ] ||
                echo "FAIL repro golden with $isa: $flags: $(cat g.err)"
        done < "$top/tests/golden.txt" > golden.out
        cat golden.out
        [ -s golden.out ] || echo "ok repro golden runs with $isa"
    done
    unset UNROLL_ISA
}

# Write tests/golden.txt anew.
accept() {
    "$top/tests/golden_data.sh" || exit
    while read -r hash flags; do
        echo "$(golden_hash "$flags") $flags"
    done < "$top/tests/golden.txt" > golden.new
    mv golden.new "$top/tests/golden.txt"
}

one base < train.ts || { echo "FAIL repro: $(cat base.err)"; exit 1; }
took=$(($(date +%s%3N) - began))
if [ $# -gt 0 ]; then
    "$@"
else
    golden
    machine
    feeding
    killed 20
    stopped
    piped
fi
