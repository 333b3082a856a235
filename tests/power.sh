#!/bin/bash
# power.sh OBJECTS - the order in which files reach the disk: what a program
# puts into place is synced before it gets its name, the name before anything
# that relies on it, so that a loss of power at any moment leaves old or new
# files, and a result only beside its model.
log=$PWD/$1/tests/power/log.so
WORK=$(realpath "${WORK:-$(mktemp -d)}")
cd "$WORK" || exit 1
gentask copy --len 3 --blanks 1 --batch 4 --count 4 -o in.ts

# try NAME MOVES COMMAND...: so many files come into place, in good order.
try() {
    name=$1 moves=$2
    shift 2
    rm -f log
    POWER_LOG=$WORK/log LD_PRELOAD=$log "$@" > out 2>&1 ||
        { echo "FAIL power $name: status $?"; cat out; return; }
    awk -v top="$WORK/" -v moves="$moves" '
    function whole(p) {
        sub("^[.]/", "", p)
        return substr(p, 1, 1) == "/" ? p : top p
    }
    function folder(p) { sub("/[^/]*$", "", p); return p }
    function bad(why) { print NR ": " $0 ": " why; wrong++ }
    { p = whole($2) }
    $1 == "write"  { dirty[p] = 1 }
    $1 == "fsync"  { delete dirty[p]; if (p == due) due = "" }
    $1 == "rename" {
        n++
        if (p in dirty)
            bad("named before its bytes are on disk")
        if (due)
            bad("the name before is not on disk yet: " due)
        due = folder(whole($3))
        last = whole($3)
    }
    $1 == "unlink" && $2 !~ /\.part\.|\.lock$/ {
        if (due)
            bad("removed before " last " is on disk")
    }
    { if ($1 == "rename") order = order " " substr($3, match($3, /[^.]*$/)) }
    END {
        if (due)
            bad("the last name is not on disk: " due)
        if (n != moves)
            bad(n " files came into place, not " moves)
        print order > "order"
        exit wrong > 0
    }' log > found && echo "ok power $name" ||
        { echo "FAIL power $name"; cat found; }
}

run='train --size 3 -q --checkpoint-every 1e9 in.ts'
try gentask 1 gentask copy --len 3 --count 1 -o other.ts
try gentask.gz 1 gentask copy --len 3 --count 1 -o other.ts.gz
# The model, the side file, the result: in this order.
try run 3 $run --steps 3 --result r.json --save r.safetensors
[ "$(cat order)" = " safetensors meta json" ] && echo "ok power order" ||
    { echo "FAIL power order"; cat order; }
# A checkpoint an update, then these.
try checkpoints 8 $run --steps 5 --checkpoint-steps 1 --result s.json \
    --save s.safetensors
printf '%s\n' '{"size":3,"steps":2}' '{"size":3,"steps":2,"seed":2}' > list
try fleet 6 train --fleet list --result . --save . -q in.ts
try eval 1 env eval r.safetensors in.ts -o probs.jsonl --probs
try aggregate 1 aggregate --by cell --metric loss r.json -o sum.jsonl
try plot-prep 1 plot-prep curves --y curve.loss r.json -o curve.tsv
echo '{"name":"x","base":{"size":3,"task":{"name":"copy"}},"seeds":2}' > x
try genconfigs 2 genconfigs --dir configs x
