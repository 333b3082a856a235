#!/bin/bash
# TERM, INT and HUP at every kind of wait and of long work: the program ends
# within two seconds with 128 + the signal's number, and nothing stays behind
# but a checkpoint.  Then what train saves, and disks and files that are full.
# Programs on PATH; $WORK is a scratch folder.
set -u
: "${WORK:=$(mktemp -d)}"
cells=$PWD/configs/cells
export UNROLL_CELLS=$cells
cd "$WORK" || exit 1

# ---- what the programs work on ---------------------------------------------

gentask copy --len 3 --batch 4 --count 6 > in.ts
train --size 4 --epochs 1 -q --result in.json --save in.st in.ts > /dev/null
gentask copy --len 3 --batch 4 | head -c 3000 > cut.ts
gentask copy --len 3 --batch 4 --count 99 | head -c 3000 > cut-set.ts
echo '{"first":0,"count":1}' > request
jq -cn '{id: "a", curve: {step: [range(9000)], loss: [range(9000)]}}' > curve
head -c 8000000 /dev/urandom > noise
echo '{"name":"s","base":{"size":3},"grid":{"cell":["gru","lstm"]},' \
    '"seeds":2,"template":"{cell}-{seed}"}' > s.json
sed 's/"seeds":2/"seeds":20000/' s.json > many.json
for i in $(seq 200); do cat in.json; done | jq -c "
    .id += \"\(input_line_number)\" | .test_loss = (input_line_number % 7)
    " > records.jsonl
gentask copy --len 500 --batch 64 --count 20 > long.ts
{ printf '{"input":['; head -c 60000000 /dev/zero | tr '\0' '1' |
    sed 's/1/1,/g'; } > line.jsonl 2> /dev/null &
making=$!

# ---- one case --------------------------------------------------------------

# Milliseconds from a signal to the end of process $1, and its status.
end_of() {
    local t0 t1
    t0=$(date +%s%N)
    kill -s "$2" "$1"
    wait "$1" 2> /dev/null
    status=$?
    t1=$(date +%s%N)
    took=$(((t1 - t0) / 1000000))
}

# What a signal must not leave in the case's folder.
left_in() { find "$1" -name '*.part.*' -o -name '*.lock'; }

# ends LABEL COMMAND: run by bash in a folder of its own, where all is that
# was made above.  In it `prog` starts the program, `stalled FILE` gives FILE
# and then nothing, `full` is a pipe that nobody reads, `fifo` one without
# another side.
number=0
ends() {
    local label=$1 command=$2 box signal
    number=$((number + 1))
    box=$WORK/case$number
    set -- INT TERM HUP
    shift $((number % 3))
    signal=$1
    mkdir "$box"
    {
        try "$label" "$command" "$box" "$signal" ||
            { rm -rf "$box"; mkdir "$box"
              try "$label" "$command" "$box" "$signal"; }
        cat "$box.said"
    } &
    # two at a time: each has to show that it ends in time
    while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n; done
}

try() {
    local pid
    cd "$3" || return 1
    ln -s ../in.ts ../in.st ../in.json ../cut.ts ../noise ../s.json \
        ../many.json ../records.jsonl ../long.ts ../line.jsonl ../cut-set.ts \
        ../request .
    mkfifo fifo full slow
    exec 7<> full 8<> slow
    stalled() { cat "$1" >&8; }
    prog() { exec env --default-signal=INT,HUP,TERM "$@"; }
    case $2 in
    *serve*'< slow'*) stalled request & ;;
    eval*'< slow'*) stalled cut-set.ts & ;;
    *'< slow'*) stalled cut.ts & ;;
    esac
    (eval "prog $2") 7>&- 8>&- 2> err & pid=$!
    sleep 0.6
    if ! kill -0 $pid 2> /dev/null; then
        echo "FAIL stops: $1: it did not wait: $(head -n 3 err)" > "$3.said"
        exec 7>&- 8>&-
        return 1
    fi
    end_of $pid "$4"
    exec 7>&- 8>&-
    local want=$((128 + $(kill -l "$4")))
    if [ "$status" -eq $want ] && [ "$took" -lt 2000 ] &&
            [ -z "$(left_in .)" ]; then
        echo "ok stops: $1" > "$3.said"
        return 0
    fi
    { echo "FAIL stops: $1: $4: status $status after $took ms"
      left_in .; head -n 3 err; } > "$3.said"
    return 1
}

