#!/bin/bash
# Archives of sweeps: what is finished is kept, put back, added to and trained
# again to the same bytes; whatever is wrong with one is said in a line, and no
# archive and no result is lost.
. tests/judge.sh
mkdir -p "$WORK/d"

# A sweep of one's own, on lines of its own.
gentask copy --len 2 --json --count 2 > "$WORK/d/lines.jsonl"
mine=$WORK/mine.json
jq -cn --arg lines "$WORK/d/lines.jsonl" '
    {name: "mine", base: {epochs: 2, size: 6}, data: {train: $lines},
     grid: {cell: ["gru", "elman"]}, seeds: 3,
     template: "{cell}-s{seed}"}' > "$mine"

# own FOLDER WORD...: make of that sweep, its archives in FOLDER.kept
own() {
    dir=$1; shift
    make -s SPEC="${SPEC-$mine}" R="$WORK/$dir" K="$WORK/$dir.kept" \
        D="$WORK/d" "$@"
}
# Names of the runs, those of elman first; of the archive of a folder, the file.
names() { genconfigs --names "$mine" | sort; }
kept() { echo "$WORK/$1.kept/mine.jsonl.gz"; }
sums() { (cd "$WORK/$1/mine" && sha256sum -- *-s*.json); }
# The one line that make's own does not follow.
said() { grep -v '^make' "$WORK/out"; }

# ---- a round ---------------------------------------------------------------

own a -j2 sweep > "$WORK/out" 2>&1
own a archive_mine > "$WORK/out" 2>&1
judge 'a finished sweep is kept' '[ $? -eq 0 ] && grep -q "6 runs of 6" \
    "$WORK/out" && [ "$(ls "$WORK/a.kept")" = mine.jsonl.gz ]'
zcat "$(kept a)" > "$WORK/text"
judge 'its first line says of what' 'head -n 1 "$WORK/text" | jq -e --arg d \
    "$(sha256sum < "$mine" | cut -c 1-64)" --slurpfile r \
    "$(echo "$WORK"/a/mine/gru-s42-*.json)" --slurpfile m \
    "$(echo "$WORK"/a/mine/gru-s42-*.meta)" --slurpfile spec "$mine" "
    .unroll == \"archive\" and .version == 1 and .sweep == \"mine\"
    and .contract == \$r[0].contract and .runs == 6
    and .description_sha256 == \$d and .description == \$spec[0]
    and .machines == [\$m[0].processor]" > /dev/null'
judge 'its results stand there as they are' '[ "$(grep -Fxc -f \
    <(cat "$WORK"/a/mine/*-s*.json) "$WORK/text")" = 6 ]'
judge 'with the sums of their models' '[ "$(grep -o "\"model\":\"[0-9a-f]*" \
    "$WORK/text" | cut -d\" -f 4 | sort)" = "$(sha256sum \
    "$WORK"/a/mine/*.safetensors | cut -c 1-64 | sort)" ]'
own a archive_mine > "$WORK/out" 2>&1
judge 'again there is nothing new' '[ $? -eq 0 ] && grep -q "nothing new" \
    "$WORK/out"'

cp -r "$WORK/a.kept" "$WORK/b.kept"
own b restore_mine > "$WORK/out" 2>&1
judge 'put back elsewhere' '[ $? -eq 0 ] && sums a | cmp - <(sums b)'
own b sweep > "$WORK/out" 2>&1
judge 'they are done: the table, and no training' '[ $? -eq 0 ] &&
    ! grep -q "^train" "$WORK/out" && cmp "$WORK"/[ab]/mine/table.md'
own b status > "$WORK/out" 2>&1
judge 'status says so' 'grep -q "mine: 6 done" "$WORK/out"'
own b archive_mine > "$WORK/out" 2>&1
judge 'kept again it is the same' 'cmp "$(kept a)" "$(kept b)"'
net=$(cd "$WORK/a/mine" && echo gru-s43-*.safetensors)
own b "$WORK/b/mine/$net" > "$WORK/out" 2>&1
judge 'a model that is asked for is trained' '[ $? -eq 0 ] &&
    [ "$(grep -c "^train" "$WORK/out")" = 1 ] &&
    cmp "$WORK"/[ab]/mine/"$net" && sums a | cmp - <(sums b)'
own b sweep > "$WORK/out" 2>&1
judge 'the others are done as before' '! grep -q "^train" "$WORK/out"'

