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
objects=$PWD/$1 all=${INJECT-} seed=${SEED:-0}
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
 "grid": {"cell": ["gru", "lstm"], "task.len": [3, 4]},
 "exclude": [{"cell": "gru", "task": {"len": 4}}], "seeds": 2,
 "template": "{cell}-T{task.len}-{seed}"}
END
}
"$call" "$lib" write 0 EIO true 3> /dev/null
[ $? -ne 77 ] || { echo "skip inject: processes cannot be traced"; exit; }
(make_inputs) || { echo "FAIL inject: no inputs"; exit 1; }

# fresh FOLDER: an empty one, with what the case starts from.
fresh() {
    rm -rf "$1"
    mkdir "$1"
    [ -z "$start" ] || cp "in/$start" "$1/$start"
}

# once STDERR COMMAND...: in the folder run, standard output to ./out.
once() {
    local err=$1
    shift
    (cd run && exec timeout 30 "$@" < "$input" > ../out 2> "../$err")
}

# same: are the files and the output those of the run without a fault?
same() {
    cmp -s out want.out && diff -r -x '*.meta' run want > /dev/null
}

# What is left after a failure: NAME, only if it is whole, or a checkpoint.
leftover() {
    local f
    for f in $(cd run && find . -type f); do
        case $f in
        ./half|./*.checkpoint|./*.meta) ;;
        *) [ "$f" = "./$start" ] || cmp -s "run/$f" "want/$f" || echo "$f" ;;
        esac
    done
}

# judge KIND N STATUS WORDS...: what is wrong with the run just made.
judge() {
    local kind=$1 n=$2 status=$3 left
    shift 3
    # What cannot be removed, or be told to be ours, stays for the next run.
    case $kind in unlink|stat) rm -f run/*.lock ;; esac
    if [ "$status" -eq 0 ]; then
        rm -f run/*.checkpoint run/half
        same || echo "$kind $n: status 0 with other bytes"
        return
    fi
    if [ "$status" -gt 2 ]; then
        echo "$kind $n: status $status: $(head -c 200 err)"
    elif [ "$(wc -l < err)" -ne 1 ] && [ "$kind" != write ]; then
        echo "$kind $n: not one line: $(head -c 200 err)"
    elif [ "$kind" != write ] && ! grep -q "^$1: " err; then
        echo "$kind $n: not its line: $(head -c 200 err)"
    fi
    left=$(leftover)
    [ -z "$left" ] || echo "$kind $n: left $left"
    once err2 "$@" && same || echo "$kind $n: a second run differs"
}

# Which of C calls to let fail: all of them, or up to K.
picks() {
    if [ -n "$all" ] || [ "$1" -le "$2" ]; then
        seq 1 "$1"
    else
        awk -v c="$1" -v k="$2" -v s="$seed" 'BEGIN {
            for (i = 0; i < k; i++)
                print 1 + int((i + (s * 0.6180339887) % 1) * c / k) }'
    fi
}

# The errors that a group of calls is given.
errors() {
    case $1 in
    read) echo EIO EINTR short ;;
    write) echo ENOSPC EIO EINTR short ;;
    open) echo EMFILE EACCES ;;
    close|fsync|truncate) echo EIO ;;
    mkdir|rename) echo ENOSPC ;;
    flock|wait|poll) echo EINTR ;;
    mmap) echo ENOMEM ;;
    fork) echo EAGAIN ;;
    pipe) echo EMFILE ;;
    unlink|stat) echo EACCES ;;
    esac
}

try_alloc() {
    local c n
    fresh run
    once err env LD_PRELOAD="$lib" INJECT_COUNT="$PWD/count" "$@"
    c=$(cat count)
    for n in $(picks "$c" "${FEW:-24}"); do
        for after in '' +; do
            fresh run
            once err env LD_PRELOAD="$lib" INJECT_ALLOC="$n$after" "$@"
            judge alloc "$n$after" $? "$@"
            echo alloc >> runs
        done
    done
}

try_call() {
    local group=$1 error c n
    shift
    fresh run
    (cd run && "$call" "$lib" "$group" 0 EIO "$@" < "$input" > ../out \
        2> ../err 3> ../count)
    c=$(cat count)
    for error in $(errors "$group"); do
        for n in $(picks "$c" "${FEW:-2}"); do
            fresh run
            once err "$call" "$lib" "$group" "$n" "$error" "$@"
            judge "$group" "$n-$error" $? "$@" |
                sed 's/^\([a-z]*\) \([0-9]*\)-\([A-Za-z]*\):/\1 \3 \2:/'
            echo "$group" >> runs
        done
    done
}

# try NAME STDIN START COMMAND...
try() {
    local name=$1 found group
    input=$2 start=$3
    shift 3
    [ -z "${ONLY-}" ] || case $name in $ONLY) ;; *) return ;; esac
    fresh run
    once err "$@" || { echo "FAIL inject $name: $(cat err)"; return; }
    rm -rf want
    mv run want
    mv out want.out
    : > runs
    found=$(try_alloc "$@"
        for group in read write open close rename fsync unlink flock \
                truncate mkdir stat mmap wait poll fork pipe; do
            try_call "$group" "$@"
        done)
    if [ -z "$found" ]; then
        echo "ok inject $name: $(wc -l < runs) faults"
    else
        echo "FAIL inject $name: $(wc -l < runs) faults, of them bad:"
        echo "$found"
    fi
}

in=../in none=/dev/null

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
