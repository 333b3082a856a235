# Memory tasks: the best predictor in a net's place, samples judged, texts of
# one's own, what units mean; and whatever is wrong is one line.
cd "$WORK"
e() { env eval "$@" 2>&1; echo "rc=$?"; }
train_on() {
    train --quiet --source "gentask $1 --serve" --cell elman:$2 --head small \
        --loss cross_entropy_sum --lr 0.02 --schedule linear --batch 1 \
        --bptt 24 --clip-element 5 --steps $3 --select last --save $1.st \
        > /dev/null
}
train_on grid 10 4000
train_on charprint 3 3000

echo '# oracle'
e --oracle grid --sample 10030 --score
e --oracle '{"name":"grammar","max_depth":3}' --sample 1000 --score --greedy
e --oracle '{"name":"grid","cells":3}' --probs \
    --sequence 'clear 0 1 2 clear 1 1'
e --oracle grammar --sample 40 --greedy
gentask tictac --count 3 | e --oracle tictac |
    jq -cR 'fromjson? | [keys_unsorted, (.loss - .floor | fabs < 0.02)]'
e --oracle grid.st --sample 40
env eval --oracle charprint --sample 30 --seed 4 | cut -c1

echo '# samples'
env eval grid.st --sample 3000 --score | jq -c 'keys_unsorted,
    (.wrong | keys_unsorted), .units > 200, .accuracy <= 1, .low < .accuracy'
env eval grid.st --sample 3000 --score --greedy > a
env eval grid.st --sample 3000 --score --temperature 0 --seed 9 | cmp - a
env eval charprint.st --sample 15 --score | jq -c '[.units, .accuracy]'

echo '# a net beside the best predictor'
gentask charprint --split test --batch 4 --count 5 | env eval charprint.st |
    jq -c '.rules | keys_unsorted, .excess > -3 * .excess_error, .legal_mass <= 1'
gentask charprint --batch 4 --first 7 --count 5 | env eval charprint.st |
    jq -c .rules

echo '# texts'
printf '3ccc\n2cc\n' > t
env eval charprint.st --text t --probs --skip 3 |
    jq -c '[.t, .symbol, .target, (.probs | length)]'
env eval charprint.st --text - --activations --skip 6 < t |
    jq -c '[.t, .symbol, .name, (.values | length)]'
env eval charprint.st --text t | jq -c '.places'
env eval grid.st --sequence 'clear 0 ... 3 8' --activations |
    plot-prep heat --x t --label symbol --z values --names a,b,c | cut -f 1-4 |
    cut -c 1-12 | sed 's/-*[0-9]*\.[0-9].*//'
env eval --oracle grid --probs --skip 1 --sequence 'clear 0 1 ... 8 clear' |
    plot-prep heat --y t --label symbol --z probs --ascii

echo '# meanings'
gentask grid --split test --batch 4 --count 2 |
    env eval grid.st --specialise > s.json
jq -c 'keys_unsorted, .cells.cells, (.meanings | length), (.pairs | length),
    (.pairs[0] | keys_unsorted), (.assigned | length)' s.json
jq -c '[.assigned[].meaning] | length == (unique | length)' s.json
jq -r '.assigned[0].text' s.json | sed 's/[0-9][0-9]*/N/g'
gentask charprint --batch 2 --count 1 | env eval charprint.st --specialise |
    jq -c '.cells, (.meanings | map([.meaning, .kind]))[]'
env eval charprint.st --weights | jq -c '[.name, .row, (.values | length)]' |
    tail -n 2

echo '# wrong'
e --oracle grid
e --oracle
e --oracle copy --sample 5
e --oracle '{"name":"grid","cells":0}' --sample 5
e --oracle '{"name":"grid","cels":5}' --sample 5
e --oracle '{"name":"charprint","max":36}' --sample 5
e --oracle '{"name":"grammar","rules":"S -> aS"}' --sample 5
e --oracle '{"name":"grammar","rules":"S -> "}' --sample 5
e --oracle grid.st --activations t
e grid.st --score
e grid.st --sample 5 --probs
e grid.st --sample 5 t
e grid.st --text t
e grid.st --text /dev/null
e grid.st --sequence '0 1 x'
e grid.st --sequence '0 ...'
e grid.st --sequence '5 ... 2'
e grid.st --sequence ''
e grid.st --sequence '0'
e grid.st --sequence '0 1 1' --specialise
e grid.st --text t --sequence '0 1'
e charprint.st --text t --skip 3
gentask copy --len 2 --count 1 > c.ts
e grid.st --specialise c.ts
e --oracle grid c.ts
e charprint.st --sequence '3 c c c \n 2' | cut -c 1-30
env eval charprint.st --sample 100 --score > /dev/full; echo rc=$?
env eval grid.st --sample 100000 | head -n 1 | wc -l
