#!/bin/bash
# System 1 in small, from the description to the figures, on a text made of the
# project's documents: a sample, a larger one, sweeps out of a summary, another
# text, a killed make, two makes at once.
. tests/judge.sh

trained() { grep -c '^train ' "$WORK/out"; }
bytes() {
    (cd "$WORK/$1" && find . -maxdepth 1 -name '*-s*.json' \
        -o -maxdepth 1 -name '*.safetensors' | sort |
        xargs sha256sum)
}

small a -n SAMPLE=26 results_01_all > "$WORK/out" 2>&1
judge 'make -n makes nothing' '[ $? -eq 0 ] && [ ! -e "$WORK/a" ]'

small a -j2 SAMPLE=26 results_01_all > "$WORK/out" 2>&1
judge 'a sample of 26, its tables and figures' '[ $? -eq 0 ] &&
    [ "$(runs a/01_all | wc -l)" = 26 ] &&
    [ "$(wc -l < "$WORK/a/01_all/summary.jsonl")" = 26 ] &&
    [ "$(wc -l < "$WORK/a/01_all/heldout.jsonl")" = 3 ] &&
    [ -s "$WORK/a/01_all/regression.md" ] &&
    [ -s "$WORK/a/01_all/results_01_all_hyperparameters.png" ] &&
    [ -s "$WORK/a/01_all/filtered_results_01_loss_below_3.5.png" ]'
judge 'the fields of a result' 'jq -e ".status == \"done\" and .updates == 200
    and .min_loss == (.curve.average | min)
    and (.curve.average | length) == 20 and .settings.batch == 16
    and .settings.task.history == 21 and .settings.bptt == 1
    and (.settings.task.corpus | length) == 64
    and (.settings.options | length) == 7" $(runs a/01_all) > /dev/null &&
    jq -e ".seconds >= 0 and (.started | length) == 20
    and (.finished | length) == 20" \
    $(runs a/01_all | sed "s/json$/meta/") > /dev/null'
judge 'held-out bits are nats over ln 2' 'jq -e "
    (.test_loss / .test_bits_per_byte / 0.6931471805599453 - 1 | fabs) < 1e-12
    and .val_places > 1000" "$WORK/a/01_all/heldout.jsonl" > /dev/null'

small a -j2 SAMPLE=26 results_01_all > "$WORK/out" 2>&1
judge 'nothing to do' '[ "$(trained)" = 0 ]'
bytes a/01_all > "$WORK/sums"
small a -j2 SAMPLE=30 results_01_all > "$WORK/out" 2>&1
judge 'a larger sample runs the new ones only' '[ "$(trained)" = 4 ] &&
    [ "$(wc -l < "$WORK/a/01_all/summary.jsonl")" = 30 ] &&
    [ "$(bytes a/01_all | grep -cFf "$WORK/sums")" = 52 ]'
bytes a/01_all > "$WORK/sums"

small a SAMPLE=done results_01_all > "$WORK/out" 2>&1
judge 'what is done alone: nothing to train' '[ $? -eq 0 ] &&
    [ "$(trained)" = 0 ] && grep -qx "done 30" "$WORK/a/01_all/.sample" &&
    [ "$(wc -l < "$WORK/a/01_all/summary.jsonl")" = 30 ]'
judge 'the sample is the first of the list' 'runs a/01_all |
    sed "s|.*/||; s|\.json$||" | sort | cmp - <(sed -n \
    "s/^runs.01_all += //p" "$WORK/a/01_all/runs.mk" | head -n 30 | sort)'
small a SAMPLE=few results_01_all > "$WORK/out" 2>&1
judge 'a sample of no number' '[ $? -eq 2 ] && [ "$(wc -l < "$WORK/out")" = 1 ]'

# What is kept of it draws itself without the text; what needs it says so.
kept="K=$WORK/kept CORPUS=$WORK/nowhere"
small a -j2 SAMPLE=done HELDOUT=100 results_01_all > "$WORK/out" 2>&1
small a $kept archive_01_all > "$WORK/out" 2>&1
judge 'kept, with the name of its text' 'zcat "$WORK/kept/01_all.jsonl.gz" |
    head -n 1 | jq -e --arg sum "$(sha256sum < "$WORK/data/text" |
    cut -c 1-64)" ".runs == 30 and .corpora == [\$sum]" > /dev/null'
small t $kept restore_01_all > "$WORK/out" 2>&1
small t $kept SAMPLE=done HELDOUT=100 results_01_all > "$WORK/out" 2>&1
judge 'put back elsewhere, drawn without the text' '[ $? -eq 0 ] &&
    [ "$(trained)" = 0 ] && cmp "$WORK"/[at]/01_all/regression.md &&
    cmp "$WORK"/[at]/01_all/heldout.jsonl &&
    cmp "$WORK"/[at]/01_all/heldout-effects.md &&
    cmp "$WORK"/[at]/01_all/results_01_all.png'
small t $kept SAMPLE=31 results_01_all > "$WORK/out" 2>&1
judge 'one more needs it' '[ $? -eq 2 ] &&
    grep -q "a text that is not here, of the SHA-256 [0-9a-f]\{64\}: say" \
        "$WORK/out"'
small t $kept verify_01_all N=1 > "$WORK/out" 2>&1
judge 'and so does verify' '[ $? -eq 2 ] &&
    [ "$(grep -cv ^make "$WORK/out")" = 1 ] &&
    grep -q "$WORK/nowhere is not there: say CORPUS=path" "$WORK/out"'
