# A model judged, looked into, and sampled from.
cd "$WORK" || exit 1
e() { env eval "$@"; echo "rc=$?"; }
gentask grid --cells 4 --batch 4 --count 6 > s.ts
gentask grid --cells 4 --batch 4 --count 1 --split test > t.ts
train -q --cell rnn --size 5 --bptt 20 --steps 200 --lr 0.01 --test t.ts \
    --save m.safetensors s.ts > r.json
echo "== the same numbers as the result's"
env eval m.safetensors t.ts > e.json
jq -c '[.id, .test_loss, .test_accuracy]' r.json > a
jq -c '[.id, .loss, .accuracy]' e.json | cmp - a
jq -c '[.floor > 1, .task.name, .settings.cell, .places]' e.json
env eval m.safetensors < t.ts | cmp - e.json
env eval --threads 2 -o f.json m.safetensors t.ts
cmp f.json e.json
env eval m.safetensors --source 'gentask grid --cells 4 --batch 4 --serve' \
    --rows 4 | cmp - e.json
echo "== probabilities add up to one, and give the loss"
env eval --probs m.safetensors t.ts | jq -cs '[length, (map(.probs | add - 1 |
    fabs) | max < 1e-6), (.[0] | keys)]'
env eval --probs --tensors m.safetensors t.ts | head -n 2 |
    jq -cR 'fromjson? | [.holds, .name, .shape]'
echo "== every named vector of every layer"
env eval --activations m.safetensors t.ts | head -n 8 |
    jq -c '[.t, .row, .layer, .name, (.values | length)]'
env eval --activations --tensors m.safetensors t.ts -o act.ts
head -n 2 act.ts | jq -cR 'fromjson? | [.holds, .name, .shape]'
echo "== samples: seeded, likeliest, as numbers"
env eval --sample 40 m.safetensors | tee a | wc -c
env eval --sample 40 --threads 2 m.safetensors | cmp - a
env eval --sample 40 --seed 2 m.safetensors | cmp -s - a || echo differs
env eval --sample 12 --temperature 0 --json --rows 2 m.safetensors |
    jq -c 'length'
echo "== errors"
e
e m.safetensors one two
e m.safetensors --probs --sample 3
e m.safetensors --tensors t.ts
e m.safetensors --source cat
e m.safetensors --sample 3 --start 5
e nosuch t.ts
e t.ts t.ts
head -c 500 m.safetensors > cut; e cut t.ts
gentask copy --count 1 | e m.safetensors
gentask grid --cells 4 | e m.safetensors
head -c 900 t.ts | e m.safetensors
e m.safetensors < /dev/null
env eval m.safetensors t.ts > /dev/full; echo "rc=$?"
e m.safetensors -o /dev/full t.ts
e m.safetensors -o nowhere/x t.ts
env eval --activations m.safetensors t.ts | head -n 1 > /dev/null; echo rc=$?
