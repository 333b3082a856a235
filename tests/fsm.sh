#!/bin/bash
# System 3 in small: a search, its better rates on other seeds, scores, the
# curriculum, a net that is written down, tables and figures of all of them.
. tests/judge.sh

small a -j2 results_fsm > "$WORK/out" 2>&1
judge 'search, nets, tables and figures' '[ $? -eq 0 ] &&
    [ "$(runs a/fsm | wc -l)" = 10 ] && [ "$(runs a/fsm-nets | wc -l)" = 18 ] &&
    [ "$(wc -l < "$WORK/a/fsm-nets/scores.jsonl")" = 18 ] &&
    [ "$(find "$WORK/a/fsm-nets" -name "*.png" | wc -l)" = 6 ]'
nets=$WORK/a/fsm-nets
judge 'each arm is at its better rate' '[ "$(jq -rs "
    (.[0] | map_values(.lr)) as \$best | .[1:] |
    map(select(\$best[.arm | sub(\"-[0-9]x.*|-fresh\"; \"\")] == .lr)) |
    length" "$WORK/a/fsm/best.json" "$nets/scores.jsonl")" = 18 ]'
judge 'gated nets jump, plain ones do not' '[ "$(jq -s "
    (map(select(.arm == \"gru\") | .jumped) | add) >
    (map(select(.arm == \"rnn-r0\") | .jumped) | add)" \
    "$nets/scores.jsonl")" = true ]'
judge 'no net is better than exact Bayes but by chance' '[ "$(jq -s "
    all(.[].strict; .above_bayes < 4 * .above_bayes_error + 0.01)" \
    "$nets/scores.jsonl")" = true ]'
judge 'the written net looks up' '[ "$(jq -s ".[0] |
    .loss - .lookup.loss < 0.001 and .accuracy > 0.95" \
    "$nets/latches.jsonl")" = true ]'
judge 'the notebook reads it' '[ "$(cat "$nets"/metrics/*_metrics.json | jq -s "
    length == 18 and all(.[]; .model_config.parameter_count > 0 and
        ([.training_history[] | length] | unique | length == 1) and
        (.final_results | length == 4))")" = true ]'
judge 'summary and table' 'grep -q "cannot tell" "$nets/summary.txt" &&
    grep -q "^| rnn-r2-2x48 | 2 x 48 " "$nets/table.md"'
judge 'nothing is left over' '[ -z "$(find "$WORK/a" -name "*.part*" \
    -o -name "*.checkpoint*" -o -name "*.err*")" ]'
small a results_fsm > "$WORK/out" 2>&1
judge 'nothing to do' '[ $? -eq 0 ] && ! grep -q "^train" "$WORK/out"'

# Kept, put back and drawn again without a training.
small a K="$WORK/kept" archive_fsm > "$WORK/out" 2>&1
judge 'kept' '[ $? -eq 0 ] && grep -q "fsm-nets.jsonl.gz: 18 runs of 18" \
    "$WORK/out"'
small b K="$WORK/kept" restore_fsm > "$WORK/out" 2>&1
small b results_fsm > "$WORK/out" 2>&1
judge 'put back and drawn again' '[ $? -eq 0 ] &&
    ! grep -q "^train" "$WORK/out" &&
    cmp "$nets/summary.txt" "$WORK/b/fsm-nets/summary.txt"'

# The original's grid is complete, and begins.
make -s SIZE=paper R="$WORK/p" D="$WORK/data" -n results_fsm > "$WORK/out" 2>&1
UNROLL_CELLS=configs/cells genconfigs configs/paper/fsm.json > "$WORK/paper"
judge 'the original size is whole' '[ "$(wc -l < "$WORK/paper")" = 102 ]'
jq -c 'select((.seed // 1) == 1 and .size == 256 and .layers == 2)' \
        "$WORK/paper" |
    while read -r config; do
        echo "$config" | jq -c 'del(.id, .epochs) | .steps = 1 | .val_rows = 8
            | .test_rows = 8' > "$WORK/one.json"
        # of the larger machines it is said what would be done
        train --quiet --config "$WORK/one.json" $(jq -r 'if .task.states
            then "--dry-run" else "" end' "$WORK/one.json") \
            --source "gentask --config $WORK/one.json --serve" |
            jq -r '.status // (.flops_an_update > 0)'
    done > "$WORK/out" 2>&1
judge 'and begins' '[ "$(grep -c done "$WORK/out")" = 5 ] &&
    [ "$(grep -c true "$WORK/out")" = 5 ] && [ "$(wc -l < "$WORK/out")" = 10 ]'
