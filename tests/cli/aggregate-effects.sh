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
echo "# no interval from five differences, one from six"
for rest in 5 6; do
    jq -cn --argjson n $rest 'range($n) as $rest | (false, true) as $gate
        | {id: "\($rest)\($gate)", settings: {gate: $gate, rest: $rest},
           loss: (if $gate then $rest / 8 else 1 end)}' |
    aggregate --effects gate,rest --metric loss --bootstrap 500 |
    jq -c 'select(.key == "gate") | [.n, .mean, .lo == null, .hi == null,
        .lo < .mean and .mean < .hi and .lo >= -1 and .hi <= -0.375]'
done
echo "# interactions: gate lowers the loss by 1/2, and by (1 + rest)/8 more for"
echo "# each layer; of rest 4 a run is missing, of rest 5 one diverged"
jq -cn 'range(8) as $rest | range(2) as $gate | (1, 2, 4) as $layers
    | (1, 2) as $seed
    | select($rest != 4 or $gate == 0 or $layers != 2)
    | {id: "\($rest)\($gate)\($layers)\($seed)",
       loss: (if $rest == 5 and $gate == 1 and $layers == 4 then null
              else $rest - $gate / 2 - $gate * (1 + $rest) / 8 *
                   (if $layers == 4 then 3 else $layers end)
                   + (2 * $seed - 3) / 4 end),
       settings: {$gate, $layers, $rest}}' > i.jsonl
aggregate --effects gate,layers,rest --interactions --metric loss i.jsonl \
    > i.out
jq -c 'select(.with == "layers") | [.key, .from, .to, .with_from, .with_to, .n,
    .mean, .lower]' i.out
echo "# rest changes what gate and layers do by 1/8 a layer and by 3/8 in all"
jq -c 'select(.with == "rest" and .with_from == 0) | [.key, .from, .to, .n,
    .mean]' i.out
echo "# in order, the effects first"
jq -r '[if .with then 1 else 0 end, -(.mean | fabs)] | @csv' i.out |
    sort -t, -c -k1,1n -k2,2g && wc -l < i.out
tac i.jsonl | aggregate --effects gate,layers,rest --interactions \
    --metric loss | cmp - i.out
aggregate --effects gate,layers --interactions --bootstrap 100 --markdown \
    --metric loss i.jsonl
aggregate --by gate --interactions --metric loss i.jsonl
