# What samples look like, where they begin, and what cannot be drawn from.
cd "$WORK" || exit 1
m() { train --size 24 --lr 0.01 -q --save "$1" > out; }
e() { env eval "$@"; echo " rc=$?"; }
echo "## bytes are text, --json are numbers"
yes 'to be or not to be
' | head -c 20000 > lines.txt
tr '\n' ' ' < lines.txt > blanks.txt
tr ' ' _ < blanks.txt > neither.txt
for f in lines blanks neither; do
    gentask text --file $f.txt --history 30 --batch 8 --count 60 | m $f.st
    # What comes after the first input, twice: the byte before is known.
    e $f.st --sample 3 --temperature 0
done
e neither.st --sample 3 --temperature 0 --start 95
e neither.st --sample 3 --temperature 0 --json
echo "## symbols as before, and classes that nobody has named"
gentask charprint --len 40 --batch 8 --count 40 | m c.st
e c.st --sample 4 --greedy --start 1 | tr '0-9' d
echo '{"input":[1,2,0,1,2,0],"target":[2,0,1,2,0,1]}' |
    train --epochs 60 --lr 0.05 --size 8 -q --save n.st > out
e n.st --sample 4 --greedy
echo "## no distribution"
bad() {
    printf 'input x\nparam b\noutput W x + %s\ninit b constant(1)\n' "$1" \
        > bad.cell
    gentask charprint --len 10 --batch 2 --count 2 |
        train --head ./bad.cell --size 4 -q --save bad.st | jq -c .status
    e bad.st --sample 3
    e bad.st --sample 3 --temperature 0
    e bad.st --sample 3 --temperature 0.5 --rows 2 --json
}
bad 'log(-1 * b)'
bad 'exp(200 * b)'
bad 'log(0 * b)'
e c.st --sample 3 --temperature 1e-42
