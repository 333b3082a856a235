#!/bin/bash
# Random lawful cells through train and eval and through tests/ref, which
# starts from their text: tests/ref/random_cells.py.  N cells of seed SEED, on
# JOBS cores; BIN: the programs; DEVICE: where they run the nets.
. tests/ref/python.sh
bin=${BIN:-$(dirname "$(command -v train)")}
n=${N:-300} seed=${SEED:-1}
if [ -z "$PYTHON" ]; then
    echo "skip random: no python3 with numpy"
    exit
fi
cores=$(nproc)      # which OMP_NUM_THREADS would make one
# One thread a process: the matrices are tiny.
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
out=${WORK:-$(mktemp -d)}/out
mkdir -p "$(dirname "$out")" build/random
"$PYTHON" tests/ref/random_cells.py -n "$n" -s "$seed" \
    -j "${JOBS:-$cores}" ${TABLE:+--table} ${DEVICE:+--device "$DEVICE"} \
    "$bin" > "$out" 2>&1
status=$?
if [ $status -eq 0 ]; then
    [ -z "${TABLE-}" ] || cat "$out"
    echo "ok random: $(tail -n 1 "$out")"
else
    echo "FAIL random: $n cells of seed $seed"
    cat "$out"
fi
