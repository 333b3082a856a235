#!/bin/bash
# inject.sh OBJECTS - one call of a small run fails, on purpose.
#
# Each allocation, and each system call of the groups in tests/inject/call.c,
# fails once in a run of its own: with INJECT=all every one of them, else a
# sample that SEED (a number) moves.  What must hold: status 0 only with the
# bytes of the run in which nothing fails; else status 1 (2 while options are
# read) and one line on standard error; no signal; files whole or not there,
# nothing left behind; and the same command, run again without a fault, comes
# to the same files.
[ -z "${FAST-}" ] || exit 0
objects=$PWD/$1
WORK=${WORK:-$(mktemp -d)}
lib=$objects/tests/inject/malloc.so call=$objects/tests/inject/call
export UNROLL_CELLS=$PWD/configs/cells LC_ALL=C

cd "$WORK" || exit 1
mkdir in
make_inputs() {
    set -e
    cd in
    gentask copy --len 3 --blanks 1 --batch 4 --count 2 > a.ts
    gentask copy --len 3 --blanks 1 --batch 4 --count 1 --split val -o v.ts.gz
    gentask copy --len 3 --blanks 1 --batch 4 --count 1 --json > a.jsonl
    train --size 3 --epochs 2 --val v.ts.gz --result a.json --save a.model \
        -q a.ts > /dev/null
    jq .settings a.json > a.config
    train --size 3 --epochs 1 --seed 2 --val v.ts.gz --result b.json -q a.ts \
        > /dev/null
    # Half a run: it dies at a checkpoint, and the one before it stays.
    "$call" "$lib" fsync 5 EIO train --size 3 --epochs 6 --checkpoint-every 0 \
        --checkpoint half -q a.ts > /dev/null 2>&1 || [ $? -eq 1 ]
    [ -s half ]
    echo '{"size":3,"epochs":1,"lr":0.01}' > c1.json
    echo '{"size":3,"epochs":1,"lr":0.02,"seed":7}' > c2.json
    printf '../in/c1.json r1.json m1\n../in/c2.json r2.json\n' > fleet
    printf '{"first":0,"count":1}\n{"first":4,"count":2,"batch":3}\n' > ask
    printf 'S -> aSb | ba; # lines\nT -> a' > rules
    printf '0 1 2\n1 2 0\n2 0 1\n' > three.group
    head -c 3000 "$UNROLL_CELLS/lstm.cell" > text
    cat > sweep.json <<'END'
{"name": "x", "base": {"size": 3, "task": {"name": "copy"}},
 "grid": {"cell": ["elman"], "task.len": [3, 4]},
 "exclude": [{"task": {"len": 4}}], "seeds": 2,
 "order": {"factors": {"t": "seed"}, "parts": [{"words": ["t"]}]},
 "template": "{cell}-T{task.len}-{seed}"}
END
}
"$call" "$lib" write 0 EIO true 3> /dev/null
[ $? -ne 77 ] || { echo "skip inject: processes cannot be traced"; exit; }
(make_inputs) || { echo "FAIL inject: no inputs"; exit 1; }

# try NAME STDIN START COMMAND...: tests/inject/try.c
try() {
    local name=$1
    [ -z "${ONLY-}" ] || case $name in $ONLY) ;; *) return ;; esac
    "$objects/tests/inject/try" "$name" "$lib" "$call" "${@:2}" ||
        [ $? -le 1 ] || echo "FAIL inject $name: could not be tried"
}

in=../in none=/dev/null

# What is wrong is seen: files that are half there, status 0 all the same, what
# trips over what it left.
finds() {
    local words=$1
    shift
    INJECT='' ONLY='*' try finds "$@" > found
    if grep -q "$words" found; then
        echo "ok inject: it sees '$words'"
    else
        echo "FAIL inject: it does not see '$words': $(cat found)"
    fi
}
finds 'left o' $in/a.ts '' tee o
finds 'status 0 with other bytes' $none '' bash -c 'printf abc > o; exit 0'
finds 'a second run differs' $none '' bash -c '[ ! -e o ] || echo again
    printf abc > o && rm o'

try gentask $none '' gentask copy --len 3 --batch 4 --count 2 -o o.ts.gz
try gentask-pipe $none '' gentask copy --len 3 --batch 4 --count 2
try gentask-json $none '' gentask copy --len 3 --batch 4 --count 2 --json \
    -o o.gz
try gentask-serve $in/ask '' gentask copy --len 3 --batch 4 --serve
try gentask-grammar $none '' gentask grammar --file $in/rules --count 1
try gentask-compose $none '' gentask compose --group $in/three.group --count 1 \
    --batch 2 --template spectrum --powers '0 2'
try gentask-text $none '' gentask text --file $in/text --count 1 --batch 2 \
    --history 20 --bpe 260 --vocabulary v
try gentask-config $none '' gentask --config $in/a.config --count 1
try train $in/a.ts '' train -q --size 3 --epochs 2 --val $in/v.ts.gz \
    --result r.json --save m --checkpoint-every 0
try train-log $in/a.ts '' train --size 3 --steps 2 --log-every 1 --quiet
try train-lines $none '' train -q --size 3 --epochs 1 $in/a.jsonl -r r.json
try train-resume $none half train -q --size 3 --epochs 6 \
    --checkpoint half $in/a.ts
try train-fleet $none '' train -q --fleet $in/fleet --checkpoint-every 0 \
    $in/a.ts
try train-init $in/a.ts '' train -q --size 3 --epochs 1 --init $in/a.model
try train-outputs $in/a.ts '' train -q --size 3 --epochs 1 --val $in/v.ts.gz \
    --outputs o --result r.json
try train-gradient $in/a.ts '' train --size 3 --steps 2 --gradient g
try train-explain $in/a.ts '' train --size 3 --steps 2 --explain
try train-dry-run $in/a.ts '' train --size 3 --steps 2 --dry-run
try train-threads $in/a.ts '' train -q --size 3 --steps 2 --threads 2
try train-source $none '' train -q --size 3 --steps 2 --source \
    'gentask copy --len 3 --batch 4 --serve'
try eval $in/a.ts '' eval $in/a.model
try eval-probs $in/a.ts '' eval --probs $in/a.model -o o
try eval-activations $in/a.ts '' eval --activations --tensors $in/a.model -o o
try eval-sample $none '' eval --sample 5 $in/a.model
try eval-weights $none '' eval --weights $in/a.model
try eval-oracle $none '' eval --oracle --source \
    'gentask grammar --serve --batch 2' --rows 2 grammar
try genconfigs $none '' genconfigs --dir d $in/sweep.json -o runs.mk
try genconfigs-names $in/sweep.json '' genconfigs --names
try genconfigs-merge $in/sweep.json '' genconfigs
try aggregate $none '' aggregate --by settings.size --metric \
    val_loss,loss --bootstrap 10 -o o $in/a.json $in/b.json
try aggregate-markdown $none '' aggregate --by seed --metric loss --markdown \
    $in/a.json $in/b.json
try aggregate-top $in/a.json '' aggregate --top 50% --metric val_loss
try plot-prep $none '' plot-prep curves --y curve.loss $in/a.json -o o.tsv
try plot-prep-lines $none '' plot-prep lines --x seed --y loss $in/a.json \
    $in/b.json
