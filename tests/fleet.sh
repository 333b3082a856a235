#!/bin/bash
# Nets of a fleet come out, to the byte, as when each is trained alone: for
# cells, sizes, optimizers, data and instruction sets, when one diverges, stops
# early or is ahead of the others, and when the fleet is killed.
# Programs on PATH; $WORK is a scratch folder.
set -u
: "${WORK:=$(mktemp -d)}"
export UNROLL_CELLS=$PWD/configs/cells
cd "$WORK" || exit 1

grid="gentask grid --batch 1 --serve"
gentask copy --len 4 --batch 20 --count 4 > train.ts
gentask copy --len 4 --batch 20 --count 2 --split val > val.ts
awk 'BEGIN { srand(5); for (i = 0; i < 90; i++) { printf "{\"input\":["
    for (t = 0; t < 7; t++) printf "%s[%.3f,%.3f]", t ? "," : "", rand(), rand()
    printf "],\"target\":[%.3f,%.3f]}\n", rand(), rand() } }' > vectors.jsonl

# members JSON...: configs 1.json ..., each of which gets a seed, and a list
members() {
    rm -f ./*.json list
    n=0
    for m; do
        n=$((n + 1))
        jq -c --argjson s $n '{seed: $s} + .' <<< "$m" > $n.json
        echo "$n.json f$n.json f$n.st" >> list
    done
}

# alike LABEL OPTION...: trained as a fleet, then alone with the best kernels;
# with apart=1 some are not to go with the others
alike() {
    label=$1
    shift
    train --log-every 0 --fleet list "$@" > fleet.out 2> fleet.err ||
        { echo "FAIL fleet $label: $(tail -n 1 fleet.err)"; return; }
    if [ -z "${apart-}" ] && grep -q 'trained alone' fleet.err; then
        echo "FAIL fleet $label: $(grep -m 1 'trained alone' fleet.err)"
        return
    fi
    check "$label" "$@"
}

check() {
    label=$1 bad=
    shift
    for ((i = 1; i <= n; i++)); do
        UNROLL_ISA= train -q -c $i.json "$@" --result a.json --save a.st \
            > a.out 2> a.err || bad="$bad $(tail -n 1 a.err)"
        cmp a.json f$i.json 2>&1 && cmp a.st f$i.st 2>&1 || bad="$bad $i"
        grep -qxF "$(cat a.json)" fleet.out || bad="$bad $i's line"
        rm -f a.*
    done
    [ -z "$bad$(ls ./*.checkpoint* 2> /dev/null)" ] &&
        echo "ok fleet $label" || echo "FAIL fleet $label:$bad"
    rm -f f*.json f*.st f*.meta
}

# five JSON: the first of five that differ in all that may differ.
five() {
    members "$@" '{"lr":0.01}' '{"clip_element":0.001,"lr":0.02}' \
        '{"clip_norm":0.5,"warmup":9}' \
        '{"schedule":"cosine","lr":0.05,"lr_end":0.01,"weight_decay":0.01}'
}

five '{"options":{"init_scale":0.5},"scaling":-2}'
apart=1 alike "rates by hidden units" --source 'gentask copy --len 2 --serve' \
    --batch 9 --cell power --size 5 --head readout --optimizer per_neuron \
    --steps 30
five '{"scaling":-2,"adam_rate":2}'
alike "rates by hidden units and adam" --batch 9 --cell quadratic --size 5 \
    --source 'gentask copy --len 2 --serve' --optimizer hybrid --steps 30

for cell in rnn lstm gru; do
    for size in 2 10 17; do
        case $size in
        2) o=adagrad ;; 10) o=adam ;; 17) o=rmsprop ;;
        esac
        five '{"epsilon":0.001,"epsilon_inside":true}'
        alike "$cell of $size, $o" --source "$grid" --cell $cell \
            --size $size --optimizer $o --bptt 12 --steps 120 \
            --loss cross_entropy_sum --curve-every 7
    done
done
for o in sgd "momentum --nesterov" momentum "rmsprop --rmsprop-momentum 0.5" \
        adamw; do
    five '{"momentum":0.5,"alpha":0.9,"beta1":0.8,"beta2":0.99}'
    alike "several rows, $o" --source 'gentask copy --len 4 --serve' \
        --batch 70 --cell mgru --size 5 --layers 2 --steps 20 --bptt 9 \
        --optimizer $o
done
for isa in sse2 avx2 avx512 neon; do
    five '{"average":0.5}'
    UNROLL_ISA=$isa train --steps 1 train.ts > /dev/null 2>&1
    if [ $? -eq 3 ]; then
        echo "skip fleet $isa: not on this machine"
        continue
    fi
    UNROLL_ISA=$isa alike $isa --source "$grid" --cell lstm --size 10 \
        --bptt 12 --steps 60 --threads 2
done

cat > relu.cell <<'CELL'
input  x
state  h
h' = relu(W x + U h + b)
output h'
CELL
members '{"lr":0.01}' '{"lr":100}' '{"lr":90}' '{"lr":0.02}'
train -q --fleet list --source "$grid" --cell ./relu.cell --size 5 --steps 80 \
    --optimizer sgd --loss cross_entropy_sum > fleet.out 2> fleet.err
grep -q '"diverged"' f2.json && grep -q '"done"' f4.json ||
    echo "FAIL fleet: nobody diverges"
check "some diverge, others go on" --source "$grid" --cell ./relu.cell \
    --size 5 --steps 80 --optimizer sgd --loss cross_entropy_sum
members '{"lr":0.1}' '{"lr":0.02,"patience":2}' '{"epochs":3}' \
    '{"validate_every":5,"select":"last"}' '{"steps":11}'
for i in 1 2 3 4 5; do    # the order of a stored set is the seed's
    jq -c '.seed = 4' $i.json > x && mv x $i.json
done
alike "a stored set, validation" --cell gru --size 6 --batch 16 --val val.ts \
    --epochs 5 train.ts
members '{"lr":0.1}' '{"lr":0.02}' '{"epochs":3}'
for i in 1 2 3; do
    jq -c '.seed = 4' $i.json > x && mv x $i.json
done
alike "vectors" --cell gru --size 6 --batch 16 --epochs 5 vectors.jsonl
members '{}' '{"lr":0.01}' '{"lr":0.02}'
apart=1 alike "seeds that give orders of their own" --size 4 --batch 16 \
    --epochs 2 train.ts
members '{"size":3}' '{"size":3,"lr":0.1}' '{}' '{"head":"linear","lr":0.1}'
alike "other nets in the list" --size 4 --source "$grid" --steps 30
members $(for i in $(seq 19); do echo "{\"lr\":0.0$i}"; done)
alike "more than 16" --size 4 --source "$grid" --steps 30
members '{"lr":0.1}' '{"lr":0.2}' '{"lr":0.3}'
gentask grid --batch 1 | train -q --fleet list --size 5 --steps 40 \
    --bptt 7 > fleet.out 2> fleet.err
check "a pipe" --source "$grid" --size 5 --steps 40 --bptt 7

# Killed at random moments, checkpoints at every update: the nets are found at
# different places, and one of them has been on its own meanwhile.
killed() {
    set -- --source "$grid" --cell gru --size 5 --bptt 5 --steps 400 \
        --optimizer adam --curve-every 3
    members '{"lr":0.1}' '{"lr":0.01}' '{"lr":0.02,"steps":150}' '{"seed":9}'
    for kill in 1 2 3 4 5 6 7 8; do
        train -q --fleet list "$@" --checkpoint-every 0.001 > fleet.out \
            2> fleet.err &
        pid=$!
        sleep 0.0$((RANDOM % 9 + 1))
        kill -KILL $pid 2> /dev/null
        wait $pid 2> /dev/null
        [ $kill -eq 4 ] && timeout -s KILL 0.1 train -q -c 4.json "$@" \
            --result f4.json --save f4.st --checkpoint-every 0.001 \
            > /dev/null 2>&1
    done
    train -q --fleet list "$@" --checkpoint-every 0.01 > fleet.out \
        2> fleet.err &
    pid=$!
    sleep 0.1
    kill -INT $pid 2> /dev/null
    wait $pid
    case $? in
    0|130) ;;
    *) echo "FAIL fleet: SIGINT: $(tail -n 1 fleet.err)" ;;
    esac
    alike "killed and resumed" "$@"
}
{ killed; } 2> /dev/null
