#!/bin/sh
# heldout.sh RESULTS/NAME - a net's loss on the sequences that it was not
# trained on, and on longer ones, a line of JSON for each length; as a share of
# the loss of answering 0.
run=$1
name=$(basename "$run")
config=$(dirname "$run")/configs/$name.json
k=$(jq '.task.len // 2' "$config")
zero=$(bin/theory "$run.json" | jq '.plateaus[0]')
for len in "$k" 6 10 50; do
    if [ "$len" -eq "$k" ]; then
        bin/gentask --config "$config" --split test --draw all
    else
        bin/gentask --config "$config" --split test --len "$len" --held 0 \
            --batch 256 --count 8
    fi | bin/eval "$run.safetensors" |
        jq -c --arg name "$name" --argjson len "$len" --argjson zero "$zero" '
            {name: $name, group: .task.group, trained: .settings.task.len,
             len: $len, held: ($len == .settings.task.len), places,
             loss, share: (if .loss then .loss / $zero else null end)}'
done