case $(uname -m) in x86_64) isas='sse2 avx2' ;; *) isas=neon ;; esac
for isa in $isas; do
    UNROLL_ISA=$isa own b -j2 verify_mine N=2 SEED=3 > "$WORK/out" 2>&1
    judge "trained again with $isa" '[ $? -eq 0 ] && grep -q \
        "2 of 2 runs drawn .* $isa)" "$WORK/out" &&
        [ "$(grep -c "^train" "$WORK/out")" = 2 ]'
    grep -o 'mine/[a-z0-9-]*$' "$WORK/out" | sort > "$WORK/drawn.$isa"
done
judge 'a seed draws the same runs' 'cmp "$WORK"/drawn.*'
judge 'nothing is left of it' '[ -z "$(find "$WORK"/[ab] -name "*.part*")" ]'

# ---- in parts --------------------------------------------------------------

half() {
    own "$1" $(names | grep "^$2" | sed "s|.*|$WORK/$1/mine/&.json|")
    own "$1" archive_mine
}
half x gru > "$WORK/out" 2>&1
judge 'half a sweep' 'grep -q "3 runs of 6" "$WORK/out"'
half y 'elman\|gru-s42' > "$WORK/out" 2>&1
# Two clones that made one run at one time, on machines of two kinds.
for c in x y; do
    f=$(echo "$WORK/$c"/mine/gru-s42-*.meta)
    jq -c --arg p "machine $c" '.processor = $p
        | .finished = "2026-11-01T00:00:00Z"' "$f" > "$WORK/meta"
    mv "$WORK/meta" "$f"
    rm -r "$WORK/$c.kept"
    own "$c" archive_mine > "$WORK/out" 2>&1
    cp -r "$WORK/$c.kept" "$WORK/$c.half"
done
cp "$(kept y)" "$WORK/y.gz"
cp "$(kept x)" "$(kept y)"
own y archive_mine > "$WORK/out" 2>&1
judge 'the other half is added' 'grep -q "6 runs of 6" "$WORK/out"'
cp "$WORK/y.gz" "$(kept x)"
own x archive_mine > "$WORK/out" 2>&1
judge 'in both orders to the same file' 'cmp "$(kept x)" "$(kept y)" &&
    zcat "$(kept x)" | head -n 1 | jq -e ".runs == 6" > /dev/null'
for order in 'x y' 'y x'; do
    rm -rf "$WORK/z" "$WORK/z.kept"
    own z archive_mine FROM="$(for c in $order; do
        echo "$WORK/$c.half/mine.jsonl.gz"; done | xargs)" > "$WORK/out" 2>&1
    judge "archives alone, $order" 'cmp "$(kept x)" "$(kept z)"'
done

# ---- what is refused -------------------------------------------------------

# resum RUN: the line of TEXT that begins a run gets its result's sum.
resum() {
    at=$(grep -n "^{\"run\":\"$1\"" "$WORK/text" | cut -d: -f 1)
    sum=$(sed -n "$((at + 1))p" "$WORK/text" | sha256sum | cut -c 1-64)
    sed -i "${at}s/\"json\":\"[0-9a-f]*\"/\"json\":\"$sum\"/" "$WORK/text"
}
# seal: TEXT, with the sum of its lines in the first, is to be restored.
seal() {
    sum=$(tail -n +2 "$WORK/text" | sha256sum | cut -c 1-64)
    sed "1s/\"sha256\":\"[0-9a-f]*\"/\"sha256\":\"$sum\"/" "$WORK/text" |
        gzip -n9 > "$WORK/bad.kept/mine.jsonl.gz"
}
# refused LABEL WORDS: by restore, in one line, and nothing is put anywhere.
refused() {
    words=$2
    rm -rf "$WORK/bad"
    own bad restore_mine > "$WORK/out" 2>&1
    judge "refused: $1" '[ $? -ne 0 ] && [ "$(said | wc -l)" = 1 ] &&
        said | grep -q "bad.kept/mine.jsonl.gz: .*$words" &&
        [ -z "$(find "$WORK/bad/mine" -maxdepth 1 -name "*-s*")" ] &&
        [ -z "$(find "$WORK/bad" -name "*.part*")" ]'
}
own bad restore_mine sweep > "$WORK/out" 2>&1
judge 'restored and drawn in one call: refused, not trained' '[ $? -ne 0 ] &&
    grep -q "restore first, in a call of its own" "$WORK/out" &&
    [ -z "$(find "$WORK/bad" -name "*-s*" 2> /dev/null)" ]'
