#!/bin/bash
# sanitize.sh BIN OBJECTS (BIN from the root) - unit tests, and every program
# on damaged inputs, built with the address and undefined-behaviour sanitizers.
#
# Damage: good files cut at many places, with bytes changed, with parts said
# twice.  A program may take or refuse them (status 0 to 3, one line); what a
# sanitizer finds ends it with status 99, a crash with 128 and more.
bin=$1 objects=$2
WORK=${WORK:-$(mktemp -d)}
export ASAN_OPTIONS=exitcode=99:detect_leaks=0:allocator_may_return_null=1
export UBSAN_OPTIONS=print_stacktrace=1:exitcode=99
export PATH=$bin:$PATH UNROLL_CELLS=$PWD/configs/cells

tests/unit.sh $(printf '%s\n' tests/unit/test_*.c |
    grep -v 'ulp\|gradients' | sed "s|^|$objects/|; s|\.c$||")

cells=$PWD/configs/cells
cd "$WORK" || exit 1
gentask copy --len 3 --blanks 1 --batch 4 --count 2 > good.ts
gentask copy --len 3 --blanks 1 --batch 4 --count 2 -o good.ts.gz
gentask copy --len 3 --blanks 1 --batch 4 --count 2 --json > good.jsonl
train --size 4 --epochs 2 --checkpoint-steps 1 --result good.json \
    --save good.st -q good.ts > /dev/null
train --size 4 --epochs 5000 --checkpoint-every 0 --result half.json -q \
    good.ts > /dev/null 2>&1 &
until [ -s half.checkpoint ]; do sleep 0.05; done
kill -TERM $!
wait
jq -c '.settings' good.json > good.config
cat > good.spec <<'END'
{"name": "x", "base": {"size": 3}, "grid": {"cell": ["gru", "lstm"]},
 "exclude": [{"cell": "gru"}], "seeds": 2, "template": "{cell}-{seed}"}
END

# bad FILE NUMBER: damage number NUMBER of FILE, on stdout.
bad() {
    size=$(stat -c %s "$1")
    at=$(($2 * 7919 % size))
    case $(($2 % 4)) in
    0) head -c $at "$1" ;;                              # cut
    1) head -c $at "$1"; printf '\377'; tail -c +$((at + 2)) "$1" ;;
    2) head -c $at "$1"; tail -c +$((at / 2 + 1)) "$1" ;;   # part twice
    3) head -c $at "$1"; printf '9'; tail -c +$((at + 2)) "$1" ;;
    esac
}

# try NAME FILE COMMAND...: with BAD in place of the file.
try() {
    name=$1 file=$2 found=
    shift 2
    for i in $(seq 1 "${ROUNDS:-48}"); do
        rm -f out.* BAD.*
        bad "$file" "$i" > BAD
        cp BAD BAD.cell
        [ "$name" = checkpoint ] && cp BAD out.checkpoint
        timeout 60 "$@" > stdout 2> stderr < BAD
        status=$?
        if [ $status -gt 3 ] || { [ $status -ne 0 ] &&
                [ "$(wc -l < stderr)" -ne 1 ]; }; then
            found="$found $i (status $status)"
            cp BAD "bad-$name-$i"
            head -n 5 stderr
        fi
    done
    [ -z "$found" ] && echo "ok damaged $name" ||
        echo "FAIL damaged $name:$found"
}

small='--size 4 --steps 2 -q --result out.json --save out.st'
try stream good.ts train $small
try compressed good.ts.gz train $small
try lines good.jsonl train $small
try model good.st eval BAD good.ts
try init good.st train $small --init BAD good.ts
try config good.config train --dry-run --config BAD good.ts
try task good.config gentask --config BAD --count 1
try cell "$cells/gated.cell" train --dry-run --cell ./BAD.cell good.ts
try sweep good.spec genconfigs
try results good.json aggregate --by cell --metric val_loss
try table good.json plot-prep curves --y curve.loss
try checkpoint half.checkpoint train --size 4 --epochs 2 -q \
    --result out.json good.ts
