# The files of a run: result, model, side file, checkpoint, lock.
cd "$WORK" || exit 1
gentask copy --len 3 --batch 10 --count 8 > s.ts
t() { train --size 4 --batch 16 -q "$@" > out 2> err
      echo "rc=$? $(tail -n 1 out | jq -c '[.status, .updates]')"
      sed 's/[0-9a-f]\{12\}/ID/g' err; }
echo "== a run leaves a result, its side file and a model"
t --epochs 2 --result r.json --save m.safetensors s.ts
ls
cmp out r.json
jq -c 'keys' r.meta
echo "== again: nothing to do"
cp r.json before.json
t --epochs 2 --result r.json --save m.safetensors s.ts
cmp r.json before.json
echo "== the model is gone: made again"
mv m.safetensors old.safetensors
t --epochs 2 --result r.json --save m.safetensors s.ts
cmp r.json before.json
cmp m.safetensors old.safetensors
echo "== another run's result is not overwritten"
t --epochs 3 --result r.json s.ts
cmp r.json before.json
echo "== a result of another contract is"
jq -c '.contract = 0' before.json > r.json
t --epochs 2 --result r.json s.ts
cmp r.json before.json
echo "== no result"
echo '{}' > x.json
t --epochs 2 --result x.json s.ts
echo 'no JSON' > x.json
t --epochs 2 --result x.json s.ts
echo "== a checkpoint is another run's, damaged, or none"
train --size 4 --batch 16 -q --epochs 500 --checkpoint k --checkpoint-steps 1 \
    s.ts > /dev/null 2>&1 & pid=$!
while [ ! -s k ]; do sleep 0.01; done
t --epochs 500 --checkpoint k --no-wait s.ts
kill -9 $pid
wait $pid 2> /dev/null
cp k kept
t --epochs 3 --checkpoint k s.ts
head -c 600 kept > k
t --epochs 500 --checkpoint k s.ts
cp m.safetensors k
t --epochs 500 --checkpoint k s.ts
rm -f k kept
echo "== weights to start from"
t --epochs 1 --init m.safetensors s.ts
sha256sum m.safetensors | cut -c1-64 | tr -d '\n' > sum
tail -n 1 out | jq -r .settings.init_sha256 | tr -d '\n' | cmp - sum
t --epochs 1 --init m.safetensors --size 5 s.ts
t --epochs 1 --init-sha256 "$(cat sum)" s.ts
t --epochs 1 --init-sha256 00 --init m.safetensors s.ts
echo "== a gradient that is not finite is not written"
printf "input x\nstate h\nh' = tanh(W x) * log(h)\noutput h'\n" > nan.cell
t --cell nan.cell --gradient g.safetensors s.ts
ls g.safetensors
echo "== a gradient"
t --init m.safetensors --gradient g.safetensors s.ts
cut -c1-9 out
ls
