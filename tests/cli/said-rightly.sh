# What is wrong is said rightly: numbers that vanish, files that are no text,
# names that others use.
cd "$WORK" || exit 1
e() { "$@" > out; echo "rc=$?"; }
gentask copy --len 2 --count 2 --batch 2 > s.ts
t() { e train --size 3 --epochs 1 -q "$@" s.ts; }
echo "## numbers that would be 0"
t --lr 1e-400
t --lr -1e-400
t --set lr=1e-400
t --lr 0
t --lr 0e-400
t --lr 0.00
echo '{"lr":1e-400}' > c.json; t --config c.json
echo '{"lr":0.0e-400}' > c.json; t --config c.json
echo '{"input":[[1e-400]],"target":1}' > v.jsonl; e train -q v.jsonl
printf 'input x\noutput W x * 1e-400\n' > v.cell; t --head ./v.cell
echo '{"id":"a","x":1,"settings":{"size":2,"cell":"gru"}}' > r.jsonl
e aggregate --by size --metric x --success 'x>=1e-400' r.jsonl
echo "## no text"
printf 'PK\003\004and more' > a.zip
printf 'BZh91AY' > a.bz2
printf '\377\376a\000b\000' > wide.txt
{ head -c 257 s.ts | tr -c x x; printf 'ustar  '; } > a.tar
gzip -c a.zip > a.gz
cp a.gz noending
for f in a.zip a.bz2 wide.txt a.tar a.gz noending s.ts; do
    e gentask text --file $f --history 4 --count 1
done
e gentask grammar --file a.zip --count 1
e train -q a.zip
e train -q --config a.zip s.ts
t --cell ./a.zip
t --save m.st
e env eval m.st m.st
e env eval m.st --text a.zip
e aggregate --by size --metric x a.zip
echo "## what others call it"
t --hidden-size 3
t --learning-rate 1
t --num-layers 2
t --dropout 1
e aggregate --by sise --metric x r.jsonl
e aggregate --by size --metric X r.jsonl
echo "## classes without names go by their numbers"
echo '{"input":[1,2,0,1],"target":[2,0,1,2]}' | train -q --save n.st --size 3 \
    > out
env eval n.st --probs --sequence '1 2 0' | jq -c '[.symbol, .t]'
e env eval n.st --probs --sequence '1 3'
e env eval n.st --probs --text r.jsonl
echo "## who speaks"
train --markdown > /dev/full; echo "rc=$?"
