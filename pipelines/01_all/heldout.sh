#!/bin/sh
# heldout.sh CONFIG MODEL CORPUS [VOCABULARY] - a model's loss on all blocks of
# the validation and the test split, as a line of JSON.
config=$1 model=$2 corpus=$3 vocabulary=${4-}
for split in val test; do
    bin/gentask --config "$config" --file "$corpus" --split $split \
        --mode blocks --batch 64 ${vocabulary:+--vocabulary "$vocabulary"} |
    bin/eval "$model" || exit 1
done |
jq -cs 'def of($s): {($s + "_loss"): .loss, ($s + "_accuracy"): .accuracy,
                     ($s + "_bits_per_byte"): .bits_per_byte,
                     ($s + "_places"): .places};
    if length == 2 then {id: .[0].id, settings: .[0].settings}
        + (.[0] | of("val")) + (.[1] | of("test"))
    else error("a split could not be judged") end'
