# Whatever is wrong is one line and the right status.
t() { gentask "$@" 2>&1; echo "rc=$?"; }
t
t cpoy
t turnip --len 3
t copy delay -n 1
t copy --lenn 3
t copy --len 0
t copy --len ten
t copy --len 3.5
t copy --symbols 251
t copy --len 10 --len-min 20
t copy --len 1000000 --batch 4096
t copy --split tran -n 1
t copy --first -1
t copy --json --text
t copy -o /nonexistent/copy.gz -n 1
t delay --score some
t charprint --max 36
t grid --cells 0
t tictac --rows 9 --cols 9
t tictac --in-a-row 4
t grammar --rules 'S -> aS'
t grammar --rules 'S -> SS | a | b'
t grammar --rules 'S -> aT'
t grammar --rules 's -> a'
t grammar --rules 'S = a'
t grammar --rules ''
t grammar --rules 'S -> aSb |'
t grammar --file /nonexistent
t fsm --states 0
t fsm --demo 500
t fsm --absorb --query 0
t fsm --states 5 --actions 3
t fsm --demos 4
t fsm --states 1 --demos 1
t fsm --states 8 --actions 8 --classes 5
t fsm --query 2 --vary 0.6
t fsm --samples 100 --first 2 -n 1
t copy --dot -n 1
UNROLL_CORPUS= t text
t text --file /nonexistent
t text --file .
cd "$WORK" || exit 1
seq 400 > numbers
: > empty
printf '{"unroll":"bpe"}' > v.json
t text --file empty
t text --file numbers --corpus 0123
t text --file numbers --history 5000
t text --file numbers --train-end 0.9 --val-end 0.5
t text --file numbers --mode contiguous --history 5 --first 50 -n 1
t text --file numbers --bpe 200
t text --file numbers --bpe 300 --alphabet distinct
t text --file numbers --bpe 3000
t text --file numbers --bpe 300 --vocabulary v.json
t text --file numbers --bpe 270 --vocabulary /nonexistent/v.json
gzip -c numbers | head -c 100 > cut.gz
t text --file cut.gz
ls