ends 'gentask, a reader that stalls' 'gentask copy --len 50 > full'
ends 'gentask, a FIFO to write' 'gentask copy --count 1 -o fifo'
ends 'gentask, a FIFO to read' 'gentask --config fifo'
ends 'gentask, an endless file' 'gentask text --file /dev/urandom --count 1'
ends 'gentask, requests' 'gentask copy --serve < slow > full'
ends 'gentask, an endless pass' 'gentask copy --len 50 -o out.ts.gz'
ends 'gentask, entropies' 'gentask text --file noise --entropy 5'
ends 'gentask, byte pairs' 'gentask text --file noise --bpe 3000 \
    --vocabulary v.json --count 1 -o out.ts'
ends 'genconfigs, a FIFO to read' 'genconfigs fifo'
ends 'genconfigs, standard input' 'genconfigs < slow'
ends 'genconfigs, a FIFO to write' 'genconfigs s.json -o fifo'
ends 'genconfigs, a reader that stalls' 'genconfigs many.json > full'
ends 'genconfigs, many files' 'genconfigs --dir d many.json -o list'
ends 'aggregate, a FIFO to read' 'aggregate --by id --metric loss fifo'
ends 'aggregate, standard input' 'aggregate --by id --metric loss < slow'
ends 'aggregate, a FIFO to write' 'aggregate --by id --metric loss -o fifo \
    in.json'
ends 'aggregate, a bootstrap' 'aggregate --by size --metric test_loss \
    --bootstrap 1000000 -o out records.jsonl'
ends 'plot-prep, a FIFO to read' 'plot-prep curves --y curve.loss fifo'
ends 'plot-prep, standard input' 'plot-prep curves --y curve.loss < slow'
ends 'plot-prep, a FIFO to write' 'plot-prep curves --y curve.loss -o fifo \
    in.json'
ends 'eval, a model from a FIFO' 'eval fifo in.ts'
ends 'eval, a stream from a FIFO' 'eval in.st fifo'
ends 'eval, a record that stalls' 'eval in.st < slow'
ends 'eval, a FIFO to write' 'eval in.st in.ts -o fifo'
ends 'eval, a reader that stalls' 'eval in.st long.ts --probs > full'

small='--size 4 -q --result out.json'
ends 'train, a record that stalls' "train $small < slow"
ends 'train, a stream from a FIFO' "train $small fifo"
ends 'train, --val from a FIFO' "train $small --val fifo in.ts"
ends 'train, --init from a FIFO' "train $small --init fifo in.ts"
ends 'train, --init without an end' "train $small --init /dev/zero in.ts"
ends 'train, --config from a FIFO' "train $small --config fifo in.ts"
ends 'train, a list from a FIFO' "train --fleet fifo in.ts"
ends 'train, a cell from a FIFO' "train $small --cell ./fifo in.ts"
ends 'train, log lines that nobody reads' "train --size 4 --log-every 1 \
    --result out.json     --epochs 100000 in.ts > full"
ends 'train, messages that nobody reads' "train --size 4 --steps 10000000 \
    --log-every 0 --source 'yes >&2' > /dev/null 2> full"
ends 'train, a FIFO to save in' "train $small --epochs 1 --save fifo in.ts"
ends 'train, a FIFO for the result' "train --size 4 --epochs 1 \
    --result fifo in.ts > /dev/null"
ends 'train, a source that says nothing' "train $small --source 'sleep 50'"
ends 'train, a source that stalls' "train $small --steps 10000000 \
    --source 'cat cut.ts; sleep 51'"
ends 'train, a source that lingers' "train $small --set train_rows=4 \
    --epochs 10000000 --source 'gentask copy --len 2 --batch 2 --serve
    sleep 52'"
ends 'train, a source that will not end' "train $small --source \
    'trap \"\" TERM; while :; do sleep 53; done'"
ends 'train, a first long update' "train --size 256 --result out.json \
    --set batch=64 long.ts"
ends 'train, a long evaluation' "train --size 128 -q --result out.json \
    --val long.ts --epochs 1 in.ts"
