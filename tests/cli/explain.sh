# --explain and --dry-run speak of the windows that run, and of what they do.
cd "$WORK" || exit 1
gentask copy --len 3 --count 1 > s.ts
echo "== windows of several steps make the adjoint of the states, of one do not"
for bptt in 0 4 1; do
    echo "bptt $bptt:"
    train --cell gru --size 8 --bptt $bptt --explain s.ts |
        grep -E "windows of|downwards|U.\^T|^all layers"
done
echo "== the dry run counts the same"
for bptt in 0 4 1; do
    train --cell gru --size 8 --bptt $bptt --dry-run s.ts |
        jq -c '[.steps, .bytes_kept_a_step_and_row, .flops_a_step_and_row]'
done
echo "== the head works at the positions of the mask alone"
train --cell gru --size 8 --bptt 13 --dry-run s.ts |
    jq -c '[.steps, .rows, .flops_an_update]'
