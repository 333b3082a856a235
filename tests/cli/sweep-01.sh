# System 1's description: 432 configs, ids that jq and sha256sum give back,
# as many weights as the layer's equations have.
cd "$TOP" || exit 1
genconfigs configs/01_all.json > "$WORK/all.jsonl"
wc -l < "$WORK/all.jsonl"
jq -r .id "$WORK/all.jsonl" | sort | uniq -d
while read -r c; do
    id=$(printf '%s' "$c" | jq -cjS 'del(.id) |
        walk(if type == "number" then . + 0 else . end)' | sha256sum)
    [ "${id%% *}" = "$(printf '%s' "$c" | jq -r .id)" ] || echo "id of $c"
done < "$WORK/all.jsonl"
echo "# the list never changes"
jq -r .id "$WORK/all.jsonl" | sha256sum
echo "# names say what they are"
genconfigs --names configs/01_all.json | sed -n '1p;$p'
echo "# more seeds are more runs, and those there were stay"
genconfigs --seeds 3 configs/01_all.json | jq -r .id | sort > "$WORK/more"
wc -l < "$WORK/more"
jq -r .id "$WORK/all.jsonl" | sort | comm -23 - "$WORK/more"
echo "# sizes"
printf '%s\n%s\n' '{"input_size":256,"target_size":256}' \
    '{"input":[1,2],"target":[2,3]}' > "$WORK/s.jsonl"
sed -n '1~7p' "$WORK/all.jsonl" | while read -r c; do
    printf '%s' "$c" | jq 'del(.id, .task)' > "$WORK/c.json"
    train --config "$WORK/c.json" --dry-run "$WORK/s.jsonl" 2>&1 |
    jq -r --argjson c "$c" '
        .parameters as $have | $c.size as $S
        | ({use_state_gate: true, use_forget_gate: true, use_new_state: true,
            use_residual: true} + ($c.options // {})) as $o
        | (if $o.use_new_state then $S else 0 end
           + if $o.use_old_state then $S else 0 end
           + if $o.use_residual then $S else 0 end) as $in
        | def map($rows; $columns): $rows * ($columns + 1);
        (if $o.use_input_gate then 2 * map($S; 2 * $S) else 0 end
         + map($S; 2 * $S)
         + if $o.use_state_gate then map($S; 3 * $S) else 0 end
         + if $o.use_forget_gate then map($S; 3 * $S) else 0 end
         + map($S; $in)
         + if $o.use_output_gate then map($S; $S + $in) else 0 end) as $layer
        | ($c.layers // 1) * $layer + map($S; 256) + map(256; $S)
        | if . == $have then "ok" else "\(.) not \($have): \($c)" end'
done | sort | uniq -c | tr -s ' '
