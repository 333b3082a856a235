# Descriptions become configs: order, exclusions, experiments, names, files.
export UNROLL_CELLS=configs/cells
spec=$WORK/spec.json
cat > "$spec" <<'END'
{"name": "demo",
 "base": {"task": {"name": "copy"}, "steps": 10},
 "grid": {"cell": ["lstm", "gru"], "task.len": [5, 10]},
 "exclude": [{"cell": "gru", "task": {"len": 5}}],
 "experiments": [
   {"name": "plain"},
   {"name": "wide", "set": {"task.symbols": 4},
    "grid": {"cell": ["gru"], "size,batch": [[20, 4], [30, 2]]}}],
 "seeds": 2, "template": "{experiment}-{cell}-h{size}-T{task.len}-s{seed}"}
END
genconfigs "$spec" | jq -c 'del(.cells, .id)'
genconfigs --names "$spec" | sed 's/-[0-9a-f]*$//'
# The id is what jq and sha256sum make of a config's file.
genconfigs --dir "$WORK/d" "$spec" > "$WORK/runs.mk"
for f in "$WORK"/d/*.json; do
    id=$(jq -cjS 'del(.id) | walk(if type == "number" then . + 0 else . end)' \
        "$f" | sha256sum | cut -c 1-64)
    [ "$id" = "$(jq -r .id "$f")" ] || echo "$f: the id is not the hash"
    case $f in *-$(echo "$id" | cut -c 1-8).json) ;; *) echo "$f" ;; esac
done
sed 's/-[0-9a-f]\{8\}/-ID/' "$WORK/runs.mk" | head -n 4
# Files that would not change keep their times.
touch -d 2001-01-01 "$WORK"/d/*.json
genconfigs --dir "$WORK/d" "$spec" | cmp - "$WORK/runs.mk"
find "$WORK/d" -type f -newermt 2002-01-01
# --merge keeps what was there, in its order, and adds the rest.
genconfigs "$spec" | tac | head -n 3 > "$WORK/old"
genconfigs --merge "$WORK/old" "$spec" > "$WORK/new"
head -n 3 "$WORK/new" | cmp - "$WORK/old"
wc -l < "$WORK/new"
sort "$WORK/new" > "$WORK/a"; genconfigs "$spec" | sort | cmp - "$WORK/a"
# A key at its default, and a cell's comment, change no id.
a=$(echo '{"name":"x","base":{"cell":"lstm"}}' | genconfigs | jq -r .id)
b=$(echo '{"name":"x","base":{"cell":"lstm","lr":0.001}}' | genconfigs |
    jq -r .id)
mkdir "$WORK/cells"
sed 's/$/   # why/' configs/cells/lstm.cell > "$WORK/cells/lstm.cell"
c=$(echo '{"name":"x","base":{"cell":"lstm"}}' |
    UNROLL_CELLS=$WORK/cells genconfigs | jq -r .id)
[ "$a" = "$b" ] && [ "$a" = "$c" ] && echo same
sed 's/tanh/sin/' configs/cells/lstm.cell > "$WORK/cells/lstm.cell"
d=$(echo '{"name":"x","base":{"cell":"lstm"}}' |
    UNROLL_CELLS=$WORK/cells genconfigs | jq -r .id)
[ "$a" = "$d" ] || echo another
# In an order of its own: parts, words, pairs of keys, seeds; the same ids.
cat > "$WORK/o.json" <<'END'
{"name": "o", "base": {},
 "grid": {"batch": [1, 2], "size,layers": [[8, 1], [8, 2], [16, 1], [16, 2]]},
 "order": {"factors": {"b": "batch", "s": "size", "l": "layers", "t": "seed"},
           "parts": [{"where": {"size": 16, "layers": 1}, "words": ["t", "b"]},
                     {"words": ["bl", "t"]}]},
 "seeds": 2, "template": "b{batch}-n{size}-l{layers}-t{trial}"}
END
genconfigs --names "$WORK/o.json" | sed 's/-[0-9a-f]*$//' | tee "$WORK/o" | xargs
jq 'del(.order)' "$WORK/o.json" | genconfigs | jq -r .id | sort > "$WORK/ids"
genconfigs "$WORK/o.json" | jq -r .id | sort | cmp - "$WORK/ids"
