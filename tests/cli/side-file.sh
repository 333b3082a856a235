# The side file: where a run was made, by what, and what it cost.  None of it is
# in the result.
cd "$WORK" || exit 1
gentask copy --len 10 --batch 32 --count 10 > s.ts
gentask copy --len 10 --batch 32 --count 2 --split val > v.ts
# t OPTION...: user and system seconds of train, as bash counts them
t() {
    bash -c 'TIMEFORMAT="%U %S"; time "$@" > out 2> err' - train -q "$@" 2>&1 |
        awk '{ print $1 + $2 }'
}
s='--size 48 --batch 32 --val v.ts'

echo "== where, and by what"
spent=$(t $s --epochs 12 --result r.json s.ts)
model=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)
train --version > version
jq --arg p "${model:-$(uname -m)}" --arg m "$(uname -m)" --arg h "$(uname -n)" '
    .processor == $p, .machine == $m, .host == $h' r.meta
jq -r '"train 0.1 (" + .commit + ")", "compiler: " + .compiler,
    "flags: " + .flags' r.meta | cmp -n "$(head -n 3 version | wc -c)" - version
isa=$(jq -r .isa r.meta)
grep -c "^instruction sets:.* $isa" version

echo "== the same result on another instruction set, which the side file names"
case $(uname -m) in x86_64) other=sse2 ;; *) other=$isa ;; esac
UNROLL_ISA=$other train -q $s --epochs 12 --result i.json s.ts | cmp - r.json
[ "$(jq -r .isa i.meta)" = $other ] && echo named

echo "== what it cost"
# within LESS MORE: what the files say is at most MORE, and above half of LESS
within() { jq -n --argjson less "$1" --argjson more "$2" \
    '[inputs.processor_seconds] | add | . > $less / 2 and . <= $more + 0.02' \
    "$3" ${4:+"$4"} ${5:+"$5"}; }
within "$spent" "$spent" r.meta
echo "== of a fleet, each member its share, also when one ends early"
mkdir fleet
for k in 1 2 3; do
    train $s --seed $k --epochs $((4 * k)) --patience $k --dry-run s.ts |
        jq -c .config > $k.json
    echo "$k.json fleet/$k.json"
done > list
spent=$(t --val v.ts --fleet list s.ts)
within "$spent" "$spent" fleet/1.meta fleet/2.meta fleet/3.meta
echo "== of all attempts"
cat > first.sh <<'END'
TIMEFORMAT="%U %S"
time {
    "$@" > out 2> err &
    while [ ! -s k.checkpoint ] && kill -0 $!; do sleep 0.05; done
    sleep 0.3
    kill -TERM $!
    wait $!
}
END
first=$(bash first.sh train -q $s --epochs 30 --checkpoint-steps 1 \
    --result k.json s.ts 2>&1 | awk '{ print $1 + $2 }')
ls k.checkpoint
last=$(t $s --epochs 30 --result k.json s.ts)
both=$(jq -n "$first + $last")
within "$both" "$both" k.meta
jq -n --argjson last "$last" 'input.processor_seconds > $last' k.meta