fresh() { zcat "$(kept a)" > "$WORK/text"; }
mkdir "$WORK/bad.kept"
bad=$(kept bad)
size=$(stat -c %s "$(kept a)")
for at in 4 9 40 $((size / 2)) $((size - 6)); do
    cp "$(kept a)" "$bad"
    byte=$(od -An -tu1 -j "$at" -N 1 "$bad")
    printf "\\x$(printf %x $((byte ^ 16)))" |
        dd of="$bad" bs=1 seek="$at" conv=notrunc status=none
    refused "byte $at of $size flipped" damaged
done
for n in 0 9 $((size / 2)) $((size - 1)); do
    head -c "$n" "$(kept a)" > "$bad"
    refused "its first $n bytes" '\(damaged\|cut short\)'
done
run=$(names | sed -n 3p)
next=$(names | sed -n 4p)
fresh
sed -i "/^{\"run\":\"$run\"/,+2d" "$WORK/text"
seal
refused 'a run is missing in the middle' '6 runs, and holds 5'
fresh
sed -i '$d' "$WORK/text"
seal
refused 'a line is missing at the end' "ends within run $(names | tail -n 1)"
fresh
sed -i '1s/"contract":[0-9]*/"contract":99/' "$WORK/text"
seal
refused 'another contract' 'contract 99; this program'
fresh
sed -i "/\"run\":\"$run\"/{n;s/\"contract\":[0-9]*/\"contract\":99/}" \
    "$WORK/text"
