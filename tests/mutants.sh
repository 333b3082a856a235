#!/bin/bash
# Lines made wrong on purpose, which random cells must show: tests/mutants.py.
. tests/ref/python.sh
if [ -z "$PYTHON" ]; then
    echo "skip mutants: no python3 with numpy"
    exit
fi
export PYTHON OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
exec "$PYTHON" tests/mutants.py "$@"
