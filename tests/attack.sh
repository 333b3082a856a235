#!/bin/bash
# Files that ask for more than they are worth, or that damage what trusts
# them: each ends within two seconds of work and 200 MB, with the right status
# and one line on standard error, or none if it is lawful.
#
# They are made here; files from outside in ../shared/attack, where there are
# such, are told by their names.
WORK=${WORK:-$(mktemp -d)}
top=$PWD outside=$PWD/../shared/attack
export LC_ALL=C UNROLL_CELLS=$PWD/configs/cells
. tests/bytes.sh
cd "$WORK" || exit 1

# try NAME STATUS PATTERN COMMAND...: standard input as it is.
try() {
    local name=$1 want=$2 line=$3 status
    shift 3
    (ulimit -t 2 -v 204800; exec timeout 60 "$@" > stdout 2> stderr)
    status=$?
    if [ $status -ne "$want" ]; then
        echo "FAIL attack $name: status $status: $(head -c 300 stderr)"
    elif [ "$(wc -l < stderr)" -ne $((want != 0)) ]; then
        echo "FAIL attack $name: not $((want != 0)) lines: \
$(head -c 300 stderr)"
    elif ! grep -q -- "$line" stderr && [ "$want" -ne 0 ]; then
        echo "FAIL attack $name: no '$line' in: $(head -c 300 stderr)"
    elif [ -e pwned ]; then
        echo "FAIL attack $name: what it says was executed"
        rm -f pwned
    else
        echo "ok attack $name"
    fi
}

# many N TEXT: so many of it.
many() {
    awk -v n="$1" -v s="$2" 'BEGIN { for (i = 0; i < n; i++) printf "%s", s }'
}

gentask copy --len 3 --blanks 1 --batch 4 --count 3 > a.ts
small='--size 3 --steps 2 -q'

# ---- checkpoints whose sums are right and whose numbers are wrong ----------

# patch FILE PLACE NUMBER: the PLACEth number of `counts`, which stands first
# in it, and the sum after that, from gzip's own.
patch() {
    local n sum digits
    n=$(od -An -tu8 -N8 "$1")
    word "$3" | dd of="$1" bs=1 seek=$((8 + n + 8 * $2)) conv=notrunc \
        status=none
    digits=$(grep -abo '"crc32":"' "$1" | head -n 1 | cut -d: -f1)
    digits=$((digits + 9))
    printf 00000000 | dd of="$1" bs=1 seek=$digits conv=notrunc status=none
    sum=$(tail -c +9 "$1" | gzip -c | tail -c 8 | od -An -tx4 -N4 | tr -d ' ')
    printf %s "$sum" | dd of="$1" bs=1 seek=$digits conv=notrunc status=none
}

run="train --size 3 --bptt 2 --epochs 900 -q --checkpoint ck a.ts"
(
    $run --checkpoint-every 0 --log-every 1 > /dev/null 2>&1 &
    for i in $(seq 500); do
        [ ! -s ck ] || break
        sleep 0.02
    done
    kill -TERM $!
    wait
)
mv ck good
cp good ck
patch ck 0 "$(od -An -tu8 -j $((8 + $(od -An -tu8 -N8 good))) -N8 good)"
cmp ck good > /dev/null && echo "ok attack checkpoint-as-it-was" ||
    echo "FAIL attack checkpoint-as-it-was: patch changes what it should not"
place=0
for name in update epoch batch step seen judge places correct best_update \
        best_epoch worse stopped diverged state_rows last_places \
        last_correct; do
    for x in -1 9223372036854775807 1099511627776; do
        case $name-$x in *-1099511627776) case $name in
            update|batch|seen|places|worse|last_places) continue ;;
        esac ;; esac
        cp good ck
        patch ck $place "$x"
        try "checkpoint-$name-$x" 1 'damaged\|goes on at step\|has no' $run
    done
    place=$((place + 1))
done
cp good ck
patch ck 3 5               # each batch has 8 steps: this is one of them
try checkpoint-step-5 0 '' train --size 3 --bptt 2 --epochs 900 -q \
    --checkpoint ck a.ts
cp good ck
patch ck 3 8
try checkpoint-step-8 1 'goes on at step 8' $run
cp good ck
sed -i 's/"crc32":"/"crc33":"/' ck
try checkpoint-no-sum 1 'has no crc32' $run

# ---- sizes ----------------------------------------------------------------

