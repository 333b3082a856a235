# Summaries, ranks and regressions of a few records.
cat > "$WORK/r.jsonl" <<'END'
{"id":"a","loss":2,"meta":{"seconds":3},"settings":{"cell":"gru","task":{"len":10},"wide":true}}
{"id":"b","loss":1,"meta":{"seconds":4},"settings":{"cell":"gru","task":{"len":9},"wide":false}}
{
  "id": "c",
  "loss": 5,
  "meta": {"seconds": 5},
  "settings": {"cell": "lstm", "task": {"len": 10}, "wide": false}
}
{"id":"d","loss":null,"meta":{"seconds":6},"settings":{"cell":"lstm","task":{"len":10},"wide":true}}
{"id":"e","loss":4,"meta":{"seconds":7},"settings":{"cell":"lstm","task":{"len":9},"wide":true}}
{"id":"f","loss":1.5,"meta":{"seconds":7},"settings":{"cell":"gru","task":{"len":9},"wide":true}}
END
cd "$WORK"
aggregate --by cell,task.len --metric loss,meta.seconds r.jsonl
aggregate --by cell --metric loss --success 'loss<=2' --bootstrap 100 r.jsonl
aggregate --by task.len --metric loss --where cell=gru --markdown < r.jsonl
aggregate --top 34% --metric loss r.jsonl
aggregate --top 20 --largest --metric loss r.jsonl
aggregate --regress wide,task.len --metric loss --held-out 0 r.jsonl |
    jq -c '.metric, .n, [.coefficients[].key]'
# The order of the records changes nothing.
tac r.jsonl | grep '^{"' > s.jsonl
grep '^{"' r.jsonl > t.jsonl
aggregate --by cell --metric loss s.jsonl > s
aggregate --by cell --metric loss t.jsonl | cmp - s
# Side files are joined by name.
mkdir d
echo '{"x":1,"settings":{"cell":"gru"}}' > d/a.json
echo '{"seconds":12.5}' > d/a.meta
aggregate --meta --by cell --metric meta.seconds d/a.json
