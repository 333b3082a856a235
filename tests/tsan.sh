#!/bin/bash
# tsan.sh - several threads in one process, built with the thread sanitizer
# (make check-tsan): nets of every kind of layer, each window shape, fleets,
# workers and a stop.  A race it finds ends the program with status 66.
export TSAN_OPTIONS="halt_on_error=1 exitcode=66"
cells=$PWD/configs/cells
cd "${WORK:-$(mktemp -d)}" || exit 1

gentask copy --len 5 --batch 70 --count 3 > copy.ts
gentask copy --len 3 --batch 24 --count 3 > few.ts
printf '%s\n' '{"input":[1,2,0,1],"target":[0,1,2,1]}' \
    '{"input":[2],"target":[1]}' '{"input":[0,1],"target":[1,2]}' > short.jsonl

# try NAME COMMAND...: no race, and the same model as with one thread.
try() {
    name=$1
    shift
    "$@" --threads 1 --save one.st > /dev/null 2> err || cat err
    for n in 2 3 4; do
        "$@" --threads $n --save more.st > /dev/null 2> err
        status=$?
        if [ $status -ne 0 ] || ! cmp -s one.st more.st; then
            echo "FAIL tsan $name: $n threads, status $status"
            head -n 40 err
            return
        fi
    done
    echo "ok tsan $name"
}

small='-q --size 40 --steps 3'
for cell in gru lstm-torch mlstm gated ring irnn; do
    try "$cell" train $small --cell $cell copy.ts
done
try "windows" train $small --cell lstm --layers 2 --bptt 4 copy.ts
try "one step" train $small --cell gated --bptt 1 copy.ts
try "encoder and decoder" train $small --encoder embed:8 \
    --decoder perceptron:12 --cell rnn copy.ts
try "few rows" train -q --size 3 --steps 3 --cell gru few.ts
try "rows of different length" train -q --size 9 --epochs 3 --cell gru \
    short.jsonl
cat > drop.cell <<'END'
input x
state h = b0
at 2:
    h' = tanh(W x + b)
otherwise:
    h' = drop(tanh(U h + W x), 0.3)
end
output h'
END
try "cases, dropout, a learned start" train $small --cell ./drop.cell copy.ts

train -q --size 64 --epochs 100000 --threads 3 --checkpoint stop.checkpoint \
    copy.ts > /dev/null 2> err &
until [ -s stop.checkpoint ] || ! kill -0 $! 2> /dev/null; do
    sleep 0.2
    kill -TERM $! 2> /dev/null
done
wait $!
status=$?
[ $status -eq 143 ] && echo "ok tsan stop" || {
    echo "FAIL tsan stop: status $status"; head -n 40 err; }
