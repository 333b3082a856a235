# Two names of one file are refused before anything is written.
cd "$WORK" || exit 1
gentask copy --len 3 --blanks 1 --batch 4 --count 2 > a.ts
train -q --size 3 --steps 1 --save m a.ts > /dev/null
cp m before
printf '{"size":3,"steps":1}' > c.json
printf '{"task":{"name":"copy"}}' > d.json
touch files out
ls > files
t() { "$@" > out; echo "rc=$?"; }
train="train -q --size 3 --steps 1"
echo "== one run"
t $train --result x --save x a.ts
t $train --result x --save ./x a.ts
t $train --save x --checkpoint x a.ts
t $train --result x.json --save x.meta a.ts
t $train --result x.json --save x.checkpoint a.ts
t $train --save a.ts a.ts
t $train --save a.ts < a.ts
t $train --result c.json --config c.json a.ts
t $train --init m --save m a.ts
t $train --gradient a.ts a.ts
t $train --gradient m --init m a.ts
ln -s m link
t $train --init m --save link a.ts
rm link
cmp m before
echo "== a fleet"
printf 'c.json r1.json m1\nc.json r2.json m1\n' > list
t train -q --fleet list a.ts
printf 'c.json r1.json r2.json\nc.json r2.json\n' > list
t train -q --fleet list a.ts
printf 'c.json c.json\n' > list
t train -q --fleet list a.ts
printf 'c.json list\n' > list
t train -q --fleet list a.ts
printf 'c.json r1.json\0\nc.json r2.json\n' > list
t train -q --fleet list a.ts
rm list
echo "== the others"
t gentask --config d.json -o d.json
t gentask grammar --file c.json -o c.json
t gentask text --file c.json --vocabulary v -o v
t env eval -o m m a.ts
t env eval -o a.ts m a.ts
t aggregate --by size --metric loss -o c.json c.json
t plot-prep lines --x size --y loss -o c.json c.json
t genconfigs -o c.json c.json
echo "== nothing was written"

ls | diff files -
