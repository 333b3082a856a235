# What there is, by command, and names that come close.
cd "$WORK" || exit 1
train --list cells | cut -d ' ' -f 1 | tr '\n' ' '; echo
train --list cells | grep '^gated '
# Each of them is a function.
train --list functions | sed 's|(x, y).*|(x, h)|; t; s|(x, k).*|(x, 3)|; t; s|(x[),].*|(x)|' |
    while read -r f; do
        printf 'input x\nstate h : 3\nh'"'"' = W x\noutput %s\n' \
            "$(echo "$f" | sed "s/(x/(h'/")" > f.cell
        echo '{"input":[1,0],"target":[0,1]}' |
            train --cell ./f.cell --size 3 -q --dry-run > out || echo "$f"
    done
train --list x; echo "rc=$?"
near() { echo '{"input":[1,0],"target":[0,1]}' | train -q --dry-run "$@"
         echo "rc=$?"; }
near --cell GRU
near --cell nothing
touch mine.cell
near --cell mine
near --optimizer Adam
