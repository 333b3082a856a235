# A run's config, or the bare task, says what to draw; flags win.
cd "$WORK" || exit 1
t() {
    printf '%s' "$1" > c.json
    shift
    gentask --config c.json --count 1 --text "$@" 2>&1 | expand -t 24
}
t '{"batch":2,"lr":0.01,"task":{"name":"copy","len":3,"blanks":1}}'
t '{"name":"copy","len":3,"blanks":1}' --batch 2
t '{"batch":2,"task":{"name":"copy","len":3,"blanks":1}}' --len 4 --batch 1
both='{"batch":1,"task":{"name":"copy","len":3},"val_task":{"blanks":2}}'
t "$both"
t "$both" --split val
t "$both" --split val --blanks 4
t '{"task":{"name":"copy"},"val_task":3}'
t '{"task":{"name":"copi"}}'
t '{"task":{"name":"copy","lenn":3}}'
t '{"task":{"name":"copy","len":"3"}}'
t '{"task":{"name":"copy","len":3,"len_min":5}}'
t '{"task":{"len":3}}'
t '{"task":"copy"}'
t '{"task":{"name":"copy"},"batch":-1}'
t '[]'
t '{"task":{"name":"copy"}'
t '{"task":{"name":"copy"}}' copy
gentask --config /nonexistent 2>&1
gentask --config 2>&1
