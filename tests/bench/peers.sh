#!/bin/bash
# What `make bench-peers` does: find a Python with PyTorch or install one,
# compile onednn.cpp where oneDNN is installed, run peers.py.
# usage: tests/bench/peers.sh BUILD_FOLDER (the one with tests/bench in it)
#
# From the environment, or as make's variables:
#   PEERS_PYTHON  the Python to use (else build/peers/bin/python, python3)
#   PEERS_PIP     further words for pip, such as --index-url and the address
#                 of PyTorch's own index of CPU builds
#   PEERS         names of workloads (else all);  ROUNDS (5)
set -euo pipefail
here=build/peers
mkdir -p $here

has_torch() { [ -n "$1" ] && "$1" -c 'import torch' > /dev/null 2>&1; }

for python in "${PEERS_PYTHON:-}" $here/bin/python python3; do
    if has_torch "$python"; then break; fi
    python=
done
if [ -z "$python" ]; then
    echo "bench-peers: no PyTorch here.  Installing the newest that pip finds" \
        "into $here (a virtual environment; make clean removes it)."
    echo "That is 5 GB on disk where pip finds a build for GPUs only; one for" \
        "CPUs is a small part of it (PEERS_PIP='--index-url ADDRESS' names" \
        "another index)."
    "${PEERS_PYTHON:-python3}" -m venv $here
    # shellcheck disable=SC2086
    $here/bin/python -m pip install --upgrade torch numpy ${PEERS_PIP:-}
    python=$here/bin/python
fi

onednn=-
if echo '#include <dnnl.hpp>' | ${CXX:-g++} -E -x c++ - > /dev/null 2>&1; then
    onednn=$here/onednn
    if [ ! -e $onednn ] || [ tests/bench/onednn.cpp -nt $onednn ]; then
        ${CXX:-g++} -O2 -Wall -Wextra -o $onednn tests/bench/onednn.cpp -ldnnl
    fi
fi

# What torch.compile made is kept: the second time starts sooner.
export TORCHINDUCTOR_CACHE_DIR=$PWD/$here/cache
# shellcheck disable=SC2086
exec "$python" tests/bench/peers.py "$1/tests/bench/bench_steps" $onednn \
    $here/peers.jsonl "${ROUNDS:-5}" ${PEERS:-}
