# Many nets at once: the list, what is done already, what cannot go together.
cd "$WORK" || exit 1
s="--source 'gentask grid --batch 1 --serve' --size 4 --steps 20"
t() { eval train -q $s '"$@"' > out 2> err
      echo "rc=$? $(wc -l < out) $(jq -c .settings.seed out 2> /dev/null | head -1)"
      sed 's/[0-9a-f]\{12\}/ID/g' err; }
for i in 1 2 3; do echo "{\"seed\":$i}" > $i.json; done
printf '# three nets\n1.json r1.json m1.st\n\n  2.json r2.json\n' > list
echo "== results and models where the list says"
t --fleet list
ls
echo "== one more: the others are done"
echo '3.json r3.json m3.st' >> list
cp r1.json before
t --fleet list
cmp r1.json before
ls
t --fleet list
echo "== configs in the list"
mkdir results
printf '{"lr":0.1}\n{"lr":0.2}\n' > configs
t --fleet configs
t --fleet configs --result results --save results
ls results | sed 's/^[0-9a-f]\{8\}/ID/'
echo "== bad lists"
echo '1.json' > bad
t --fleet bad
echo '1.json a b c' > bad
t --fleet bad
printf '1.json a.json\n2.json a.json\n' > bad
t --fleet bad
echo 'none.json a.json' > bad
t --fleet bad
echo '{"lr":"x"}' > bad
t --fleet bad --result .
echo '3.json r1.json' > bad
t --fleet bad
t --fleet none
t --fleet list --config 1.json
t --fleet list --gradient g
train --steps 3 --fleet - < list
echo "== nets that differ in more than numbers"
printf '{"size":2}\n{"size":3}\n' > two
train --source 'gentask grid --batch 1 --serve' --steps 3 --fleet two \
    --result results 2>&1 > /dev/null | sed 's/: [0-9a-f]\{8\}:/: ID:/'
gentask grid --batch 1 | train -q --steps 3 --fleet two --result results \
    2>&1 > /dev/null
