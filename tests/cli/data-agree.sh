# Two sets whose numbers mean different things do not meet in silence, and
# sets of which less was seen do.
cd "$WORK" || exit 1
yes 'abcd ab dc' | head -c 3000 > abcd.txt
yes 'wxyz wx zy' | head -c 3000 > wxyz.txt
say() { echo "rc=$?"; cut -c 1-40 out; cat err; }
one() { train --size 4 --epochs 1 -q "$@" > out 2> err; say; }
ev() { env eval "$@" > out 2> err; say; }
text() { gentask text --file "$@" --history 20 --batch 4 --count 5; }

echo "## other symbols"
text abcd.txt --alphabet distinct > a.ts
text wxyz.txt --alphabet distinct > w.ts
text abcd.txt > bytes.ts
one --save a.st a.ts
ev a.st a.ts
ev a.st w.ts
one a.ts --val w.ts
one a.ts --test w.ts
one --init a.st w.ts
echo '{}' | one --fleet - a.ts --val w.ts --result folder
one --source 'gentask text --file abcd.txt --alphabet distinct --history 20 \
    --batch 4 --serve' --steps 2 --val w.ts

echo "## other pairs of bytes"
text abcd.txt --bpe 260 > p.ts
text wxyz.txt --bpe 260 > q.ts
one --save p.st p.ts
ev p.st q.ts

echo "## bytes, and symbols that happen to be 256"
jq -nc '[range(256) | [if . == 0 then 256 else . end] | implode]' > symbols
head -1 bytes.ts | jq -c --slurpfile s symbols '.about.symbols = $s[0]' > same.ts
tail -n +2 bytes.ts >> same.ts
head -1 bytes.ts | jq -c --slurpfile s symbols \
    '.about.symbols = ($s[0] | reverse)' > turned.ts
tail -n +2 bytes.ts >> turned.ts
one --save bytes.st bytes.ts
ev bytes.st same.ts
ev bytes.st turned.ts

echo "## other tasks"
gentask grid --count 3 --len 40 --batch 4 > g.ts
gentask tictac --count 3 --len 40 --batch 4 > t.ts
one --save g.st g.ts
ev g.st t.ts
one g.ts --val t.ts
gentask tictac --count 3 --len 40 --batch 4 --json | ev g.st

echo "## other kinds and sizes"
echo '{"input":[[0.5],[1]],"target":[[0.5,1],[1,0.5]]}' > v.jsonl
echo '{"input":[[0.5,1],[1,1]],"target":[[0.5,1],[1,0.5]]}' > wide.jsonl
one --save v.st v.jsonl
ev v.st wide.jsonl
ev v.st g.ts
ev g.st v.jsonl
one v.jsonl --val wide.jsonl
one --init v.st wide.jsonl

echo "## a checkpoint of a stream with other symbols"
gentask copy --symbols 2 --len 2 --blanks 1 --batch 4 --count 40 > copy.ts
own() { head -n 1 copy.ts | jq -c "del(.given) | .task = {name: \"own\"} |
            .about = {symbols: $1}"; tail -n +2 copy.ts; }
own '["a","b","c","d"]' > own.ts
own '["b","a","c","d"]' > turned.ts
run() { train --size 2 -q --steps 20 --checkpoint c.ck --checkpoint-steps 5 \
            "$@" > out 2> err; say; }
head -c 2500 own.ts | sed '1s/"count":40,//' | run
sed '1s/"count":40,//' turned.ts | run
sed '1s/"count":40,//' own.ts | run

echo "## fewer classes than the net has, or none told"
printf '%s\n' '{"input":[1,2,0],"target":[0,1,2]}' \
    '{"input":[2,1,0],"target":[2,1,0]}' > three.jsonl
echo '{"input":[1,1,0],"target":[0,1,1]}' > two.jsonl
echo '{"input":[1,1,3],"target":[0,1,3]}' > four.jsonl
(echo '{"target_size":2}'; cat two.jsonl) > told.jsonl
one --save m.st three.jsonl --val two.jsonl --test two.jsonl
ev m.st two.jsonl
ev m.st < two.jsonl
one --init m.st two.jsonl --save two.st
env eval --weights two.st | jq -r .name | grep -c head.W
ev m.st four.jsonl
ev m.st told.jsonl
one three.jsonl --val four.jsonl

echo "## nothing to learn from"
printf '%s\n' '{"target":"token","target_size":2}' \
    '{"input":[1,0],"target":null}' > none.jsonl
one --steps 5 none.jsonl
one three.jsonl --val none.jsonl
printf '%s\n' '{"target":"token"}' '{"input":[1,0],"target":null}' > n.jsonl
one n.jsonl

echo "## vectors are not right or wrong: no accuracy, alone or in a fleet"
echo '{"input":[[0.5,1],[0.25,0]],"target":[[0.1,0.3],[0.2,0.9]]}' > v.jsonl
train --epochs 2 --size 4 --log-every 1 --val v.jsonl --test v.jsonl \
    --save v.st v.jsonl 2> err | grep -c accuracy
env eval v.st v.jsonl | grep -c accuracy
mkdir f
printf '%s\n' '{"size":4,"epochs":1}' '{"size":4,"epochs":1,"seed":2}' |
    train -q --fleet - v.jsonl --result f > out 2> err
cat f/*.json | jq -c "[has(\"accuracy\"), has(\"loss\")]"

echo "## tokens that stand for other vectors, or for none"
book() { gentask compose --group C3 --form codebook --draw all --batch 9 \
    --template values --values "$1"; }
book '1 2 6' > book.ts
book '1 2 5' > other.ts
two() { one --cell two-layer --head readout "$@"; }
two --save book.st book.ts
ev book.st book.ts
ev book.st other.ts
two book.ts --val other.ts
two book.ts --codebook-sha256 00
one --cell mgru book.ts
one --cell gru --head linear book.ts
bad() { head -1 book.ts | jq -c "$1" > bad.ts; tail -n +2 book.ts >> bad.ts
    two bad.ts; }
bad '.codebook = [[1, 2], [3, 4]]'
bad '.codebook[1] = [1]'
bad '.codebook[2][0] = "x"'
bad '.codebook[2][1] = 1e39'
bad '.codebook = {}'
bad '.input = "vector"'
