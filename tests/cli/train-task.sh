# A config's task and a stream's must be the same: what either leaves out is
# at its default.
cd "$WORK" || exit 1
stream() {
    gentask copy --batch 4 --count 2 -o s.gz "$@"
}
try() {
    printf '{"size":4,"steps":1,"task":%s}' "$1" > c.json
    shift
    train --quiet --config c.json "$@" 2>&1 | jq -c '.settings.task // .' \
        2>/dev/null || train --quiet --config c.json "$@" 2>&1
}
stream --len 5
gentask copy --len 5 --count 1 | head -1 | jq -c .given
gentask copy --len 10 --count 1 | head -1 | jq -c .given
gentask copy --seed 3 --count 1 | head -1 | jq -c .given
try '{"name":"copy","len":5}' s.gz
echo "# defaults may be written out"
try '{"name":"copy","len":5,"blanks":10,"seed":1}' s.gz
echo "# but nothing else may differ, whoever says it"
try '{"name":"copy"}' s.gz
try '{"name":"copy","len":6}' s.gz
try '{"name":"copy","len":5,"symbols":9}' s.gz
try '{"name":"delay","len":5}' s.gz
stream --len 5 --blanks 3
try '{"name":"copy","len":5}' s.gz
try '{"name":"copy","len":5,"blanks":3}' s.gz
echo "# nor when train asks for its batches"
try '{"name":"copy","len":5}' --source 'gentask copy --len 5 --seed 2 --serve'
echo "# nor in the sets that judge"
stream --len 5
gentask copy --len 7 --blanks 2 --batch 4 --count 1 --split val -o v.gz
cat > c.json <<'C'
{"size":4,"steps":1,"task":{"name":"copy","len":5},"val_task":{"len":7}}
C
train --quiet --config c.json --val v.gz s.gz
sed -i 's/"len":7/"len":7,"blanks":2/' c.json
train --quiet --config c.json --val v.gz s.gz | jq -c .settings.val_task
