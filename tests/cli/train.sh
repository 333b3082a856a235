# What train says about a run, and what a run is.
cd "$WORK" || exit 1
gentask copy --len 3 --batch 10 --count 4 > s.ts
echo "== what it chose; log lines; the result"
train --size 4 --log-every 2 s.ts 2>&1 > out | sed 's/ [0-9a-f]*:/ ID:/'
sed '$d' out | jq -c 'keys_unsorted'  | sort | uniq -c | sed 's/^ *//'
tail -n 1 out | jq -c 'del(.settings, .id, .curve, .validations) | keys'
echo "== defaults in the config change no id"
train --size 4 --epochs 2 --dry-run s.ts | jq -r .id > a
train --size 4 --epochs 2 --lr 0.001 --cell gru --dry-run s.ts |
    jq -r .id | cmp - a
echo "== the id is the hash of the config"
train --size 4 --epochs 2 --dry-run s.ts | jq -c .config > c.json
jq -cjS 'del(.id) | walk(if type == "number" then . + 0 else . end)' c.json |
    sha256sum | cut -c1-64 | cmp - a
train --config c.json --dry-run s.ts | jq -r .id | cmp - a
jq -c --rawfile id a '.id = ($id | rtrimstr("\n"))' c.json > d.json
train --config d.json -q s.ts | jq -r .id | cmp - a
echo "== a dry run"
train --size 4 --dry-run s.ts | jq -c 'del(.id, .config) | map_values(. > 0)'
echo "== lines of JSON, from any program"
awk 'BEGIN { for (i = 0; i < 40; i++) {
    x = y = ""
    for (t = 0; t <= i % 3; t++) {
        x = x (t ? "," : "") "[" i % 7 "," (i * t) % 5 "]"
        y = y (t ? "," : "") "[" i % 7 - (i * t) % 5 "]"
    }
    print "{\"input\":[" x "],\"target\":[" y "]}" } }' > v.jsonl
train --cell rnn --size 8 --epochs 100 --lr 0.01 -q v.jsonl |
    jq -c '[.status, .updates, .train_loss < 2, .accuracy]'
echo "== one-step training, elements clipped, sums, windows without a target"
gentask copy --len 3 --batch 10 | train -q --size 4 --bptt 1 --steps 20 \
    --loss cross_entropy_sum --clip-element 1 --optimizer adagrad \
    --curve-every 5 | jq -c '[.updates, .curve.step]'
echo "== the loss is down by half of the first, then no more"
train -q --size 4 --epochs 60 --lr 0.01 --stop-reduction 0.1 \
    --curve-every 1 s.ts |
    jq -c '.curve.loss[0] as $first | .validations.train_loss as $epoch |
        [.stopped_early, .settings.stop_reduction, 1 - $epoch[-1] / $first,
         1 - $epoch[-2] / $first] |
        [.[0], .[1], .[2] >= 0.1, .[3] < 0.1]'
echo "== the best by validation is kept; patience ends the run"
gentask copy --len 3 --batch 10 --count 2 --split val > v.ts
train -q --size 4 --epochs 50 --lr 0.5 --patience 3 --val v.ts s.ts |
    jq -c '[.stopped_early, .epochs < 50, .epochs - .best_epoch,
            .val_loss == (.validations.val_loss | min)]'
echo "== good enough ends it, too; its setting is in no other's result"
train -q --size 16 --epochs 400 --lr 0.02 --stop-accuracy 0.5 --val s.ts s.ts |
    jq -c '[.stopped_early, .epochs < 400, .settings.stop_accuracy,
            (.validations.val_accuracy | .[-1] >= 0.5, .[-2] < 0.5)]'
train -q --size 4 --epochs 1 --stop-accuracy 0 --val v.ts s.ts |
    jq -c '[.stopped_early, (.settings | has("stop_accuracy"))]'
echo "== a model of each validation's weights"
train -q --size 4 --epochs 3 --select last --save last.st --snapshots shots \
    --val v.ts s.ts > result
ls shots
cmp last.st shots/$(ls shots | tail -n 1)
env eval shots/$(ls shots | head -n 1) v.ts | jq .loss > first
jq '.validations.val_loss[0]' result | cmp - first
echo "== a run that diverges is a result"
train -q --cell linear --size 4 --optimizer sgd --lr 10 --epochs 100 \
    --save e.st --result e.json v.jsonl > /dev/null; echo "rc=$?"
jq -c '[.status, .diverged_step > 0, .updates == .diverged_step - 1]' e.json
env eval e.st v.jsonl | jq -c '[.loss > 0, .accuracy]'
echo "== a profile counts every second once"
train -q --size 64 --cell lstm --epochs 30 --validate-every 1 --profile \
    --val v.ts s.ts 2>&1 > /dev/null | sed -n 's/^train: *//p' |
    awk '/ seconds,/ { next }
         { sum += $1; n = n (n ? ", " : "") substr($0, index($0, "%") + 2) }
         $1 < 0 || $1 > 100 { print "no share: " $0 }
         END { print n; print (sum > 99.9 && sum < 100.1 ? 100 : sum) }'
