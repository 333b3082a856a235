# A sweep on data of one's own: the description names the files, genconfigs
# fills in what they add, and each run finds the id that it has.
cd "$WORK" || exit 1
lines() { awk -v n="$1" -v from="$2" 'BEGIN { for (i = from; i < from + n; i++)
    printf "{\"input\":[%d,%d,%d],\"target\":%d}\n", i % 4, int(i / 4) % 4,
        int(i / 16) % 4, (i + int(i / 4) + int(i / 16)) % 4 }'; }
lines 64 0 > train.jsonl
lines 16 7 > val.jsonl
lines 16 3 > test.jsonl
cat > mine.json <<'END'
{"name": "mine", "base": {"size": 8, "batch": 16, "epochs": 2},
 "data": {"train": "train.jsonl", "val": "val.jsonl", "test": "test.jsonl"},
 "grid": {"cell": ["elman", "gru"], "lr": [0.01, 0.1]}, "seeds": 2,
 "template": "{cell}-lr{lr}-s{seed}"}
END
genconfigs --dir configs mine.json | grep -c '^runs.mine += '
for c in configs/*.json; do
    train -q --config "$c" --val val.jsonl --test test.jsonl \
        --result "$(basename "$c")" train.jsonl > out || exit 1
    jq -e --slurpfile c "$c" '.id == $c[0].id and .test_accuracy >= 0' \
        "$(basename "$c")"
done
# By hand the same id, so the same run.
train -q --cell gru --size 8 --batch 16 --epochs 2 --lr 0.1 --seed 43 \
    --val val.jsonl --test test.jsonl train.jsonl > out
cmp out gru-lr0.1-s43-*.json && echo same
# With --fleet too.
mkdir fleet
ls configs/*.json | train -q --fleet - --result fleet/ --val val.jsonl \
    --test test.jsonl train.jsonl 2>&1 | wc -l
# Other data, other ids; a grid over rows of it.
jq '.grid = {"train_rows": [16, 32, 64]} | .template = "{train_rows}-s{seed}"' \
    mine.json | genconfigs | jq -c '[.train_rows, .task.sha256[:8]]'
echo '{"input":[0,1,2],"target":3}' >> train.jsonl
genconfigs mine.json | jq -r .train_rows | sort -u
train -q --config "$(ls configs/gru* | head -n 1)" --val val.jsonl \
    --test test.jsonl train.jsonl | cut -c 1-60
# Mistakes.
genconfigs <<'END'
{"name": "x", "base": {}, "data": {"training": "train.jsonl"}}
END
genconfigs <<'END'
{"name": "x", "base": {}, "data": {"val": "val.jsonl"}}
END
genconfigs <<'END'
{"name": "x", "base": {}, "data": {"train": "nowhere.jsonl"}}
END
genconfigs <<'END'
{"name": "x", "base": {}, "data": "train.jsonl"}
END
