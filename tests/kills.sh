#!/bin/bash
# kill -9 at random moments: of each program, of make with all it has started,
# of one of two makes on the same folders.  The same command again ends with
# the same files and leaves nothing behind.  KILLS=N of each kind (2).
. tests/judge.sh
n=${KILLS:-2}
export UNROLL_CELLS=$PWD/configs/cells
top=$PWD
mkdir -p "$WORK/one" "$WORK/c"

left_in() { find "$@" -name '*.part*' -o -name '*.lock' -o -name '*.err*' \
    -o -name '*.checkpoint*'; }
# a share of $1 milliseconds to sleep
moment() { awk -v t="$1" -v r=$RANDOM 'BEGIN { print t * r / 32768e3 }'; }
sums() { (cd "$1" && find . -type f ! -name '*.meta' | sort |
    xargs -r sha256sum); }

# ---- programs --------------------------------------------------------------

cd "$WORK/one" || exit 1
gentask copy --len 20 --batch 64 --count 4 > in.ts
train --size 8 --epochs 2 -q --result in.json --save in.st in.ts > /dev/null
cat > s.json <<'END'
{"name": "s", "base": {"size": 3}, "grid": {"cell": ["gru", "lstm"]},
 "seeds": 60, "template": "{cell}-{seed}"}
END
jq -cn '{id: "a", curve: {step: [range(90000)], loss: [range(90000)]}}' > curve
for i in $(seq 300); do
    jq -c ".id += \"$i\" | .test_loss = $i % 7" in.json
done > records.jsonl
rm -f in.meta

# program LABEL COMMAND: writes into the folder out
program() {
    local killed=0 t0 took
    mkdir out
    t0=$(date +%s%N)
    bash -c "$2" > /dev/null 2> "$WORK/out"
    took=$((($(date +%s%N) - t0) / 1000000))
    sums out > want
    for i in $(seq "$n"); do
        rm -rf out; mkdir out
        bash -c "exec $2" > /dev/null 2> "$WORK/out" &
        sleep "$(moment $took)"
        kill -9 $! && killed=$((killed + 1))
        wait $!
    done 2> /dev/null
    bash -c "$2" > /dev/null 2> "$WORK/out"
    judge "$1, killed $killed times" '[ -z "$(left_in out)" ] && [ -s want ] &&
        sums out | cmp -s - want'
    rm -rf out
}

program gentask 'gentask copy --len 50 --batch 64 --count 60 -o out/a.ts.gz'
program genconfigs 'genconfigs --dir out s.json -o out/list'
program aggregate 'aggregate --by id --metric test_loss --bootstrap 3000 \
    -o out/a records.jsonl'
program plot-prep 'plot-prep curves --y curve.loss -o out/a.tsv curve'
program eval 'env eval in.st in.ts --activations -o out/a'
program train 'train --size 24 --epochs 9 -q --result out/a.json \
    --save out/a.st --checkpoint-every 0 in.ts'
printf '%s\n' '{"seed":1,"size":8}' '{"seed":2,"size":8}' > list
program 'train --fleet' 'train --fleet list -q --result out --save out \
    --epochs 9 --checkpoint-every 0 in.ts'
cd "$top" || exit 1

# ---- sweeps ----------------------------------------------------------------

cat > "$WORK/c/copy.json" <<'END'
{"name": "copy",
 "base": {"size": 16, "task": {"name": "copy", "blanks": 1}, "batch": 20,
          "train_rows": 40, "val_rows": 10, "test_rows": 10, "epochs": 30},
 "grid": {"cell": ["lstm", "gru"], "task.len": [3]},
 "seeds": 2, "template": "{cell}-T{task.len}-s{seed}"}
END
sweep() {
    dir=$1; shift
    make -s R="$WORK/$dir" D="$WORK/$dir-data" C="$WORK/c" \
        copy.train='--batch 20 --count 2 --blanks 1' copy.plus=2 \
        copy.held='--batch 10 --count 1 --blanks 1' "$@"
}
# What depends on the time stands in side files, and in what is made of them.
numbers() { (cd "$WORK/$1" && find . -name '*.json' -o -name '*.safetensors' \
    -o -name longer.jsonl | sort | xargs sha256sum); }
# begin FOLDER: a make in a process group of its own
begin() {
    setsid bash -c "$(declare -f sweep); WORK='$WORK'
        sweep $1 -j2 results_copy" > /dev/null 2>&1 &
}

sweep want -j2 results_copy > "$WORK/out" 2>&1
t0=$(date +%s%N)
sweep a -j2 results_copy > "$WORK/out" 2>&1
took=$((($(date +%s%N) - t0) / 1000000))
numbers want > "$WORK/want.sums"
killed=0
{
    for i in $(seq "$n"); do
        rm -rf "$WORK/a" "$WORK/a-data"
        for k in 1 2 3; do
            begin a
            sleep "$(moment $took)"
            kill -9 -- -$! && killed=$((killed + 1))
            wait $!
        done
        sweep a -j2 results_copy > "$WORK/out" 2>&1
        numbers a | cmp -s - "$WORK/want.sums" || echo "other files"
        left_in "$WORK/a" "$WORK/a-data"
    done
} 2> /dev/null > "$WORK/bad"
judge "make, killed $killed times" '[ -s "$WORK/want.sums" ] &&
    [ ! -s "$WORK/bad" ] || { cat "$WORK/bad"; false; }'

killed=0
{
    for i in $(seq "$n"); do
        rm -rf "$WORK/a" "$WORK/a-data"
        begin a
        first=$!
        begin a
        sleep "$(moment $took)"
        kill -9 -- -$first && killed=$((killed + 1))
        wait $first
        wait $! || echo "the other make failed"
        sweep a -j2 results_copy > "$WORK/out" 2>&1
        numbers a | cmp -s - "$WORK/want.sums" || echo "other files"
        left_in "$WORK/a" "$WORK/a-data"
    done
} 2> /dev/null > "$WORK/bad"
judge "one of two makes, killed $killed times" '[ ! -s "$WORK/bad" ] ||
    { cat "$WORK/bad"; false; }'

# TERM to make alone: it hands it on, and all ends within seconds.
rm -rf "$WORK/a" "$WORK/a-data"
begin a
sleep "$(moment $((took / 2)))"
t0=$(date +%s%N)
kill -TERM "$(pgrep -g $! -x make | head -n 1)" 2> /dev/null
wait $!
took=$((($(date +%s%N) - t0) / 1000000))
judge "make, stopped in $took ms" '[ -z "$(find "$WORK/a" "$WORK/a-data" \
    -name "*.part*" -o -name "*.lock" -o -name "*.err.*" 2> /dev/null)" ]'
