#!/bin/bash
# System 4 in small: every part of the sweep, killed and gone on with, its
# tables and figures; what was done is not done again, and one that is gone
# comes back.
. tests/judge.sh

setsid make -s SIZE=quick R="$WORK/a" D="$WORK/data" -j2 results_compose \
    > "$WORK/out" 2>&1 &
group=$!
for _ in {1..600}; do
    [ "$(runs a/compose 2> /dev/null | wc -l)" -ge 3 ] && break
    sleep 0.1
done
kill -9 -- -$group 2> /dev/null
wait $group 2> /dev/null
judge 'killed under way' '[ "$(runs a/compose | wc -l)" -lt 28 ]'
runs a/compose | xargs sha256sum > "$WORK/before"
small a -j2 results_compose > "$WORK/out" 2>&1
judge 'the rest, tables and figures' '[ $? -eq 0 ] &&
    [ "$(runs a/compose | wc -l)" = 28 ] &&
    [ "$(wc -l < "$WORK/a/compose/scores.jsonl")" = 28 ] &&
    [ "$(find "$WORK/a/compose" -name "*.png" -size +8k | wc -l)" = 8 ] &&
    grep -q "^| D5 |" "$WORK/a/compose/table.md"'
judge 'what was done is not done again' 'sha256sum --quiet -c "$WORK/before"'
judge 'nothing is left over' '[ -z "$(find "$WORK/a" -name "*.part*" \
    -o -name "*.checkpoint*" -o -name "*.err*" -o -name "*.spectra" \
    -o -path "*outputs/*")" ]'

# Levels of C11 as the tables have them; the run met those that it came to.
judge 'levels, and the first irreps of C11 in their order' 'jq -se ".[]
    | select(.experiment == \"columns\" and .group == \"C11\")
    | [.plateaus[:5][] * 1e6 | round] ==
      [5681818,3099174,1446281,516529,103306] and .met >= 1 and
      .observed[:3] == [\"1\", \"2\", \"3\"]" \
    "$WORK/a/compose/scores.jsonl" > "$WORK/out"'
judge 'a linear map learns nothing' 'jq -se ".[] | select(.experiment ==
    \"activation-linear\") | .loss > 0.9999 * .plateaus[0]" \
    "$WORK/a/compose/scores.jsonl" > "$WORK/out"'

small a -j2 results_compose > "$WORK/out" 2>&1
judge 'nothing to do' '[ $? -eq 0 ] && ! grep -q "^train" "$WORK/out"'
run=$(runs a/compose | grep columns_D5)
cp "$run" "$WORK/was"
score=${run%/*}/scores/${run##*/}
cp "$score" "$WORK/score"
rm "$run" "$score"
small a results_compose > "$WORK/out" 2>&1
judge 'one that is gone comes back' 'cmp "$run" "$WORK/was" &&
    cmp "$score" "$WORK/score"'
