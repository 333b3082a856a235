# A plain tanh net that was written down looks machines up as the predictor of
# that name does: the same answers where a pair was shown, and nearly its loss.
cd "$WORK" || exit 1
net() { train -q --encoder embed-small,drop --head bare --cell rnn-start,drop \
    --layers 2 --steps 1 "$@" > /dev/null; }
same() {
    jq -c '.machines as $m | [.loss - $m.predictors.lookup.loss < 2e-4,
        ($m.times | map(select(.from > 0 and .places > 0)) |
         all(.accuracy == 1)), ($m.times | map(.places) | add)]'
}
gentask fsm --batch 8 --count 1 | net --size 128 --save some.st
latches some.st table.st; echo "rc=$?"
gentask fsm --split test --batch 100 --count 2 | env eval table.st | same
gentask fsm --split test --demo 60 --query 90 --batch 50 --count 1 |
    env eval table.st | same
five="--states 5 --actions 5 --demo 40 --query 40"
gentask fsm $five --batch 2 --count 1 | net --size 281 --save some.st
latches some.st five.st
gentask fsm $five --split test --batch 20 --count 1 | env eval five.st | same

# Gradient descent goes on from there.
gentask fsm --batch 8 | train -q --init table.st --encoder embed-small,drop \
    --head bare --cell rnn-start,drop --options '{"p":0}' --layers 2 \
    --size 128 --lr 0.0001 --steps 20 | jq -c '[.updates, .accuracy > 0.95]'

t() { latches "$@" 2>&1; echo "rc=$?"; }
t
t nothing.st out.st
gentask fsm --batch 8 --count 1 | net --size 60 --save small.st
t small.st out.st
gentask fsm --batch 8 --count 1 | train -q --cell gru --steps 1 \
    --save gru.st > /dev/null
t gru.st out.st
gentask copy --batch 8 --count 1 | net --save copy.st
t copy.st out.st
