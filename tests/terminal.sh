#!/bin/bash
# What a person sees on a terminal: a pseudo-terminal's bytes are put on a
# screen of 132 columns, as a terminal would, and the screen is compared.
. tests/judge.sh
if ! script -qec true /dev/null > /dev/null 2>&1; then
    echo "skip $part: no 'script' that makes a pseudo-terminal"
    exit 0
fi

# screen: bytes in, the lines that are left on the screen out.  Sequences it
# does not know are shown.
screen() {
    LC_ALL=C awk 'BEGIN { RS = "\001" }
    {
        n = length($0); row = col = last = 1
        for (i = 1; i <= n; i++) {
            c = substr($0, i, 1)
            if (c == "\r")
                col = 1
            else if (c == "\n")
                row++
            else if (substr($0, i, 3) == "\033[A") {
                row--; i += 2
            } else if (substr($0, i, 3) == "\033[J") {
                text[row] = substr(text[row], 1, col - 1)
                for (r = row + 1; r <= last; r++)
                    text[r] = ""
                i += 2
            } else {
                if (col > 132) { row++; col = 1 }
                t = sprintf("%-132s", text[row])
                text[row] = substr(t, 1, col - 1) c substr(t, col + 1)
                col++
            }
            if (row > last) last = row
        }
        for (r = 1; r <= last; r++) {
            sub(/ +$/, "", text[r])
            if (text[r] != "") print text[r]
        }
    }'
}
on() { TERM=$1 script -qec "stty cols 132; $2" /dev/null < /dev/null; }

first="gentask copy --len 5 | train --cell mgru --lr 0.003 --clip-norm 1 \
    --steps 1000 --log-every 250"
shown='select(.lr and .accuracy) | [.step, .accuracy]'
bash -c "$first | jq -Mc '$shown'" > "$WORK/piped" 2> /dev/null
on xterm "$first | jq -Mc '$shown'" > "$WORK/raw"
screen < "$WORK/raw" > "$WORK/out"
judge 'the pipe of the README: its lines and nothing else' \
    'tail -n +2 "$WORK/out" | cmp - "$WORK/piped" &&
    [ "$(wc -l < "$WORK/out")" = 5 ] && grep -q "updates, .*/s, .* left, loss" \
    "$WORK/raw"'
on dumb "$first | jq -Mc '$shown'" > "$WORK/raw"
tr -d '\r' < "$WORK/raw" > "$WORK/out"
judge 'TERM=dumb: no escapes' '! grep -q "[[:cntrl:]]" "$WORK/out" &&
    tail -n +2 "$WORK/out" | cmp - "$WORK/piped"'

on xterm "$first --save $WORK/m.safetensors" | screen > "$WORK/out"
judge 'train alone: words, and a line at the end' \
    'grep -q "^step 250, loss [0-9.]*, .*, accuracy 71.9 %, lr 0.003$" \
    "$WORK/out" && tail -n 1 "$WORK/out" | grep -q "^done: 1000 updates, loss \
[0-9.]*, accuracy 100.0 %, [0-9.]* s (--result" && ! grep -q "{" "$WORK/out"'
on xterm "gentask copy --len 5 --split test --count 4 | env eval \
    $WORK/m.safetensors" | screen > "$WORK/out"
judge 'eval alone' '[ "$(wc -l < "$WORK/out")" = 1 ] &&
    grep -q "^loss [0-9.]*, accuracy 100.0 %, 1280 places" "$WORK/out"'
on xterm "gentask copy" | screen > "$WORK/out"
judge 'no binary on a terminal' '[ "$(tr -d "[:cntrl:]" < "$WORK/out" |
    grep -c "binary and standard output is a terminal")" = 1 ]'
