#!/bin/bash
# The reference of tests/ref against what is not ours: PyTorch's fixtures,
# exact fractions, double, central differences.
here=$(dirname "$0")/ref
. "$here/python.sh"
[ -n "$PYTHON" ] || { echo "skip reference: no python3 with numpy"; exit 0; }
export PYTHONDONTWRITEBYTECODE=1

check() {       # CHECK what; its input is the check's
    out=$("$PYTHON" "$here/check_$1.py" 2>&1) && [ -n "$out" ] &&
        { echo "ok reference: $2"; return; }
    echo "FAIL reference: $2"
    echo "$out"
}
check fixtures "nets as PyTorch in double"
train --list functions |
    check functions "every function, and the generator draws it"
check text "what a text means, one step written out"
check arith "fma to the bit, functions within their errors"
check samples "samples drawn again: after a text, the likeliest, the nucleus"
check slopes "gradients as central differences, float beside double"
check machines "predictors of machines, by counting every way to draw one"
check updates "rates by hidden units as PyTorch in double"
check trim "what is trimmed and what is not, by hand"
[ -n "$FAST" ] ||
    check golden "the golden runs' weights bit by bit, from the text alone"
