# What docs/formats.md says: its scripts feed train, its line gives the id.
python3 -c 'import numpy, safetensors' 2> /dev/null || {
    echo 'no numpy or safetensors for python3' >&2
    exit 77
}
for name in stream lines; do
    sed -n "/^# $name.py/,/^\`\`\`/p" docs/formats.md | sed '/^```/d' \
        > "$WORK/$name.py"
done
cd "$WORK" || exit 1
python3 stream.py > s
for form in 'cat s' 'gzip -c s' 'python3 lines.py'; do
    $form | train --epochs 2 --size 8 --quiet |
        jq -c '{status, updates, task: .settings.task}'
done
head -c 30000 s | train --quiet
echo "rc=$?"
train --dry-run < s | jq .config > c.json
train --dry-run < s | jq -r .id > id
jq -cjS 'del(.id) | walk(if type == "number" then . + 0 else . end)' c.json |
    sha256sum | cut -d' ' -f1 | cmp - id && echo the same id
train --steps 1 --size 2 --quiet --save m.safetensors --result r.json < s \
    > log.jsonl
tail -n 1 log.jsonl | cmp - r.json && echo the same result
python3 - << 'END'
from safetensors import safe_open
with safe_open("m.safetensors", "numpy") as f:
    print(sorted(f.metadata()), sorted(f.keys())[:4])
END
jq -r 'keys_unsorted | join(" ")' r.json r.meta
