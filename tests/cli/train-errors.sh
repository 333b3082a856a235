# Whatever is wrong is one line and the right status, and nothing is left.
cd "$WORK" || exit 1
gentask copy --len 3 --batch 10 --count 2 > s.ts
gentask copy --len 3 --batch 10 --count 1 --split val > v.ts
t() { train --size 4 --epochs 1 -q "$@" > out 2> err
      echo "rc=$? $(tail -n 1 out | jq -c .status)"; cat err; rm -f out err; }
c() { printf '%s' "$1" > c.json; shift; t --config c.json "$@" < s.ts; }
t --lr x < s.ts
t --lrr 1 < s.ts
t one two
t s.ts --source cat
t --device tpu < s.ts
t < /dev/null
t .
t nosuch
t --cell gur < s.ts
t --cell ./nosuch.cell < s.ts
t --cell gru:0 < s.ts
t --head lstm,gru < s.ts
t --loss mse_mean < s.ts
t --options '{"forget":true}' < s.ts
t --schedule exponential < s.ts
c '{"lrr":1}'
c '{"lr":"1"}'
c '{"lr":1'
c '{"lr":1,"lr":2}'
c '[]'
id() { echo "$1" > c.json; train -q --config c.json s.ts; echo "rc=$?"; }
id '{"id":"00","size":4,"epochs":1,"task":{"name":"copy","len":3}}'
id '{"id":"00","size":4,"epochs":1,"batch":10,"train_rows":20,
    "task":{"name":"copy","len":3}}'
c '{"cells":{"gru":"input x\noutput W y\n"}}'
t --config nosuch.json < s.ts
t --set task.len=4 < s.ts
t --train-rows 30 < s.ts
t --train-rows 15 < s.ts
t --val-rows 10 < s.ts
t --val v.ts --val-rows 11 < s.ts
gentask copy --len 3 --symbols 4 --count 1 > w.ts
t --val w.ts < s.ts
gentask copy --len 3 | t --batch 32 --steps 1
gentask copy --len 3 --first 3 | t --steps 1
gentask copy --len 3 | t --batch 32
t --redraw < s.ts
t --patience 3 < s.ts
t --stop-accuracy 0.9 < s.ts
t --stop-accuracy 2 < s.ts
t --snapshots s.ts < s.ts
t --snapshots x --fleet x < s.ts
t --optimizer per_neuron < s.ts
head -c 900 s.ts | t
head -c 900 v.ts | t --val /dev/stdin s.ts
gzip -c s.ts | head -c 200 | t
t --source false
t --source 'echo hello'
t --source 'gentask copy --serve --len 3' --set task.len=4
t --init s.ts < s.ts
t --result nowhere/r.json < s.ts
t --save nowhere/m.st < s.ts
t --save /dev/full < s.ts
t --save . < s.ts
train --size 4 --epochs 1 -q s.ts 2>&1 > /dev/full; echo "rc=$?"
{ train --size 4 --epochs 1000000 --log-every 1 s.ts 2> /dev/null
  echo "rc=$?" >&2; } | head -n 1 | jq -c .step
ls
