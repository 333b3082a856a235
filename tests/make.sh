#!/bin/bash
# The sweep machinery with a tiny sweep: nothing is run twice, nothing is lost,
# and the bytes are the same however the work was interrupted or shared out.
. tests/judge.sh
export LOG=$WORK/launched
mkdir -p "$WORK/c"

# A sweep of T 3, 4 ... with so many epochs, in a folder of its own.
spec() {
    cat > "$WORK/c/copy.json" <<END
{"name": "copy",
 "base": {"size": 16, "task": {"name": "copy", "blanks": 1}, "batch": 20,
          "train_rows": 40, "val_rows": 10, "test_rows": 10, "epochs": $2},
 "grid": {"cell": ["lstm", "gru"], "task.len": [$1]},
 "seeds": 2, "template": "{cell}-T{task.len}-s{seed}"}
END
}

# Every training command goes through this.
cat > "$WORK/launch" <<'END'
#!/bin/bash
for a; do case $a in */copy/*.json) last=$a ;; esac; done
case $* in *"${BREAK:-no such run}"*) echo "launch: broken" >&2; exit 7 ;; esac
basename "$last" >> "$LOG"
exec "$@"
END
chmod +x "$WORK/launch"

sweep() {
    dir=$1; shift
    make -s R="$WORK/$dir" D="$WORK/d" C="$WORK/c" LAUNCH="$WORK/launch" \
        copy.train='--batch 20 --count 2 --blanks 1' copy.plus=2 \
        copy.held='--batch 10 --count 1 --blanks 1' "$@"
}

launched() { sort "$LOG" 2>/dev/null | uniq | wc -l; }
bytes() {
    (cd "$WORK/$1/copy" && find . -name '*.json' \
        -o -name '*.safetensors' -o -name 'longer.jsonl' | sort |
        xargs sha256sum)
}
left_over() { find "$WORK/$1" -name '*.part*' -o -name '*.lock' \
    -o -name '*.checkpoint*' -o -name '*.err*'; }

spec '3, 4' 4
sweep a -n results_copy > "$WORK/out" 2>&1
judge 'make -n makes nothing' '[ ! -e "$WORK/a" ] && [ ! -e "$WORK/d" ]'
sweep a status > "$WORK/out" 2>&1
judge 'status before anything' 'grep -q "not begun" "$WORK/out" &&
    [ ! -e "$WORK/a" ]'

sweep a -j1 results_copy > "$WORK/out" 2>&1
judge 'a first run' '[ $? -eq 0 ] && [ "$(launched)" = 8 ] &&
    [ -s "$WORK/a/copy/longest.png" ] && [ -z "$(left_over a)" ] &&
    [ "$(wc -l < "$WORK/a/copy/table.md")" = 6 ]'
sweep a status > "$WORK/out" 2>&1
judge 'status of a finished sweep' 'grep -q "8 done, 0 running, 0 failed" \
    "$WORK/out"'

rm -f "$LOG"
bytes a > "$WORK/a.sums"
sweep a results_copy > "$WORK/out" 2>&1
judge 'nothing to do' '[ ! -e "$LOG" ] && ! grep -q train "$WORK/out"'
sweep b -j2 results_copy > "$WORK/out" 2>&1
bytes b > "$WORK/b.sums"
judge 'the same bytes with -j2' 'cmp "$WORK/a.sums" "$WORK/b.sums"'

rm -f "$LOG"
spec '3, 4, 5' 4
sweep a -j2 results_copy > "$WORK/out" 2>&1
judge 'a grown grid runs the new ones only' '[ "$(launched)" = 4 ] &&
    ! grep -q "T[34]" "$LOG" && [ "$(bytes a | grep -f "$WORK/a.sums" -F |
    grep -vc longer)" = "$(grep -vc longer "$WORK/a.sums")" ]'
spec '3, 4' 4
sweep a results_copy > /dev/null 2>&1
sweep a prune > "$WORK/out" 2>&1
judge 'prune lists what nobody asks for' 'grep -q T5 "$WORK/out" &&
    ! grep -q "T[34]" "$WORK/out"'

# One run fails: the others go on, it is listed, and the next make does it.
rm -f "$LOG"
spec '3' 4
BREAK=gru-T3-s43 sweep f -k -j2 results_copy > "$WORK/out" 2>&1
status=$?
sweep f failed > "$WORK/failed" 2>&1
judge 'a failed run is listed with its last line' '[ $status -ne 0 ] &&
    [ "$(launched)" = 3 ] && [ "$(wc -l < "$WORK/failed")" = 1 ] &&
    grep -q "gru-T3-s43.*launch: broken" "$WORK/failed"'
sweep f results_copy > "$WORK/out" 2>&1
judge 'and made by the next make' '[ "$(launched)" = 4 ] &&
    [ -z "$(left_over f)" ] && [ -s "$WORK/f/copy/table.md" ]'

# kill -9 of make and all its children at any moment, again and again.
spec '30' 400
sweep g -j2 results_copy > "$WORK/out" 2>&1
bytes g > "$WORK/g.sums"
rm -f "$LOG"
killed=0
for pause in 0.3 0.5 0.8 1.1; do
    setsid bash -c "$(declare -f sweep); WORK='$WORK'
        sweep h -j2 results_copy" > /dev/null 2>&1 &
    sleep $pause
    { kill -9 -- -$! && killed=$((killed + 1)); } 2>/dev/null
    { wait; } 2>/dev/null
    for r in "$WORK"/h/copy/*-s*.json; do
        [ -e "$r" ] && basename "$r"
    done | sort > "$WORK/finished"
    cp "$LOG" "$WORK/before" 2>/dev/null || : > "$WORK/before"
done
sweep h -j2 results_copy > "$WORK/out" 2>&1
judge "killed $killed times, then the same bytes" \
    'bytes h | cmp - "$WORK/g.sums" && [ $killed -gt 0 ] &&
    [ -z "$(left_over h)" ]'
tail -n "+$(($(wc -l < "$WORK/before") + 1))" "$LOG" | sort > "$WORK/after"
judge 'and no finished run again' \
    '[ -z "$(comm -12 "$WORK/after" "$WORK/finished")" ]'

# What kill -9 leaves once a run's files are whole is gone after the next make:
# a lock, with a checkpoint or without, temporaries of files and of folders,
# but not what somebody holds.  Nothing is trained again.
killed=$(find "$WORK/g/copy" -maxdepth 1 -name '*-s*.json' | sort | head -n 1)
killed=${killed%.json}
config=$WORK/g/copy/configs/${killed##*/}.json
train -q --config "$config" --result "$WORK/again.json" --checkpoint-every 0 \
    "$WORK/d/copy/T30-train.gz" --val "$WORK/d/copy/T30-val.gz" \
    --test "$WORK/d/copy/T30-test.gz" > /dev/null 2>&1 &
