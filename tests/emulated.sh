#!/bin/bash
# Nets on a GPU that runs on the host (docs/cuda.md): models, results and what
# eval writes are those of the CPU, byte for byte; and random cells are those
# of the reference.  DEVICE=cuda asks a real GPU instead.
# Programs on PATH; $WORK is a scratch folder; N random cells of seed SEED.
set -u
: "${WORK:=$(mktemp -d)}"
top=$PWD
device=${DEVICE:-emulated}
export UNROLL_CELLS=$top/configs/cells
# Quick, but for the cases that go through threads in several orders.
export UNROLL_EMULATED=fast
cd "$WORK" || exit 1

gentask copy --len 4 --batch 5 --count 4 > copy.ts
gentask copy --len 3 --batch 70 --count 1 > rows.ts
gentask copy --len 4 --batch 5 --count 2 --split val > val.ts
gentask text --file "$top/README.md" --mode contiguous --history 9 --batch 4 \
    --count 12 > text.ts
# Rows of different length, with masks: of tokens, and of vectors.
awk 'BEGIN { srand(5); for (i = 0; i < 21; i++) { n = 3 + i % 5; a = b = c = ""
    for (t = 0; t < n; t++) { s = t ? "," : ""
        a = a s int(rand() * 6); b = b s (t < i % 3 ? "null" : i % 4)
        if (t >= i % 3) c = c (t > i % 3 ? "," : "") t }
    print "{\"input\":[" a "],\"target\":[" b "],\"scored\":[" c "]}" } }' \
    > ragged.jsonl
awk 'BEGIN { srand(5); for (i = 0; i < 21; i++) { n = 3 + i % 5; a = b = c = ""
    for (t = 0; t < n; t++) { s = t ? "," : ""
        a = a s "[" rand() "," rand() "]"
        b = b s (t < i % 3 ? "null" : "[" rand() "," rand() "," rand() "]")
        if (t >= i % 3) c = c (t > i % 3 ? "," : "") t }
    print "{\"input\":[" a "],\"target\":[" b "],\"scored\":[" c "]}" } }' \
    > vectors.jsonl

{ echo '{"input_size":6,"target_size":4,"continues":true,"batch":7}'
  cat ragged.jsonl; } > on.jsonl
# Infinite where there is no input; an adjoint that a matrix makes so small that
# it is trimmed; minus signs.
cat > pad.cell <<'CELL'
input  x
state  h
h' = tanh(W (0.1 / x) + U h + b)
output h'
CELL
cat > tiny.cell <<'CELL'
input  x
state  h = start
param  start
h' = 0.0002 * tanh(b - U h - W x)
output h'
init   U constant(0.001)
CELL
cat > minus.cell <<'CELL'
input  x
state  h
h' = tanh(b - W x - U h)
output h'
CELL
cat > late.jsonl <<'LINES'
{"input_size":4,"target_size":3}
{"input":[1,2,3,0,1],"target":[null,null,null,null,1],"scored":[4]}
LINES

# Everything that a cell can be made of: cases, a learned start, dropout, two
# states, vectors made of vectors, functions.
cat > rich.cell <<'CELL'
input  x
state  h = start, c
param  start
param  scale : h = 1
g  = sigmoid(Wg x + Ug h + bg)
n  = drop(tanh(Wn x + Un (g * h) + bn + bn), 0.2)
at 2:
    c' = gelu(n) + softplus(scale)
otherwise:
    c' = g * c + (1 - g) * erf(n) * square(scale)
end
h' = swish(c') + sin(h) * cos(n) - max(n, c') + log(exp(g) + 1)
output [h'; sqrt(abs(c') + 0.1)]
CELL

cat > over.cell <<'CELL'
input  x
state  h
a  = softmax(W x + U h + b)
n  = layernorm(cumsum(a) * sign(h) + cumprod(a, 2))
h' = tanh(n + V x) + amax(n, 2) - sum(a)
output h'
CELL

# same LABEL OPTION...: trained on both
same() {
    label=$1 bad=
    shift
    train -q "$@" --result a.json --save a.st > a.out 2> a.err ||
        bad="cpu: $(tail -n 1 a.err)"
    train -q --device "$device" "$@" --result b.json --save b.st > b.out \
        2> b.err || bad="$device: $(tail -n 1 b.err)"
    [ -z "$bad" ] && ! { cmp a.json b.json && cmp a.st b.st; } > diff 2>&1 &&
        bad=$(cat diff)
    [ -z "$bad" ] && echo "ok $device $label" ||
        echo "FAIL $device $label: $bad"
    rm -f a.json b.json
}

