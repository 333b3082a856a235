# Held-out losses by cell and number of steps, the best cell first, beside the
# entropies; with the order whose entropy each run comes nearest to from above
# (null: worse than knowing no symbol).
def cell: .settings | {layers, size, options};
def name: .settings | "\(.layers)x\(.size) \(.options
  | [to_entries[] | select(.value) | .key[4:] | split("_")[0]] | join(" "))";
def beats($bits): [$entropies[] | select($bits < .test_bits) | .order] | max;
{ cells: [ $runs | group_by(cell)
    | sort_by(map(.test_bits_per_byte) | min)[]
    | {cell: (.[0] | name), configuration: (.[0] | cell),
       runs: [ group_by(.settings.bptt)[]
         | (map(.test_bits_per_byte) | add / length) as $bits
         | {bptt: .[0].settings.bptt, n: length, updates: .[0].settings.steps,
            test_bits_per_byte: $bits,
            val_bits_per_byte: (map(.val_bits_per_byte) | add / length),
            test_loss: (map(.test_loss) | add / length),
            ids: map(.id), beats_order: beats($bits)} ]} ],
  entropies: $entropies }
