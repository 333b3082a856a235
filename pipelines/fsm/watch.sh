#!/bin/sh
# watch.sh RESULTS/NAME - how far a run's net is from each predictor while it
# learns: a line of JSON, for each validation what 500 sequences of the test
# split say.
#
# The run is trained once more, the same to the bit, and its weights are kept at
# each validation; no result holds them.
run=$1
name=$(basename "$run")
config=$(dirname "$run")/configs/$name.json
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 143' HUP INT TERM
bin/gentask --config "$config" --split test --batch 250 --count 2 \
    --output "$folder/test.gz" &&
bin/train --quiet --config "$config" --snapshots "$folder/at" \
    --source "bin/gentask --config $config --serve" > "$folder/result" &&
for model in "$folder"/at/*.safetensors; do
    bin/eval "$model" "$folder/test.gz" |
        jq -c --arg step "$(basename "$model" .safetensors)" '
            {step: ($step | tonumber), loss, accuracy,
             kl: (.machines.predictors | map_values(.kl)),
             same: (.machines.predictors | map_values(.same))}' || exit 1
done > "$folder/all" &&
jq -cs --arg name "$name" '{name: $name,
    arm: ($name | sub("-[0-9.]+-s[0-9]+-[0-9a-f]+$"; "")), at: .}' \
    "$folder/all"
