# Held-out losses by cell and number of steps, the best cell first, beside the
# entropies; with the order whose entropy each run comes nearest to from above
# (null: worse than knowing no symbol).
def cell: .settings | {layers, size, options};
def name: .settings | "\(.layers)x\(.size) \(.options
  | [to_entries[] | select(.value) | .key[4:] | split("_")[0]] | join(" "))";
# A run that diverged has no loss: means are of those that have one.
def known(f): map(f | numbers) | length;
def mean(f): map(f | numbers) | if length == 0 then null
  else add / length end;
def beats($bits): if $bits == null then null else
  [$entropies[] | select($bits < .test_bits) | .order] | max end;
{ cells: [ $runs | group_by(cell)
    | sort_by(map(.test_bits_per_byte | numbers) | min // infinite)[]
    | {cell: (.[0] | name), configuration: (.[0] | cell),
       runs: [ group_by(.settings.bptt)[]
         | mean(.test_bits_per_byte) as $bits
         | {bptt: .[0].settings.bptt, n: known(.test_bits_per_byte),
            missing: (length - known(.test_bits_per_byte)),
            updates: .[0].settings.steps,
            test_bits_per_byte: $bits,
            val_bits_per_byte: mean(.val_bits_per_byte),
            test_loss: mean(.test_loss),
            ids: map(.id), beats_order: beats($bits)} ]} ],
  entropies: $entropies }