for f in "$top"/configs/cells/*.cell; do
    cell=$(basename "$f" .cell)
    if grep -qE '(cayley|householder)\(' "$f"; then
        train -q --device $device --cell "$cell" --size 6 --steps 1 copy.ts \
            > out 2> err
        [ $? -eq 3 ] && [ "$(wc -l < err)" = 1 ] && [ ! -s out ] &&
            grep -q 'are for the cpu$' err &&
            echo "skip $device $cell: matrices made of others run on the CPU" ||
            echo "FAIL $device $cell: $(cat err)"
        continue
    fi
    for bptt in 0 4 1; do
        same "$cell, windows of $bptt" --cell "$cell" --size 6 --steps 4 \
            --optimizer adam --lr 0.01 --bptt $bptt copy.ts
    done
done
for o in sgd "momentum --nesterov" momentum adagrad rmsprop adamw \
        "adagrad --epsilon-inside" "rmsprop --rmsprop-momentum 0.5" \
        "adam --clip-norm 0.05" "sgd --clip-element 0.002"; do
    same "$o" --cell lstm --size 6 --steps 5 --lr 0.02 --weight-decay 0.01 \
        --optimizer $o copy.ts
done
for bptt in 0 3 1; do
    same "everything in a cell, windows of $bptt" --cell ./rich.cell \
        --size 7 --steps 4 --bptt $bptt --layers 2 copy.ts
    same "vectors, windows of $bptt" --cell ./rich.cell --size 5 --steps 6 \
        --bptt $bptt --batch 8 --optimizer adam vectors.jsonl
    same "rows of different length, windows of $bptt" --cell gru --size 6 \
        --bptt $bptt --steps 5 --batch 8 ragged.jsonl
    same "padding that is infinite, windows of $bptt" --cell ./pad.cell \
        --size 4 --bptt $bptt --steps 6 --batch 8 vectors.jsonl
    same "short rows that continue, windows of $bptt" --cell gru --size 5 \
        --bptt $bptt --steps 7 on.jsonl
    same "rows that continue, windows of $bptt" --cell lstm --size 6 \
        --bptt $bptt --steps 6 text.ts
done
same "over units" --cell ./over.cell --size 6 --steps 5 copy.ts
same "squared errors summed" --cell mlstm --size 5 --steps 5 --batch 8 \
    --loss mse_sum vectors.jsonl
same "minus signs" --cell ./minus.cell --size 6 --steps 4 copy.ts
same "losses summed" --cell gru --size 5 --steps 5 \
    --loss cross_entropy_sum copy.ts
same "encoder and decoder" --cell gru,ring --size 5 --steps 5 \
    --encoder embed:7 --decoder perceptron:9,perceptron:8 copy.ts
same "more rows than a microbatch, tiles" --cell gated:70 --steps 2 rows.ts
same "no state at all" --cell perceptron --size 5 --steps 5 copy.ts
same "no head" --cell gru:6 --head rnn --steps 5 copy.ts
same "a run that diverges" --cell rnn:6 --lr 1000 --optimizer sgd --steps 50 \
    --options '{"relu":true}' copy.ts
grep -q diverged b.out || echo "FAIL $device: it does not diverge"
same "validation, the best weights" --cell gru --size 6 --epochs 3 \
    --batch 5 --validate-every 2 --lr 0.1 --val val.ts --test val.ts copy.ts
for order in ascending descending 1 2 3; do
    export UNROLL_EMULATED=$order
    same "lstm, threads in order $order" --cell lstm --size 6 --steps 2 \
        --bptt 4 --clip-norm 0.1 copy.ts
    same "everything in a cell, order $order" --cell ./rich.cell --size 5 \
        --steps 2 --batch 4 vectors.jsonl
    same "tiles and several CTAs, order $order" --cell gru:24 --steps 2 \
        --bptt 3 rows.ts
done
export UNROLL_EMULATED=fast

# From device to device in the middle of a run: streams that are cut off.
settings="--cell lstm --size 6 --optimizer adam --bptt 3 --validate-every 5"
train -q $settings --result a.json --save a.st < text.ts > a.out 2> a.err
size=$(wc -c < text.ts)
for part in "cpu 4" "$device 6" "cpu 8" "$device 10"; do
    head -c $((size / 12 * ${part#* })) text.ts | train -q $settings \
        --device "${part% *}" --result b.json --save b.st > b.out 2> b.err
    [ -f b.json ] && echo "FAIL $device: a cut stream is no whole run"
done
train -q $settings --result b.json --save b.st < text.ts > b.out 2> b.err
cmp a.json b.json && cmp a.st b.st && echo "ok $device from device to device" ||
    { echo "FAIL $device from device to device"; cat a.err b.err; }

# A fleet, whose nets are not all of one mind.
for lr in 0.01 0.02 1000 0.03; do
    echo "{\"lr\":$lr,\"seed\":1${lr#0.}}" > $lr.json
    echo "$lr.json f$lr.json f$lr.st"
done > list
for rule in "adam --cell ./rich.cell" \
        "sgd --cell rnn --options {\"relu\":true}"; do
    set -- --source "gentask copy --len 3 --serve" --batch 5 --steps 15 \
        --bptt 4 --size 5 --optimizer $rule
    train -q "$@" --fleet list --device "$device" > b.out 2> b.err ||
        cat b.err
    rm -f a.json
    for lr in 0.01 0.02 1000 0.03; do
        train -q "$@" -c $lr.json --result a.json --save a.st > a.out 2> a.err
        cmp a.json f$lr.json && cmp a.st f$lr.st &&
            echo "ok $device fleet of $rule, $lr" ||
            { echo "FAIL $device fleet of $rule, $lr"; cat a.err b.err; }
        [[ $lr$rule != 1000sgd* ]] || grep -q diverged a.json ||
            echo "FAIL $device fleet: none diverges"
        rm -f a.json f$lr.json
    done
done

train -q --cell ./tiny.cell --size 5 --gradient a.g late.jsonl > a.out 2>&1
train -q --cell ./tiny.cell --size 5 --gradient b.g --device "$device" \
    late.jsonl > b.out 2>&1
cmp a.g b.g && echo "ok $device tiny adjoints" ||
    { echo "FAIL $device tiny adjoints"; cat a.out b.out; }

# What eval says of a model.
train -q --cell gru --size 6 --save a.st text.ts > a.out 2>&1
for what in "" --probs --activations "--sample 20" "--tensors --probs" \
        "--sample 9 --temperature 0"; do
    env eval $what --seed 3 a.st $([[ $what = --sample* ]] || echo text.ts) \
        > a.out 2> a.err
    env eval $what --seed 3 --device "$device" a.st \
        $([[ $what = --sample* ]] || echo text.ts) > b.out 2> b.err
    cmp a.out b.out && [ -s a.out ] && echo "ok $device eval $what" ||
        { echo "FAIL $device eval $what"; head -n 1 a.err b.err; }
done

# Where there is no GPU: a line, and nothing written.
train -q --device cuda --steps 1 --result c.json copy.ts > c.out 2> c.err
case $? in
0) echo "ok $device: there is a GPU" ;;
3) [ "$(grep -c '^train: .*use cpu$' c.err)" = "$(wc -l < c.err)" ] &&
    [ ! -e c.json ] && echo "ok $device: there is no GPU" ||
    { echo "FAIL $device: no GPU"; cat c.err; } ;;
*) echo "FAIL $device: no GPU"; cat c.err ;;
esac

# A device with too little memory says what would fit.
if [ "$device" = emulated ]; then
    small() { UNROLL_EMULATED_MEMORY=300000 train -q --device emulated \
        --cell lstm:20 --steps 2 "$@" rows.ts > c.out 2> c.err; }
    small
    status=$? said=$(cat c.err)
    fits=$(sed -n 's/.*--bptt \([0-9]*\) would fit$/\1/p' c.err)
    small --bptt "${fits:-0}" && [ $status -eq 3 ] &&
        echo "ok $device: $said" | sed 's/train: //' ||
        { echo "FAIL $device: too little memory"; echo "$said"; cat c.err; }
fi

cd "$top" && N=${N:-12} DEVICE=$device WORK=$WORK/random tests/random.sh
