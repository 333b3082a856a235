# Predictors of machines on 10,000 sequences of both tasks beside the numbers
# that Monte Carlo gave of the original's generator (right answers, nats).
close() {
    env eval --oracle fsm | jq -rn --argjson want "$1" '
        inputs | .settings.cell as $k | select($want[$k]) |
        ([.accuracy - $want[$k][0], (.loss // 0) - ($want[$k][1] // 0)] |
         map(if . < 0 then -. else . end) | max) as $off |
        if $off < 0.005 then "\($k) agrees" else "\($k) is off by \($off)" end'
}
gentask fsm --mirror --batch 1000 --count 10 | close '{
    "uniform": [0.3333, 1.0986], "unigram": [0.498, 0.959],
    "state_bigram": [0.619, 0.705], "action_bigram": [0.662, 0.637],
    "lookup_demos": [0.9982, 0.0030], "lookup": [0.9987, 0.0022],
    "bayes": [0.9989, 0.0021], "closed_loop": [0.9950, null]}'
gentask fsm --mirror --states 5 --actions 5 --demo -1 --query -1 --vary 0.2 \
    --batch 1000 --count 10 | close '{
    "uniform": [0.2, 1.6094], "unigram": [0.307, 1.527],
    "state_bigram": [0.447, 1.166], "action_bigram": [0.476, 1.111],
    "lookup_demos": [0.9986, 0.0029], "lookup": [0.9991, 0.0018],
    "closed_loop": [0.9940, null]}'

# A net beside them, and what is refused.
cd "$WORK" || exit 1
gentask fsm --states 2 --actions 2 --demos 2 --demo 6 --query 6 --batch 20 \
    --count 20 --mirror > train.stream
train --size 4 --epochs 1 -q --save m.safetensors train.stream > /dev/null
env eval m.safetensors train.stream > judged.json
jq -c '.machines | keys_unsorted, (.predictors | keys_unsorted),
    [.times, .ago | map(.places) | add]' judged.json
jq '.accuracy as $a | .loss as $l | .machines |
    (.above_bayes - ($a - .predictors.bayes.accuracy) | fabs) < 1e-9,
    (.excess - ($l - .predictors.bayes.loss) | fabs) < 1e-9,
    ((.times | map((.accuracy // 0) * .places) | add) / 2400 - $a | fabs) < 1e-9,
    all(.predictors[]; .kl > 0 and .same >= 0 and .same <= 1)' judged.json |
    xargs
env eval m.safetensors --probs train.stream | head -1 | jq '.probs | length'
t() { env eval "$@" 2>&1; echo "rc=$?"; }
gentask copy --count 1 | t --oracle fsm
gentask fsm --states 5 --actions 5 --count 1 | t --oracle fsm | tail -1 |
    cut -c 1-20
t --oracle fsm --sample 5 --score
t --oracle '{"name":"fsm","states":9}' train.stream
gentask copy --symbols 19 --count 1 --json | t --oracle fsm