train $small --save m a.ts > /dev/null
n=$(od -An -tu8 -N8 m)
{ head -c $((8 + n)) m | tail -c +9 |
    sed 's/\\"size\\":3/\\"size\\":16384/; s/"crc32":"/"crc33":"/
         s/"crc33":"[0-9a-f]*"/"other":"1"/'; } > header
{ word "$(wc -c < header)"; cat header; tail -c +$((9 + n)) m; } > large
try model-size 1 'the net wants 16384x' eval large a.ts

# ---- lines ----------------------------------------------------------------

{ printf '{"input":[[0.5]'; many 3000000 ',[1]'; echo '],"target":1}'; } > l
try line-12M 0 '' train $small --bptt 3 --dry-run l
{ printf '{"input":[0'; many 3000000 ',1'; printf '],"target":[0'
  many 3000000 ',1'; echo ']}'; } > l
try line-tokens 0 '' train $small --bptt 3 --dry-run l
{ printf '{"input":[0'; many 999999 ',1'; echo '],"target":1}'
  many 3000 '{"input":[1],"target":1}
'; } > l
try line-ragged 0 '' train $small --bptt 3 --batch 1 --dry-run l
{ printf '{"input":[1],"x":"'; many 8400000 x; echo '"}'; } > l
try line-other 1 'more than 8388608 bytes' train $small l
try request-endless 1 'longer than 1048576' gentask copy --serve < /dev/zero

# ---- grammars -------------------------------------------------------------

{ printf 'S -> A'; many 60000 b; printf '\nA -> a'
  for i in b c d e f g h i j k l m n o p q r s t u v w x y z; do
      printf ' | %s' $i
  done; echo; } > g
try grammar-long 0 '' gentask grammar --file g --count 1 --batch 1 \
    --max-depth 1
{ printf 'S -> '; many 30000 'A '; printf '\nA -> a | a\n'; } > g
try grammar-letters 0 '' gentask grammar --file g --count 1 --batch 1
{ printf 'S -> '; many 30000 'A '; printf '\nA -> a | b\n'; } > g
try grammar-product 2 'lower max_depth' gentask grammar --file g
{ printf 'S -> S a | A | B\nB -> B x | x\nA ->'
  for i in $(seq 200); do printf ' %s a |' "$(many 250 b)$i"; done
  echo ' z'; } > g
try grammar-deep 2 'lower max_depth' gentask grammar --file g \
    --max-depth 1000

printf 'S -> a\377\n' > g
try grammar-bytes 1 'not printable' gentask grammar --file g
printf '# \303\251\nS -> a b\n' > g
try grammar-comment 0 '' gentask grammar --file g --count 1 --batch 1

# ---- cells ----------------------------------------------------------------

{ printf 'input x\nstate h\na0 = tanh(W x + U h + b)\n'
  for i in $(seq 1500); do
      printf 'a%d = tanh(a%d) * a0\n' "$i" $((i - 1))
  done
  printf "h' = a1500\noutput h'\n"; } > long.cell
try cell-1500 0 '' train $small --cell ./long.cell a.ts
{ printf 'input x\nstate s0\n'
  for i in $(seq 400); do printf 'state s%d\n' "$i"; done
  printf "s0' = tanh(W x + U s0 + b)\n"
  for i in $(seq 400); do
      printf "s%d' = tanh(s%d') * s%d\n" "$i" $((i - 1)) "$i"
  done
  printf "output s400'\n"; } > states.cell
try cell-states 0 '' train $small --cell ./states.cell a.ts

# ---- keys and sweeps ------------------------------------------------------

# sweep NAME MESSAGE JSON: refused, also by make.
sweep() {
    printf '%s' "$3" > s.json
    rm -rf d runs.mk
    try "sweep-$1" 1 "$2" genconfigs --dir d -o runs.mk s.json
    [ ! -e d ] && [ ! -e runs.mk ] ||
        echo "FAIL attack sweep-$1: something was written"
}
base='"base":{"size":3},"grid":{"cell":["gru","lstm"]}'
sweep seeds '100000' '{"name":"x",'"$base"',"seeds":50001}'
sweep seeds-1e15 '100000' '{"name":"x",'"$base"',"seeds":1000000000000000}'
refused='only letters, digits\|not JSON\|no cell\|ASCII\|the size after'
for bad in '$(shell touch pwned)' '`touch pwned`' 'a;touch pwned' 'a|b' "a'b" \
        'a\nall:;touch pwned' 'a\"b' 'a b' '-a' '.a' '../a' 'a/b' '' 'a%b' \
        'a#b' 'a$b' 'a&b' 'a>b' 'a:b' 'a=b' 'a\\b' 'a*b' 'a\u0000b' 'a~b' \
        '\u00e9'; do
    sweep "name $bad" 'only letters, digits\|not JSON' \
        '{"name":"'"$bad"'",'"$base"'}'
    sweep "key $bad" 'only letters, digits\|unknown key\|not JSON\|ASCII' \
        '{"name":"x","base":{"size":3},"grid":{"task.'"$bad"'":[1,2]}}'
    case $bad in a/b|'a\"b'|../a|.a) continue ;; esac
    sweep "cell $bad" "$refused" '{"name":"x","base":{"size":3,"cells":{
        "'"$bad"'":"input x\noutput W x"}},"grid":{"cell":["'"$bad"'"]}}'