small t $kept CORPUS=README.md verify_01_all N=1 > "$WORK/out" 2>&1
judge 'another text will not do' '[ $? -eq 2 ] &&
    [ "$(grep -cv ^make "$WORK/out")" = 1 ] &&
    grep -q "README.md is another: say" "$WORK/out"'
small t $kept CORPUS="$WORK/data/text" verify_01_all N=2 > "$WORK/out" 2>&1
judge 'two of them trained again' '[ $? -eq 0 ] &&
    grep -q "2 of 2 runs drawn come out the same" "$WORK/out"'

small a -j2 SAMPLE=30 results_02_best > "$WORK/out" 2>&1
judge 'the best tenth, wider and deeper, with their parents' '[ $? -eq 0 ] &&
    [ -s "$WORK/a/02_best/results_02_big.png" ] &&
    jq -es --slurpfile all "$WORK/a/01_all/summary.jsonl" "
        length == (\"$(runs a/02_best | tr "\n" " ")\" | split(\" \")
            | map(select(. != \"\")) | length)
        and all(.[]; .parents - (\$all[:3] | map(.id)) == []
            and (.parents | length) > 0 and .test_bits_per_byte > 0)
        and ([.[].parents[]] | unique | length) == 3
        and ([.[].configuration.size] | unique) == [16, 24]" \
        "$WORK/a/02_best/best.jsonl" > /dev/null'
small a SAMPLE=30 results_02_best > "$WORK/out" 2>&1
judge 'again: nothing to do' '[ "$(trained)" = 0 ]'

small a -j2 SAMPLE=30 results_03_bptt results_04_bpe > "$WORK/out" 2>&1
judge 'more steps; byte pairs; entropies beside them' '[ $? -eq 0 ] &&
    [ -s "$WORK/a/03_bptt/bptt.png" ] && [ -s "$WORK/a/04_bpe/bptt.png" ] &&
    jq -es "length == 2 and all(.[]; (.cells | length) == 2
        and (.entropies | length) == 6
        and all(.cells[]; [.runs[].bptt] == [1, 5, 20]
            and .runs[0].updates == 5 * .runs[1].updates
            and all(.runs[]; .test_bits_per_byte < 9)))
        and .[0].cells[0].runs[0].updates == 800" \
        "$WORK/a/03_bptt/summary.json" "$WORK/a/04_bpe/summary.json" \
        > /dev/null'
small a status > "$WORK/out" 2>&1
judge 'status of them all' 'grep -q "03_bptt: 6 done, 0 running" "$WORK/out" &&
    grep -q "01_all: 30 done, 0 running, 0 failed, 0 left of 30" \
        "$WORK/out"'

for enough in 4 14; do
    setsid bash -c "$(declare -f small); WORK='$WORK'
        small k -j2 SAMPLE=30 results_01_all" > /dev/null 2>&1 &
    for wait in $(seq 100); do
        [ "$(runs k/01_all 2> /dev/null | wc -l)" -ge $enough ] && break
        sleep 0.2
    done
    { kill -9 -- -$!; wait $!; } 2> /dev/null
done
done=$(runs k/01_all 2> /dev/null | wc -l)
small k -j2 SAMPLE=30 results_01_all > "$WORK/out" 2>&1 &
small k -j2 SAMPLE=30 results_01_all > "$WORK/out2" 2>&1
second=$?
wait $!
judge "killed twice ($done done), then two makes at once: the same bytes" \
    '[ $? -eq 0 ] && [ $second -eq 0 ] && bytes k/01_all | cmp - "$WORK/sums"'

# Another text: other configs, and no other text will do for them.
head -c 30000 docs/tasks.md | gzip > "$WORK/other.gz"
small o -j2 SAMPLE=26 CORPUS="$WORK/other.gz" results_01_all > "$WORK/out" 2>&1
judge 'CORPUS=path' '[ $? -eq 0 ] && [ "$(runs o/01_all | wc -l)" = 26 ] &&
    [ "$(jq -r .settings.task.corpus $(runs o/01_all | head -n 1))" = \
      "$(zcat "$WORK/other.gz" | sha256sum | cut -d" " -f1)" ]'
one=$(runs o/01_all | head -n 1)
gentask --config "${one%/*}/configs/${one##*/}" --file docs/cells.md --count 1 \
    > "$WORK/out" 2>&1
judge 'a config takes no other text' '[ $? -eq 1 ] &&
    grep -q "it is another text" "$WORK/out"'

# The corpus: unpacked, verified, or a word on how to get it.
fetch() { pipelines/01_all/fetch.sh "$WORK/f/text" "$@" > "$WORK/out" 2>&1; }
fetch http://127.0.0.1:9/e.zip 00
judge 'no network: how to get the corpus by hand' '[ $? -eq 1 ] &&
    grep -q "CORPUS=path" "$WORK/out" && [ ! -e "$WORK/f/text" ]'
cp "$WORK/other.gz" "$WORK/f/text.zip"
fetch http://127.0.0.1:9/e.zip 00
judge 'another text than the one expected' '[ $? -eq 1 ] &&
    grep -q "another SHA-256" "$WORK/out" && [ ! -e "$WORK/f/text" ]'
fetch http://127.0.0.1:9/e.zip \
    "$(zcat "$WORK/other.gz" | sha256sum | cut -d' ' -f1)"
judge 'the text from the file put there by hand' '[ $? -eq 0 ] &&
    zcat "$WORK/other.gz" | cmp - "$WORK/f/text"'