until [ -s "$WORK/again.checkpoint" ]; do sleep 0.02; done
{ kill -9 $!; wait $!; } 2> /dev/null
leave() {
    cp "$WORK/again.checkpoint" "$killed.checkpoint"
    : > "$killed.checkpoint.lock"
    find "$WORK/g/copy" -maxdepth 1 -name 'lstm*-s*.json' |
        sed 's/json$/checkpoint.lock/' | xargs touch
    : > "$WORK/g/.contract.part.77"
    echo half > "$WORK/g/copy/table.md.part.77"
    echo half > "$WORK/g/copy/longer/x.json.part.77.1"
    : > "$killed.err.77"
    : > "$WORK/d/copy/T30-train.gz.part.77"
    mkdir -p "$WORK/g/copy/figure.part.77"
    echo half > "$WORK/g/copy/figure.part.77/a.tsv"
}
leave
(cd "$WORK/g" && find . -type f | sort) > "$WORK/left"
sweep g prune > "$WORK/out" 2>&1
judge 'prune lists what was left' '[ "$(grep -c "77" "$WORK/out")" = 6 ]'
sweep g -n results_copy > "$WORK/out" 2>&1
judge 'and make -n leaves it' '
    (cd "$WORK/g" && find . -type f | sort) | cmp - "$WORK/left"'
: > "$WORK/g/copy/held.part.77"
flock -o "$WORK/g/copy/held.part.77" sleep 60 &
holder=$!
sleep 0.1
rm -f "$LOG"
sweep g -j2 results_copy > "$WORK/out" 2>&1
judge 'the next make removes it' '[ "$(left_over g)" = \
    "$WORK/g/copy/held.part.77" ] && [ -z "$(left_over d)" ] &&
    [ "$(launched)" = 3 ] && [ ! -e "$WORK/g/copy/figure.part.77" ] &&
    bytes g | cmp - "$WORK/g.sums"'
{ kill $holder; wait $holder; } 2> /dev/null
rm -f "$LOG"
sweep g -j2 results_copy > "$WORK/out" 2>&1
judge 'and then there is nothing to do' '[ ! -e "$LOG" ] &&
    [ -z "$(left_over g)" ]'

# Two makes on one folder.
rm -rf "$LOG" "$WORK/d"
sweep i -j2 results_copy > "$WORK/out" 2>&1 &
first=$!
sweep i -j2 results_copy > "$WORK/out2" 2>&1
second=$?
wait $first
first=$?
judge 'two makes at once' '[ $first -eq 0 ] && [ $second -eq 0 ] &&
    bytes i | cmp - "$WORK/g.sums" && [ -z "$(left_over i)" ]'
