# What a setting does, all others held still: pairs, means over seeds, order.
cd "$WORK" || exit 1
jq -cn 'range(2) as $gate | (1, 2, 3) as $layers | (1, 2) as $seed
    | select($gate == 1 or $layers < 3)
    | {id: "\($gate)\($layers)\($seed)",
       loss: (2 - $gate / 2 + $layers / 8 + $gate * $layers / 16
              + (2 * $seed - 3) / 64),
       settings: {gate: ($gate == 1), layers: $layers, seed: $seed}}' > r.jsonl
aggregate --effects gate,layers --metric loss r.jsonl
echo "# with an interval, as a table"
aggregate --effects gate,layers --metric loss --bootstrap 1000 --markdown r.jsonl
echo "# the order of the records changes nothing"
aggregate --effects gate,layers,seed --metric loss --bootstrap 50 r.jsonl > a
tac r.jsonl | aggregate --effects gate,layers,seed --metric loss \
    --bootstrap 50 | cmp - a
jq -c '[.key, .from, .n, .mean]' a
echo "# a run that diverged is no pair; nor are settings that do not vary"
sed '2,$s/"loss":[0-9.]*/"loss":null/' r.jsonl > n.jsonl
aggregate --effects gate,layers --metric loss n.jsonl
aggregate --effects gate,nothing --metric loss r.jsonl
aggregate --effects gate --by layers --metric loss r.jsonl
