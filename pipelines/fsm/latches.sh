#!/bin/sh
# latches.sh RESULTS/NAME UPDATES - a plain net of this run's shape whose
# weights are written down (contrib/latches), and what gradient descent makes
# of it: a line of JSON for the net as written and for each rate, on the test
# split.
run=$1 updates=$2
name=$(basename "$run")
config=$(dirname "$run")/configs/$name.json
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 143' HUP INT TERM
jq --argjson updates "$updates" 'del(.id, .epochs, .stop_accuracy)
    | .steps = $updates | .select = "last" | .options.p = 0' "$config" \
    > "$folder/config.json" || exit 1
learn() {
    file=$1; shift
    bin/train --quiet --config "$folder/config.json" --save "$folder/$file" \
        --source "bin/gentask --config $folder/config.json --serve" "$@" \
        > "$folder/$file.json"
}
on() {
    bin/gentask --config "$config" --split test --batch 250 --count 8 |
        bin/eval "$folder/$1" |
        jq -c --arg what "$2" '{what: $what, accuracy, loss,
            error: .machines.accuracy_error,
            lookup: .machines.predictors.lookup, bayes:
            .machines.predictors.bayes,
            times: [.machines.times[] | {from, places, accuracy}]}'
}
learn any --steps 1 && bin/latches "$folder/any" "$folder/written" &&
    on written "as written" || exit 1
for rate in 0.001 0.0001; do
    learn "after$rate" --init "$folder/written" --lr $rate &&
        on "after$rate" "after $updates updates at $rate" || exit 1
done