resum "$run"
seal
refused 'a result of another contract' "run $run is of contract 99"
fresh
sed -i "/\"run\":\"$run\"/{n;s/\"loss\":[0-9]/\"loss\":7/}" "$WORK/text"
seal
refused 'a result whose sum differs' "$run.json: its sum"
fresh
sed -i "/\"run\":\"$run\"/s/\"model\":\"..../\"model\":\"0000/" "$WORK/text"
gzip -n9 < "$WORK/text" > "$bad"
refused 'a sum that was changed' 'sum is not the one that its first line'
fresh
theirs=$(grep -A 1 "\"run\":\"$next\"" "$WORK/text" | tail -n 1)
sed -i "/\"run\":\"$run\"/{n;s|.*|$theirs|}" "$WORK/text"
resum "$run"
seal
refused 'the result of another run' "run $run: its result is that of another"
jq '.base.size = 7' "$mine" > "$WORK/wide.json"
SPEC=$WORK/wide.json own w sweep archive_mine > "$WORK/out" 2>&1
zcat "$(kept w)" | sed 1d | head -n 3 > "$WORK/foreign"
wide=$(cut -d\" -f 4 "$WORK/foreign" | head -n 1)
fresh
{ head -n 1 "$WORK/text" | sed 's/"runs":6/"runs":7/'
  tail -n +2 "$WORK/text" | cat - "$WORK/foreign" | paste -d'\t' - - - |
      LC_ALL=C sort | tr '\t' '\n'; } > "$WORK/more"
mv "$WORK/more" "$WORK/text"
seal
refused 'a run of another sweep' "run $wide is none of the sweep"
cp "$(kept w)" "$bad"
refused 'an archive of another description' 'is none of the sweep'
zcat "$(kept a)" | sed '1s/"sweep":"mine"/"sweep":"yours"/' > "$WORK/text"
seal
refused 'an archive of another sweep' 'is of the sweep yours'
cp "$mine" "$bad"
refused 'what is no archive' 'is no archive'

# Two that disagree: each is whole, one was made by somebody else's program.
fresh
sed -i "/\"run\":\"$run\"/{n;s/\"loss\":[0-9]/\"loss\":7/}" "$WORK/text"
resum "$run"
seal
cp "$bad" "$WORK/forged.gz"
sha256sum "$(kept a)" > "$WORK/before"
own a archive_mine FROM="$WORK/forged.gz" > "$WORK/out" 2>&1
judge 'refused: two archives that disagree' '[ $? -ne 0 ] &&
    said | grep -q "run $run: two disagree about its result" &&
    sha256sum --quiet -c "$WORK/before"'
own a restore_mine K="$WORK/bad.kept" > "$WORK/out" 2>&1
judge 'a result that differs is left, and said' '[ $? -ne 0 ] &&
    said | grep -q "$run.json: differs" && sums a | cmp - <(sums b)'
# More names than a pipe holds.
(set -o pipefail; eval "$(sed -n '/^draw()/,/^}/p' pipelines/archive.sh)"
    SEED=1 N=2; seq 100000 | draw > "$WORK/out")
judge 'two of a hundred thousand are drawn' \
    '[ $? -eq 0 ] && [ "$(sort -u "$WORK/out" | wc -l)" = 2 ]'

own bad verify_mine N=6 > "$WORK/out" 2>&1
judge 'verify finds it, and says where' '[ $? -ne 0 ] &&
    said | grep -q "run $run: loss was 7.*, is [0-6]" &&
    grep -q "5 of 6 runs drawn" "$WORK/out"'
fresh
sed -i "/\"run\":\"$run\"/s/\"model\":\"..../\"model\":\"0000/" "$WORK/text"
seal
own bad verify_mine N=6 > "$WORK/out" 2>&1
judge 'and another model' '[ $? -ne 0 ] &&
    said | grep -q "run $run: another model"'
jq -c '.loss = 7' "$WORK/w/mine/$wide.json" > "$WORK/w/mine/$run.json"
cp "$WORK/a/mine/$run.safetensors" "$WORK/w/mine/"
rm -r "$WORK/w/mine/configs" && cp -r "$WORK/a/mine/configs" "$WORK/w/mine/"
cp "$WORK/a/mine/runs.mk" "$WORK/w/mine/"
own w archive_mine > "$WORK/out" 2>&1
judge 'refused: a result under the name of another run' '[ $? -ne 0 ] &&
    said | grep -q "$run.json: is the result of another run"'

# ---- killed ----------------------------------------------------------------

mkdir "$WORK/path"
cat > "$WORK/path/sync" <<'END'
#!/bin/sh
: > "$WORK/syncs"
exec sleep 60
END
chmod +x "$WORK/path/sync"
export WORK
cp "$WORK/x.half/mine.jsonl.gz" "$(kept x)"
sha256sum "$(kept x)" > "$WORK/before"
PATH=$WORK/path:$PATH setsid make -s SPEC="$mine" R="$WORK/y" \
    K="$WORK/x.kept" D="$WORK/d" archive_mine > "$WORK/out" 2>&1 &
group=$!
for _ in {1..600}; do
    [ ! -e "$WORK/syncs" ] || break
    sleep 0.1
done
kill -9 -- -$group
{ wait $group; } 2> /dev/null
judge 'killed: the old archive is there' '[ -e "$WORK/syncs" ] &&
    sha256sum --quiet -c "$WORK/before"'
own y K="$WORK/x.kept" archive_mine > "$WORK/out" 2>&1
judge 'the next one adds to it, and clears away' 'cmp "$(kept x)" "$(kept z)" &&
    [ -z "$(find "$WORK/y" "$WORK/x.kept" -name "*.part*")" ]'

# ---- system 2 in small -----------------------------------------------------

memory() { small "$1" K="$WORK/memory.kept" "${@:2}" > "$WORK/out" 2>&1; }
memory m -j2 results_memory
memory m archive_memory
judge 'both sweeps of system 2 are kept' '[ $? -eq 0 ] &&
    grep -q "memory.jsonl.gz: 14 runs of 14" "$WORK/out" &&
    grep -q "memory-nets.jsonl.gz: 19 runs of 19" "$WORK/out"'
memory n restore_memory
memory n results_memory
judge 'put back: everything is drawn, nothing is trained' '[ $? -eq 0 ] &&
    ! grep -q "^train" "$WORK/out" && diff -r "$WORK"/[mn] |
    grep -v "^Only in .*: .*\.\(safetensors\|sum\)$" | cmp - /dev/null'
UNROLL_ISA=${isas%% *} small n K="$WORK/memory.kept" -j2 verify_memory-nets \
    N=2 > "$WORK/out" 2>&1
judge 'two of its nets again, on another instruction set' '[ $? -eq 0 ] &&
    grep -q "2 of 2 runs drawn" "$WORK/out"'
zcat "$WORK/memory.kept/memory.jsonl.gz" |
    sed '1s/"scores":"..../"scores":"0000/' | gzip -n9 > "$WORK/made.gz"
mv "$WORK/made.gz" "$WORK/memory.kept/memory.jsonl.gz"
rm -r "$WORK/n/memory"
memory n restore_memory
judge 'what another script has made is left out' '[ $? -eq 0 ] &&
    grep -q "its scores are left out: .*score.sh has changed" "$WORK/out" &&
    [ -z "$(ls "$WORK/n/memory/scores")" ] &&
    [ "$(runs n/memory | wc -l)" = 14 ]'
