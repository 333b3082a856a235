# Samples that go on from a text, and from the likeliest classes alone.
cd "$WORK" || exit 1
e() { env eval "$@"; echo "rc=$?"; }
# What follows a letter is told by the letter before it alone, or by the first.
i=0
while [ $i -lt 200 ]; do
    echo 'aXbbbbbbX'; echo 'cXbbbbbbY'; i=$((i + 1))
done > two.txt
gentask text --file two.txt --history 40 --batch 16 --count 300 |
    train --cell lstm --size 24 --lr 0.01 -q --save m.st > out
echo "## all of the text counts, not its last letter"
e m.st --prime 'aXbbbbbb' --sample 1 --greedy
e m.st --prime 'cXbbbbbb' --sample 1 --greedy
printf 'cXbbbbbb' > before
e m.st --text before --sample 1 --greedy
e m.st --text - --sample 1 --greedy < before
e m.st --sequence 'a X b b b b b b' --sample 1 --greedy
e m.st --start b --sample 2 --greedy --rows 2 --json
echo "## the one likeliest is the likeliest"
e m.st --prime 'aX' --sample 7 --top-k 1 --temperature 9
e m.st --prime 'aX' --sample 7 --top-p 1e-9 --seed 5
e m.st --prime 'aX' --sample 7 --greedy
echo "## errors"
e m.st --prime ''
e m.st --prime '' --sample 3
e m.st --prime a --start b --sample 3
e m.st --prime a --sample 3 --score
e m.st --top-k 3 two.txt
e m.st --top-p 0 --sample 3
e m.st --start ab --sample 3
echo '{"input":[1,2,0],"target":[2,0,1]}' | train -q --save n.st > out
e n.st --prime 120 --sample 2
e n.st --sequence '1 2 7' --sample 2
e n.st --start 7 --sample 2
e n.st --text nosuch --sample 2