ends 'train, two runs side by side' "train --fleet - --steps 100000000 \
    --source 'gentask copy --len 3 --serve' --result . <<< \
    \$'{\"size\":4,\"seed\":1}\n{\"size\":4,\"seed\":2}'"
wait $making
ends 'train, a line of 120 MB' "train $small line.jsonl"
(
    flock 9
    ends 'train, a lock that another holds' "train --size 4 --result \
        ../locked.json in.ts"
    wait
) 9> locked.checkpoint.lock
rm -f locked.checkpoint.lock
wait
pgrep -f 'sleep 5[0-3]$' > orphans && echo "FAIL stops: sources left behind" ||
    echo "ok stops: no source is left behind"
rm -rf case*

# ---- what train saves ------------------------------------------------------

report() {
    if eval "$2"; then
        echo "ok stops: $1"
    else
        echo "FAIL stops: $1"
        tail -n 3 err
    fi
}

# A source that lingers after it has given all does not hold up the end.
t0=$SECONDS
train --size 4 --epochs 1 -q --result out.json --set train_rows=8 --source \
    'gentask copy --len 2 --batch 2 --serve; sleep 54' > /dev/null 2> err
report 'a source that lingers does not hold up the end' \
    '[ $? -eq 0 ] && [ $((SECONDS - t0)) -lt 10 ] && ! pgrep -f "sleep 5[4]$"'
rm -f out.*

# Windows that take long, with states carried from one to the next: the one
# under way is given up, and the run that goes on from there is the same.
gentask copy --len 3500 --batch 96 --count 1 > rows.ts
windows="train --size 48 --epochs 1 --bptt 1800 --checkpoint-every 1e9 -q"
t0=$(date +%s%N)
$windows --result a.json --save a.st rows.ts > /dev/null 2> err
whole=$((($(date +%s%N) - t0) / 1000000))
echo '{"seed":3}' > one.json
echo '{"seed":4}' > two.json
printf '%s\n' 'one.json f1.json f1.st' 'two.json f2.json f2.st' > list
t0=$(date +%s%N)
$windows --fleet list rows.ts > /dev/null 2> err
fleet=$((($(date +%s%N) - t0) / 1000000))
for f in f1.json f1.st f2.json f2.st; do mv $f want.$f; done

# stopped SIGNAL CHECKPOINT FILES COMMAND...: three times, some way into the
# second window, which its checkpoint tells; then to the end, and the FILES are
# those of a run that nobody stopped
slowest=0
stopped() {
    local signal=$1 checkpoint=$2 files=$3 share pid
    shift 3
    stops=0 same=0
    for share in 2 8 14; do
        rm -f $files "$checkpoint"
        env --default-signal=INT,HUP,TERM "$@" --checkpoint-steps 1 \
            > /dev/null 2> err &
        pid=$!
        until [ -s "$checkpoint" ] || ! kill -0 $pid 2> /dev/null; do
            sleep 0.01
        done
        sleep "$(awk -v t=$whole -v s=$share 'BEGIN { print t * s / 1e5 }')"
        end_of $pid "$signal" 2> /dev/null
        [ "$status" -gt 128 ] && stops=$((stops + 1)) &&
            [ "$took" -gt $slowest ] && slowest=$took
        "$@" > /dev/null 2> err
        for f in $files; do cmp "$f" "want.$f" && same=$((same + 1)); done
    done
}

mv a.json want.b.json
mv a.st want.b.st
stopped TERM b.checkpoint 'b.json b.st' $windows --result b.json --save b.st \
    rows.ts
report "long windows given up in $slowest ms, and done again" \
    '[ $stops -gt 0 ] && [ $slowest -lt 2000 ] && [ $same -eq 6 ] &&
    [ ! -e b.checkpoint ]'
whole=$fleet
stopped HUP f1.checkpoint 'f1.json f1.st f2.json f2.st' $windows --fleet list \
    rows.ts
report 'the same side by side' '[ $stops -gt 0 ] && [ $slowest -lt 2000 ] &&
    [ $same -eq 12 ] && [ ! -e f1.checkpoint ] && [ ! -e f2.checkpoint.lock ]'

