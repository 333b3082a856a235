# What a net says, of data whose targets are known and of data without.
cd "$WORK" || exit 1
e() { env eval "$@"; echo "rc=$?"; }
# y = 2 x - 1 is learned by a net that is just that; then by hand.
printf 'input x\noutput x\n' > line.cell
for x in 0 1 2 3; do echo "{\"input\":[[$x]],\"target\":[[$((2 * x - 1))]]}"
done > line.jsonl
train --cell ./line.cell --size 1 --optimizer sgd --lr 0.1 \
    --epochs 400 -q --save line.st line.jsonl | jq -c '.train_loss < 1e-9'
show() { jq -c '.values |= map(. * 1e4 | round / 1e4)'; }
echo "## vectors: values beside targets, of new sequences alone"
env eval --outputs line.st line.jsonl | show
printf '%s\n' '{"input":[[10],[0.5]]}' '{"input":[[-3]],"target":null}' \
    > new.jsonl
env eval --outputs line.st new.jsonl | show
env eval --outputs --last line.st new.jsonl | show
printf '%s\n' '{"input":[[1],[2],[4]],"target":[null,[3],null]}' > some.jsonl
env eval --outputs line.st some.jsonl | show
env eval --outputs --every line.st some.jsonl | show
env eval --outputs --tensors line.st some.jsonl | grep -a '"shape"' |
    jq -c '[.name, .dtype, .shape]'
echo "## errors of vectors: targets 0, 2, 4 where the net says 1, 1, 5"
printf '{"input":[[1],[1],[3]],"target":[[0],[2],[4]]}\n' > off.jsonl
env eval line.st off.jsonl |
    jq -c '[.loss, .mae, .rmse, .r2] | map(. * 1e4 | round / 1e4)'
printf '{"input":[[1]],"target":[[0]]}\n' | env eval line.st | jq -c .r2
echo "## classes: what follows is what came"
for i in 0 1 2; do echo "{\"input\":[$i],\"target\":$i}"; done > same.jsonl
train --size 8 --lr 0.05 --epochs 200 -q --save same.st same.jsonl > r.json
echo '{"input":[2,0,1]}' | env eval --outputs same.st |
    jq -c '[.row, .t, .target, .class, (.probs | add - 1 | fabs < 1e-6)]'
echo '{"input":[2,0,1]}' | env eval --probs --last same.st |
    jq -c '[.t, .target, (.probs[1] > 0.9)]'
echo '{"input":[2,0,1]}' | env eval --activations same.st | jq -c .t | uniq -c |
    tr -s ' '
echo "## a table of classes, by hand: 0 is twice taken for 1, 2 never comes"
for p in 0:0 1:0 1:0 1:1; do
    echo "{\"input\":[${p%:*}],\"target\":${p#*:}}"
done | env eval --classes same.st | jq -c '.accuracy, .classes'
echo "## names"
gentask charprint --len 20 --batch 4 --count 60 |
    train --size 16 --lr 0.02 -q --save c.st > r.json
env eval --outputs --sequence '1 2' c.st |
    jq -c '[.symbol, .target, (.name | type)]'
echo "## errors"
e line.st new.jsonl
e --probs line.st new.jsonl
e --classes line.st off.jsonl
e --outputs --probs same.st same.jsonl
e --last same.st same.jsonl
e --outputs --last --every same.st same.jsonl
e --outputs --oracle grid
echo '{"input":[[1,2]]}' | e --outputs line.st
echo '{"input":[7]}' | e --outputs same.st
train -q new.jsonl; echo "rc=$?"
