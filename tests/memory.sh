#!/bin/bash
# System 2 in small: nets trained side by side by make, killed and gone on with,
# come out as each does alone; scores, tables and figures of all of them.
. tests/judge.sh

setsid make -s SIZE=quick R="$WORK/a" D="$WORK/data" -j2 results_memory \
    > "$WORK/out" 2>&1 &
group=$!
for _ in {1..600}; do
    [ "$(runs a/memory 2> /dev/null | wc -l)" -ge 3 ] && break
    sleep 0.1
done
kill -9 -- -$group 2> /dev/null
wait $group 2> /dev/null
judge 'killed under way' '[ "$(runs a/memory | wc -l)" -lt 14 ]'
runs a/memory | xargs sha256sum > "$WORK/before"
small a -j2 results_memory > "$WORK/out" 2>&1
judge 'the rest, tables and figures' '[ $? -eq 0 ] &&
    [ "$(runs a/memory | wc -l)" = 14 ] &&
    [ "$(runs a/memory-nets | wc -l)" = 19 ] &&
    [ "$(wc -l < "$WORK/a/memory-nets/scores.jsonl")" = 19 ] &&
    [ "$(find "$WORK/a/memory-nets" -name "*.png" | wc -l)" = 10 ] &&
    grep -q "^| grid | 10 |" "$WORK/a/memory-nets/table.md"'
judge 'what was done is not done again' 'sha256sum --quiet -c "$WORK/before"'
judge 'nothing is left over' '[ -z "$(find "$WORK/a" -name "*.part*" \
    -o -name "*.checkpoint*" -o -name "*.err*" -o -name "*.fleet*")" ]'
small a -j2 results_memory > "$WORK/out" 2>&1
judge 'nothing to do' '[ $? -eq 0 ] && ! grep -q "^train" "$WORK/out"'

# One of each kind alone.
for run in $(cd "$WORK/a" && find memory memory-nets -maxdepth 1 \
        -name '*-s2-*.json' | sed 's/\.json$//'); do
    config=$WORK/a/${run%/*}/configs/${run##*/}.json
    train --quiet --config "$config" --save "$WORK/alone.safetensors" \
        --source "gentask --config $config --serve" > "$WORK/alone.json"
    { tail -n 1 "$WORK/alone.json" | cmp - "$WORK/a/$run.json" &&
        cmp "$WORK/alone.safetensors" "$WORK/a/$run.safetensors"
    } > "$WORK/out" 2>&1 || echo "$run" >> "$WORK/differ"
done
judge 'as when trained alone' '[ ! -e "$WORK/differ" ]'

# A result that is gone is made again, alone of its fleet.
run=$(runs a/memory-nets | grep sizes-grid-10-s2)
cp "$run" "$WORK/was"
other=$(runs a/memory-nets | grep sizes-grid-10-s1)
stamp=$(jq -r .finished "${other%.json}.meta")
rm "$run"
small a -j2 results_memory > "$WORK/out" 2>&1
judge 'one that is gone comes back' 'cmp "$run" "$WORK/was" &&
    [ "$stamp" = "$(jq -r .finished "${other%.json}.meta")" ]'

# Stopped when its nets are done and the command is not.
cat > "$WORK/slow" <<'END'
#!/bin/sh
"$@"
touch "$WORK/slept"
exec sleep 60
END
chmod +x "$WORK/slow"
export WORK
setsid make -s SIZE=quick R="$WORK/b" D="$WORK/data" LAUNCH="$WORK/slow" \
    results_memory > "$WORK/out" 2>&1 &
group=$!
for _ in {1..600}; do
    [ -e "$WORK/slept" ] && break
    sleep 0.1
done
kill -TERM -- -$group
wait $group 2> /dev/null
judge 'stopped: what is done stays' '[ "$(runs b/memory | wc -l)" -ge 1 ] &&
    [ -z "$(find "$WORK/b" -name "*.fleet*")" ]'