done
for bad in '$(touch pwned)' 'a b' '-a' 'a;b' 'a/../b'; do
    sweep "data $bad" 'only letters, digits' \
        '{"name":"x","base":{"size":3},"data":{"train":"'"$bad"'"}}'
done
# A description of one's own is read by make, before any of our programs.
for bad in '"name":"a\nb$(shell touch pwned)"' '"name":"$(shell touch pwned)"' \
        '"name":"a","data":{"train":"$(shell touch pwned)"}' \
        '"name":"a","data":{"train":"b","val":"x;touch pwned"}' \
        '"name":"a","data":{"test":"b\n$(shell touch pwned)"}'; do
    printf '{%s,"base":{"size":3}}' "$bad" > own.json
    make -C "$top" -n SPEC="$PWD/own.json" sweep > /dev/null 2> stderr
    status=$?
    if [ $status -ne 0 ] && [ ! -e pwned ] && [ ! -e "$top/pwned" ]; then
        echo "ok attack own $bad"
    else
        echo "FAIL attack own $bad: status $status: $(head -c 200 stderr)"
        rm -f pwned "$top/pwned"
    fi
done
cat > s.json <<'END'
{"name":"x","base":{"size":3},"seeds":1,
 "grid":{"task.len":[3,1e-05,-2],"task.a":["ok/b_+.c-d","../up","$(shell
 touch pwned)","a b","-x","a/../b","`touch pwned`","a|c","x,y","",true]}}
END
tr -d '\n' < s.json > t.json
genconfigs --dir d -o runs.mk t.json 2> stderr || cat stderr
sed -n 's/^.*\.\(task\.[a-z]*\) := /\1=/p' runs.mk | sort -u | tr '\n' ' ' \
    > words
want='task.a=../up task.a=ok/b_+.c-d task.a=true task.len=-2 '
want="${want}task.len=1e-05 task.len=3 "
if [ "$(cat words)" = "$want" ] && ! grep -qv '^[A-Za-z0-9 ._+=:/-]*$' runs.mk
then
    echo "ok attack sweep-values"
else
    echo "FAIL attack sweep-values: $(cat words)"
fi

# ---- from outside ---------------------------------------------------------

if [ ! -d "$outside" ]; then
    echo "skip attack: no files from outside"
    exit
fi
for f in "$outside"/*; do
    name=$(basename "$f")
    rm -rf d runs.mk ck
    case $name in
    ck-*)
        cp "$f" ck
        try "$name" 1 ck: train -q --size 3 --bptt 3 --steps 6 \
            --checkpoint ck --checkpoint-every 1000 "$outside/ev.ts" ;;
    ev.ts) try "$name" 0 '' train $small "$f" ;;
    grammar-*) try "$name" 0 '' gentask grammar --file "$f" --count 1 ;;
    *.jsonl) try "$name" 1 "$name:1" train $small "$f" ;;
    *.safetensors) try "$name" 1 "$name" eval "$f" "$outside/ev.ts" ;;
    sweep-*) try "$name" 1 "$name" genconfigs --dir d -o runs.mk "$f" ;;
    slow-states.cell)
        try "$name" 1 'nothing that reaches the output reads' train $small \
            --cell "$f" "$outside/ev.ts" ;;
    *.cell) try "$name" 0 '' train $small --cell "$f" "$outside/ev.ts" ;;
    *) echo "FAIL attack $name: nobody says what should become of it" ;;
    esac
done
