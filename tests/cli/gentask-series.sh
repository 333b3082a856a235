# Tables of numbers: CSV and .npy, windows of them, scaled and answered.
cd "$WORK" || exit 1
g() { gentask series "$@"; echo "rc=$?"; }
bare() { gentask series --json --count 1 --batch 9 --scale none "$@"; }
printf 'when,a,"b c"\n1/1,1,10\r\n1/2,2,20\n\n1/3,3,30\n1/4,4,40\n1/5,5,50\n' \
    > t.csv
echo "== windows one after the other; the last has what is left"
bare --file t.csv --columns a --history 2 --mode blocks --train-end 1 --val-end 1
echo "== other columns, three rows ahead, by name and number"
bare --file t.csv --columns '3,a' --targets 'b c' --ahead 3 --history 9 \
    --mode blocks --train-end 1 --val-end 1
echo "== the same row"
bare --file t.csv --columns a --targets 3 --ahead 0 --history 3 --score last \
    --mode blocks --train-end 3 --val-end 3
echo "== splits: two rows of four, one, one"
for s in train val test; do
    bare --file t.csv --columns a --ahead 0 --history 2 --mode blocks \
        --train-end .4 --val-end 3 --split $s
done
echo "== at random places: all of them, of a seed the same"
gentask series --json --count 2 --batch 16 --scale none --file t.csv \
    --columns a --history 2 --train-end 1 --val-end 1 | sort | uniq -c | awk '{print $2}'
echo "== mean 0, deviation 1 of rows 1 to 4: 2.5, sqrt(1.25)"
gentask series --file t.csv --columns a --history 2 --count 1 --batch 1 |
    head -n 1 | jq -c '.task.scale, .about, .input_size'
gentask series --json --file t.csv --columns a --history 4 --mode blocks \
    --ahead 0 --count 1 | jq -c '.input | map(.[0] * 1e5 | round)'
echo "== given"
gentask series --json --file t.csv --columns a,3 --history 1 --mode blocks \
    --ahead 0 --train-end 1 --val-end 1 --count 1 --batch 1 --scale 1:2,10:0.5
echo "== semicolons, tabs, no names, packed"
printf '1;2\n3;4\n' > s.csv
printf '\357\273\277x\ty\n1e1\t-2\n.5\t+4' > t.tsv
printf '7\n8\n' | gzip -c > one.csv.gz
for f in s.csv t.tsv one.csv.gz; do
    bare --file $f --history 2 --mode blocks --train-end 1 --val-end 1 --ahead 0
done
echo "== .npy, as numpy.save writes it: two rows of three, and a vector"
head10() {      # HEADER: padded to 128 bytes in all, with its length
    printf '\223NUMPY\001\000\166\000%-117s\n' "$1"
}
{ head10 "{'descr': '<i2', 'fortran_order': False, 'shape': (2,3)}"
  printf '\001\000\002\000\003\000\377\377\000\001\000\000'; } > i2.npy
{ head10 "{'descr': '<f4','fortran_order': False,'shape': (2,), }"
  printf '\000\000\200\077\000\000\000\300'; } > f4.npy
for f in i2.npy f4.npy; do
    bare --file $f --history 2 --mode blocks --train-end 1 --val-end 1 --ahead 0
done
echo "== learned, answered in the table's own units, and gone on from"
awk 'BEGIN { print "t,y"; for (i = 0; i < 400; i++)
    printf "%d,%d\n", i, 100 + (i % 4) * 10 }' > saw.csv
S="gentask series --file saw.csv --columns y --history 12"
$S --batch 16 --count 60 > train.ts
$S --mode blocks --split test > test.ts
train -q --cell gru --size 12 --lr 0.02 --epochs 12 --test test.ts --save m.st \
    train.ts | jq -c '.test_loss < 0.01'
env eval --outputs --rows 1 m.st test.ts | head -n 4 |
    jq -c '[.t, .target[0], (.values[0] / 10 | round)]'
env eval --rollout 6 --rows 1 m.st test.ts |
    jq -c '[.ahead, (.values[0] / 10 | round)]'
env eval m.st test.ts | jq -c '.mae < 0.1, .r2 > 0.99'
echo "== errors"
g
g --file nosuch.csv
g --file t.csv
g --file t.csv --columns b
g --file t.csv --columns a --history 9 --count 1
g --file t.csv --columns a --scale 1:0
g --file t.csv --columns a --scale 1:2,3:4
g --file t.csv --columns a --table 12ab
g --file t.csv --columns a --train-end 0 --history 2 --mode blocks
g --file t.csv --columns a --history 2 --count 1 --text
: > empty.csv; g --file empty.csv
printf 'a,b\n' > names.csv; g --file names.csv
printf 'a,b\n1\n' > few.csv; g --file few.csv
printf 'a,b\n1,2,3\n' > many.csv; g --file many.csv
printf 'a,b\n1,nan\n' > nan.csv; g --file nan.csv
printf 'a\n"1\n' > quote.csv; g --file quote.csv
printf '\223NUMPY\001' > short.npy; g --file short.npy
head -c 139 i2.npy > cut.npy; g --file cut.npy
sed 's/False/True /' i2.npy > fortran.npy; g --file fortran.npy
sed "s/<i2/>i2/" i2.npy > big.npy; g --file big.npy
sed "s/(2,3)/(2,1,3)/" i2.npy > deep.npy; g --file deep.npy
$S --scale none --mode blocks --split test > raw.ts
env eval m.st raw.ts; echo "rc=$?"
env eval --rollout 3 m.st raw.ts; echo "rc=$?"
echo '{"input":[1],"target":[0]}' | train -q --save c.st > r.json
echo '{"input":[1]}' | env eval --rollout 3 c.st; echo "rc=$?"