# The state saved is that of the last update that was finished.
gentask copy --len 3 --batch 4 | {
    head -c 20000
    sleep 3
} | env --default-signal=HUP train --size 4 --steps 100000 --log-every 1 \
    --result c.json 2> err > c.log &
sleep 1.2
kill -HUP "$(pgrep -f -n 'result c.json')"
wait
report 'every finished update is saved' '[ -s c.checkpoint ] &&
    [ "$(tail -n 1 c.log | jq .step)" = "$(sed -n \
        "s/.*stopped after \([0-9]*\) updates.*/\1/p" err)" ]'

# ---- nothing but files of ours ---------------------------------------------

mkfifo pipe
echo precious > precious
train --size 4 --epochs 1 -q --checkpoint pipe in.ts > /dev/null 2> err
report 'a FIFO is no place for a checkpoint, and stays' '[ $? -eq 1 ] &&
    [ -p pipe ] && [ ! -e pipe.lock ]'
train --size 4 --epochs 1 -q --checkpoint /dev/null in.ts > /dev/null 2> err
report '--checkpoint /dev/null keeps none' '[ $? -eq 0 ] && [ -c /dev/null ] &&
    [ ! -e /dev/null.lock ]'
train --size 4 --epochs 1 -q --result in.json --save in.st \
    --checkpoint precious in.ts > /dev/null 2> err
report 'a finished run removes no file but a checkpoint of its own' \
    '[ "$(cat precious)" = precious ]'
cat pipe > got &
train --size 4 --epochs 1 -q --result pipe in.ts > /dev/null 2> err
wait
report 'a result into a FIFO has nothing beside it' '[ -p pipe ] &&
    jq -e .id got > /dev/null && [ -z "$(ls pipe.* pipe?* 2> /dev/null)" ]'
train --size 4 --epochs 1 -q --result /dev/full in.ts > /dev/null 2> err
report 'nor into a device' '[ $? -eq 1 ] && grep -q "No space left" err &&
    [ -z "$(ls /dev/full?* 2> /dev/null)" ]'

# ---- no room ---------------------------------------------------------------

# full LABEL: each program where it cannot write: one line, status 1, no file
full() {
    label=$1 bad=
    for c in 'gentask copy --len 99 --count 9 -o x.ts' \
            'gentask copy --len 99 --count 99 -o x.ts.gz' \
            'genconfigs -o x.mk many.json' \
            'aggregate -o x records.jsonl --metric test_loss --by id' \
            'plot-prep curves --y curve.loss -o x.tsv curve' \
            'eval in.st in.ts -o x --activations' \
            'train --size 99 --epochs 1 -q --result x.json --save x.st in.ts'
    do
        rm -rf "$2"/*
        (   cd "$2" || exit 9
            for f in in.ts in.st records.jsonl many.json curve; do
                ln -s "$WORK/$f" .
            done
            $3
            exec $c > /dev/null 2> "$WORK/err")
        status=$?
        if [ $status -ne 1 ] || ! grep -q 'cannot write\|cannot make' err ||
                [ "$(find "$2" -type f -size +0)" ] ||
                [ "$(left_in "$2")" ]; then
            bad="$bad
$c: status $status: $(head -n 2 err) $(left_in "$2")"
        fi
    done
    [ -z "$bad" ] && echo "ok stops: $label" ||
        echo "FAIL stops: $label:$bad"
}
mkdir room
full 'a file that may not grow' room 'ulimit -f 8'
if mount -t tmpfs -o size=16k none room 2> /dev/null; then
    full 'a disk that is full' room :
    umount room
else
    echo "skip stops: a disk that is full: cannot mount one"
fi

# Descriptors that are closed.
train --size 4 --epochs 1 --log-every 1 --result d.json in.ts >&- 2> err
report 'log lines into a closed descriptor are not lost in silence' \
    '[ $? -eq 1 ] && grep -q "Bad file descriptor" err && [ -s d.json ]'
train --size 4 --epochs 1 --log-every 1 in.ts > /dev/full 2> err
report 'nor into a full device' '[ $? -eq 1 ] && grep -q "No space" err'
gentask copy --count 1 >&- 2> err
report 'a stream into a closed descriptor' '[ $? -eq 1 ] &&
    grep -q "Bad file descriptor" err'
