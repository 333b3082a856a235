#!/bin/sh
# onward.sh RESULTS/NAME 'TASK' EPOCHS - the curriculum: a run's net goes on
# with larger machines, and another of its kind begins with them, for the same
# number of updates.  A line of JSON: right answers on both tasks, before and
# after.
run=$1 task=$2 epochs=$3
name=$(basename "$run")
config=$(dirname "$run")/configs/$name.json
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 143' HUP INT TERM
jq --argjson task "$task" --argjson epochs "$epochs" \
    'del(.id) | .task += $task | .epochs = $epochs' "$config" \
    > "$folder/second.json" || exit 1
learn() {
    file=$1; shift
    bin/train --quiet --config "$folder/second.json" --save "$folder/$file" \
        --source "bin/gentask --config $folder/second.json --serve" "$@"
}
on() {      # MODEL CONFIG: right answers on its test split
    bin/gentask --config "$2" --split test --batch 250 --count 4 |
        bin/eval "$1" | jq .accuracy
}
learn onward --init "$run.safetensors" > "$folder/onward.json" &&
learn scratch > "$folder/scratch.json" || exit 1
jq -cn --arg name "$name" \
    --argjson before "$(on "$run.safetensors" "$config")" \
    --argjson after "$(on "$folder/onward" "$config")" \
    --argjson second "$(on "$folder/onward" "$folder/second.json")" \
    --argjson scratch "$(on "$folder/scratch" "$folder/second.json")" \
    --slurpfile first "$config" --slurpfile r "$folder/onward.json" \
    --slurpfile s "$folder/scratch.json" '
    {name: $name, arm: ($name | sub("-[0-9.]+-s[0-9]+-[0-9a-f]+$"; "")),
     first: "\($first[0].task.states // 3)x\($first[0].task.actions // 3)",
     before: $before, after: $after, second: $second, scratch: $scratch,
     updates: $r[0].updates, scratch_updates: $s[0].updates}'
