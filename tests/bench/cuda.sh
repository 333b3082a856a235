#!/bin/bash
# What `make bench-cuda` does: the GPU's ceilings and whole updates in the same
# run, then the same updates in PyTorch with cuDNN, where a Python has it.
# usage: tests/bench/cuda.sh BUILD_FOLDER
# From the environment: CUDA_PYTHON (else python3),
# BENCH (names of updates, else all), ROUNDS (5).
set -euo pipefail
ceilings=$1/tests/cuda/ceilings
"$ceilings"
# shellcheck disable=SC2086
"$1/tests/bench/bench_steps" --device cuda "${ROUNDS:-5}" ${BENCH:-}
"$ceilings"
for python in "${CUDA_PYTHON:-}" python3; do
    if [ -n "$python" ] && "$python" -c 'import sys, torch
sys.exit(not torch.cuda.is_available())' > /dev/null 2>&1; then
        # shellcheck disable=SC2086
        exec "$python" tests/bench/cuda.py "${ROUNDS:-5}" ${BENCH:-}
    fi
done
echo "bench-cuda: no Python here has a PyTorch that sees the GPU" >&2
