# One update a time step, states carried on as constants and reset after each
# block: the losses of the same training in PyTorch (tests/fixtures/one-step).
for name in one-step one-step-all one-step-old; do
    fixture=$TOP/tests/fixtures/one-step/$name
    jq -c '{input_size: 6, target_size: 6}, .rows[]' "$fixture.json" \
        > "$WORK/rows.jsonl"
    jq '{cell: "gated", encoder: "linear", layers: 2, size: 5, options,
         bptt: 1, batch: 4, epochs: 3, lr: 0.01, average_start: 3,
         curve_every: 1}' "$fixture.json" > "$WORK/c.json"
    train --config "$WORK/c.json" --init "$fixture.safetensors" --quiet \
        "$WORK/rows.jsonl" |
    jq -c --slurpfile want "$fixture.json" '
        def far($a; $b): [$a, $b] | transpose | map(.[0] - .[1] | fabs) | max;
        [.updates, (.curve.loss | length),
         far(.curve.loss; $want[0].losses) < 1e-5,
         far(.curve.average; $want[0].averages) < 1e-5,
         .min_loss == (.curve.average | min)]'
done
