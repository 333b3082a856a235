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
jq -r .id "$WORK/all.jsonl" | sort | sha256sum
echo "# parts that are balanced: of so many runs so many sums of the signs of"
echo "# one, two or three settings are not 0"
# balance FROM COUNT: the runs' signs, of what does not vary none
balance() {
    genconfigs --names configs/01_all.json | tail -n +"$1" | head -n "$2" |
    awk -v part="$1 $2" '{
        split($0, w, "-")
        for (i = 1; i <= 4; i++) x[NR, i] = 2 * substr(w[i + 2], 2, 1) - 1
        x[NR, 5] = w[2] == "S32" ? 0 : 2 * substr(w[9], 2, 1) - 1
        x[NR, 6] = w[1] == "L1" ? 0 : w[1] == "L3" ? 1 : -1
        if (!seen[w[1] " " w[7] " " w[8]]++) kinds++
    }
    function bad(a, b, c,   k, s) {
        for (k = 1; k <= NR; k++)
            s += x[k, a] * (b ? x[k, b] : 1) * (c ? x[k, c] : 1)
        return s != 0
    }
    END {
        for (i = 1; i <= 6; i++) {
            one += bad(i)
            for (j = i + 1; j <= 6; j++) {
                two += bad(i, j)
                for (k = j + 1; k <= 6; k++) three += bad(i, j, k)
            }
        }
        printf "%s: %d %d %d;", part, one, two, three
        for (k in seen)
            if (seen[k] * kinds != NR && substr(k, 1, 2) != "L1") uneven = 1
        print " " kinds " kinds of layers and states" (uneven ? ", uneven" : "")
    }'
}
balance 1 144
balance 145 24
balance 145 48
balance 145 96
balance 241 24
balance 241 48
balance 241 96
balance 241 192
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
