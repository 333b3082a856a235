# Whatever is wrong with a description is one line and the right status.
t() { echo "$1" | genconfigs 2>&1; echo "rc=$?"; }
t ''
t '[]'
t '{"name":"x"}'
t '{"base":{}}'
t '{"name":1,"base":{}}'
t '{"name":"x","base":{},"sees":3}'
t '{"name":"x","base":{"sise":3}}'
t '{"name":"x","base":{"size":"big"}}'
t '{"name":"x","base":{"size":0}}'
t '{"name":"x","base":{"cell":"grru"}}'
t '{"name":"x","base":{},"grid":{"lr":[]}}'
t '{"name":"x","base":{},"grid":{"lr":0.1}}'
t '{"name":"x","base":{},"grid":{"lr":[0.1,0.2]},"template":"{lr}-{sise}"}'
t '{"name":"x","base":{},"grid":{"lr":[0.1,0.2]},"template":"a"}'
t '{"name":"x","base":{},"grid":{"lr":[0.1,0.2]},"template":"{lr"}'
t '{"name":"x","base":{},"grid":{"lr":[0.1,0.1]}}'
t '{"name":"x","base":{},"grid":{"lr,size":[[0.1,1],[0.1]]}}'
t '{"name":"x","base":{},"exclude":[{"lr":0.001}]}'
t '{"name":"x","base":{},"experiments":[{"set":{}}]}'
t '{"name":"x","base":{},"experiments":[{"name":"a","seeds":3}]}'
t '{"name":"x","base":{},"seeds":0}'
t '{"name":"x","name":"y","base":{}}'
t '{"name":"x","base":{}'
t '{"name":"x","base":{"task":{"name":"copy","length":3}}}'
t '{"name":"x","base":{"task":{"name":"mine","length":3}}}' | cut -c 1-40
o() { t '{"name":"x","base":{},"grid":{"lr":[0.1,0.2]},"order":'"$1}"; }
o '[]'
o '{"parts":[]}'
o '{"factors":{}}'
o '{"factors":{},"parts":[],"part":1}'
o '{"factors":{"ab":"lr"},"parts":[]}'
o '{"factors":{"1":"lr"},"parts":[]}'
o '{"factors":{"a":1},"parts":[]}'
o '{"factors":{"a":"size"},"parts":[]}'
o '{"factors":{"a":"lr"},"parts":[1]}'
o '{"factors":{"a":"lr"},"parts":[{"words":["ab"]}]}'
o '{"factors":{"a":"lr"},"parts":[{"words":[""]}]}'
o '{"factors":{"a":"lr"},"parts":[{"words":"a"}]}'
o '{"factors":{"a":"lr"},"parts":[{"where":1}]}'
o '{"factors":{"a":"lr"},"parts":[{"were":{}}]}'
t '{"completed_by":"make results/x.json","sweep":{}}'
u() { genconfigs "$@" 2>&1; echo "rc=$?"; }
u /nonexistent.json
u .
u a b
u --names --dir x
u --merge
u --colour
u --help | head -n 3
echo '{"name":"x","base":{}}' > "$WORK/s"
u --merge /nonexistent "$WORK/s"
genconfigs "$WORK/s" > /dev/full; echo "rc=$?"
genconfigs "$WORK/s" | jq -c 'del(.cells)' > "$WORK/l"
cat "$WORK/l" "$WORK/l" > "$WORK/twice"
u --merge "$WORK/twice" "$WORK/s"
printf '{"lr":1}\n' | genconfigs --merge - "$WORK/s"; echo "rc=$?"
