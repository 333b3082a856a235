# What is not known is not drawn or counted as if it were.
cd "$WORK" || exit 1
echo "## a mean of two of three runs says so"
for m in '"a","lstm",1.0' '"b","lstm",3.0' '"c","lstm",null' '"d","gru",2.1' \
    '"e","gru",2.3'; do
    IFS=, read -r id cell loss <<M
$m
M
    echo "{\"id\":$id,\"settings\":{\"cell\":$cell,\"size\":8},\"loss\":$loss,
        \"other\":2}"
done > r.jsonl
aggregate --by cell --metric loss --markdown r.jsonl
aggregate --by cell --metric loss,other --markdown r.jsonl
aggregate --by cell --metric other --markdown r.jsonl
echo "## an interval of one number is not known"
head -n 2 r.jsonl | aggregate --by cell --metric loss --bootstrap 10
echo "## and has no bar"
aggregate --by cell,size --metric loss r.jsonl |
    jq -c 'if .cell == "gru" then .loss.error = null else . end' > s.jsonl
plot-prep bars --x cell --y loss s.jsonl
plot-prep lines --x size --y loss --series cell s.jsonl
plot-prep bars --x id --y loss r.jsonl | head -n 2
echo "## the same run twice is one run; two results of one are refused"
cp r.jsonl again.jsonl
aggregate --by cell --metric other --markdown r.jsonl again.jsonl
head -n 2 r.jsonl | sed 's/2}/3}/' > differs.jsonl
aggregate --by id --metric other --markdown differs.jsonl r.jsonl
jq -c '.contract = 1' r.jsonl > one.jsonl
jq -c '.contract = 2' r.jsonl > two.jsonl
aggregate --by cell --metric other one.jsonl two.jsonl
echo "rc=$?"
plot-prep bars --x cell --y loss --where id=a one.jsonl one.jsonl
echo "## a second value in one place of a heat map"
plot-prep heat --x cell --y size --z loss r.jsonl
echo "rc=$?"
echo "## nothing to explain"
aggregate --regress size --metric other r.jsonl
echo "rc=$?"
jq -c '.loss = null' r.jsonl | aggregate --regress size --metric loss
echo "rc=$?"
echo "## an averaged curve from where its start weighs under 1 %: 0.5^7"
for f in 0.5 0 0.999; do
    jq -nc "{settings: {average: $f}, min_loss: 1,
        curve: {step: [range(1; 10)], average: [range(1; 10) * 10]}}"
done | jq -c -f "$TOP/pipelines/01_all/settled.jq" | jq -c .curve.step
echo "## runs that diverged are in no mean"
run() { echo "{\"id\":\"$1\",\"settings\":{\"layers\":1,\"size\":8,
    \"options\":{},\"bptt\":$2,\"steps\":9},\"test_bits_per_byte\":$3,
    \"val_bits_per_byte\":$3,\"test_loss\":$3}"; }
{ run a 1 2; run b 1 4; run c 1 null; run d 2 null; } |
    jq -n --slurpfile entropies /dev/null --slurpfile runs /dev/stdin \
        -f "$TOP/pipelines/01_all/bptt.jq" > sum.json
jq -c '.cells[].runs[] | [.n, .missing, .test_bits_per_byte]' sum.json
jq -r -f "$TOP/pipelines/01_all/bptt-lines.jq" sum.json
jq -r -f "$TOP/pipelines/01_all/bptt-table.jq" sum.json | sed -n 3,4p
echo '{"min_loss":null,"settings":{"layers":1,"size":8,"options":{}},
    "curve":{"step":[],"average":[]}}' |
    jq -r -f "$TOP/pipelines/01_all/label.jq" | jq -r .label
echo "## names are drawn as they are"
cat "$TOP"/pipelines/*/*.gp | grep 'set terminal' | grep -v noenhanced
true
