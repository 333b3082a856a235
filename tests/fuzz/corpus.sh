#!/bin/bash
# corpus.sh DIR - seeds for the harnesses, DIR/HARNESS/*: files that the
# project's own programs (on PATH) write and read, small ones.
set -e
top=$PWD
mkdir -p "$1"
cd "$1"
export ASAN_OPTIONS=${ASAN_OPTIONS-detect_leaks=0}
export UNROLL_CELLS=$top/configs/cells
for f in "$top"/tests/fuzz/fuzz_*.c; do
    name=${f##*/fuzz_}
    mkdir -p "${name%.c}"
    for g in "$top/tests/fuzz/regress/${name%.c}"/*; do
        [ ! -e "$g" ] || cp "$g" "${name%.c}/"
    done
done

cp "$UNROLL_CELLS"/*.cell cell/
cp cell/*.cell net/

# Streams and lines of every task that needs no text, plain and packed.
printf 'day,a,b\n' > table.csv
for i in 1 2 3 4 5 6 7 8 9; do echo "d$i,$i,-$i.5"; done >> table.csv
for t in $(gentask --list | awk '$1 != "text" { print $1 }'); do
    case $t in
    copy) set -- --len 4 ;;
    delay|compose|fsm) set -- ;;
    series) set -- --file table.csv --columns a,b --history 3 ;;
    *) set -- --len 12 ;;
    esac
    set -- "$t" --batch 2 "$@"
    gentask "$@" --count 2 > "stream/$t"
    gentask "$@" --count 1 --json > "lines/$t"
    gentask "$@" --count 1 -o "stream/$t.gz"
done
cat > lines/vectors <<'END'
{"input_size":2,"target_size":1,"target":"vector"}
{"input":[[0.5,1],[0.25,-1]],"target":[[0.1],[0.2]]}
{"input":[[1,2]],"target":[null]}
END
echo '{"input":[5,7,2],"target":1}' > lines/last
echo '{"input":[[5.5],[7]],"target":[1.5]}' > lines/flat
printf '%s\n' '{"input":[0,1,1],"target":[0,1,0],"scored":[1,2]}' \
    '{"input":[1],"target":[null]}' > lines/scored
train --size 2 --steps 1 -q lines/scored > records/lines

# Configs and sweeps, ours and such as genconfigs makes of them.
for f in "$top"/configs/*.json "$top"/configs/quick/*.json; do
    n=$(basename "$f" .json)
    jq -c '.seeds = 1 | if .grid then .grid |= map_values(.[:1]) else . end' \
        "$f" > "sweep/$(basename "$(dirname "$f")")-$n"
    genconfigs "$f" 2> /dev/null | head -n 2 > some
    [ -s some ] || continue
    head -n 1 some > "config/$n"
    cp some "fleet/$n"
done
rm -f some
train --dry-run --cell gated:3,lstm --encoder embed:2 \
    --decoder perceptron:4 \
    --options '{"use_forget_gate":false}' --lr 0.5 lines/copy |
    tee json/dry | jq -c .config > config/deep
cat > sweep/small <<'END'
{"name":"x","base":{"size":3},"grid":{"cell":["gru","lstm"],"lr":[1,0.1]},
 "exclude":[{"cell":"gru","lr":1}],"seeds":2,"template":"{cell}-{lr}-{seed}"}
END
cat > sweep/pairs <<'END'
{"name":"y","base":{"task":{"name":"copy"}},
 "grid":{"size,batch":[[3,4],[5,6]]},"experiments":[
 {"name":"a","set":{"task.len":3}},{"name":"b",
 "grid":{"layers":[1,2]}}],"template":"{experiment}-{size}-{layers}-{name}"}
END
printf '%s\n' '# files' 'c.json r.json' 'c.json r2.json m.st' \
    '{"size":3}' '{"size":4,"seed":2}' > fleet/small

# A model a kind of net; results; checkpoints of the harness's own run.
for c in gru lstm-torch ring; do
    train --cell $c --size 3 --steps 2 -q --save "model/$c" lines/scored \
        --result "records/$c" > /dev/null
done
train --cell gru --size 3 --encoder embed:2 --steps 1 -q \
    --save model/embed lines/copy > /dev/null
cp model/* safetensors/
train --size 3 --steps 1 -q --gradient safetensors/gradient lines/scored \
    > /dev/null
aggregate --by cell,size --metric loss,accuracy records/gru records/ring \
    > records/summary
jq -c . records/gru records/ring > records/two
cat records/gru records/ring records/lstm-torch > records/three
cat > run.jsonl <<'END'
{"input":[0,1,2,1],"target":[1,2,1,0]}
{"input":[2,0,1],"target":[0,1,0]}
{"input":[1,1,0],"target":[1,0,2]}
END
# One after the last update, for the model cannot be written; and as many of
# those before it as can be copied in time.
run='train --size 3 --bptt 3 --batch 2 --steps 8 --validate-every 3
    --patience 5 --checkpoint ck --val run.jsonl run.jsonl'
for n in 1 2 5 7; do
    rm -f ck
    $run --checkpoint-steps $n --log-every 1 2> /dev/null |
        while read -r line; do
            [ ! -e ck ] || cp ck checkpoint/after$n 2> /dev/null || :
        done
done
$run -q --save /dev/full 2> /dev/null || mv ck checkpoint/last
rm -f ck

# Texts.
head -c 3000 "$top/README.md" > bpe/readme
printf 'ab ab abab 12 12 12\n\n\tab' > bpe/small
printf '%s' '{"unroll":"bpe","corpus":"corpus","train_end":0.5,"merges":' \
    '[[97,98],[256,32],[256,256]]}' > bpe/vocabulary
printf 'S -> aSb | ba\n' > grammar/default
printf 'S -> AB # two\nA -> aA | a\nB -> bB|b ; C -> c' > grammar/two
printf 'S -> (S)S | x | -S' > grammar/marks
printf 'g0 1 2 # three\n1 2 0\n2 0 1\n' > group/three
printf 'g0 1 2 3; 1 0 3 2; 2 3 0 1; 3 2 1 0' > group/four
printf 'i1 2 -3\n4 .5 6e1\n' > group/lines
printf 'iP2 # plain\n3 2 9\n1 2 3 4 5 9\n' > group/plain
printf 'iP5\n2 2\n255\n\001\377ab' > group/bytes
cat > request/some <<'END'
{"split":"train","pass":0,"first":1,"count":2,"batch":3}
{"first":0,"count":1,"set":{"len":4}}
END
echo '{"split":"val","first":0,"count":3,"set":{"seed":7,"blanks":0}}' \
    > request/set
cp config/* sweep/* records/* request/some json/
printf '[0,-0.0,1e-5,0.1,1e17,123456789012345680,5e-324,"\\u00e9\\n"]' \
    > json/numbers
printf '["a","b","ab","\\u0100","\\u00ff"]\nabbaab\0\377' > spell/some
printf '\nany text\0\377' > spell/bytes
gentask grid --len 12 --count 1 --batch 1 | head -n 1 | jq -c .about.symbols \
    > spell/grid
gentask grid --len 12 --count 1 --batch 1 --text >> spell/grid
