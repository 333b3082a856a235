#!/bin/bash
# cuda.sh OBJECTS - nets on a GPU: the CPU's bytes, the reference's numbers,
# and nothing that compute-sanitizer finds.  Without a GPU it says so and skips.
# Programs on PATH; $WORK is a scratch folder; N random cells (300).
objects=$1
: "${WORK:=$(mktemp -d)}"
probe=$objects/tests/cuda/probe
# The slow part of starting is compiling, and kernels are alike.
export UNROLL_KERNELS=${UNROLL_KERNELS:-$PWD/build/kernels} DEVICE=cuda

if [ ! -e "$probe" ]; then
    echo "skip cuda: the headers of the CUDA toolkit were not here"
    exit 0
fi
if ! said=$("$probe" cuda tests/cuda/probe.cu nothing 2>&1); then
    case $said in
    *"no NVIDIA driver"*|*"finds no device"*) echo "skip $said" ;;
    *) echo "FAIL cuda: $said" ;;
    esac
    exit 0
fi
echo "ok cuda: $(echo "$said" | sed -n 's/^device: //p')"

mkdir -p "$WORK/same" "$WORK/golden" "$WORK/random"
WORK=$WORK/same tests/emulated.sh
WORK=$WORK/golden tests/repro.sh golden
N=${N:-300} WORK=$WORK/random tests/random.sh

sanitizer=$(command -v compute-sanitizer || ls 2> /dev/null \
    "${CUDA_HOME:-/usr/local/cuda}"/bin/compute-sanitizer)
if [ -z "$sanitizer" ]; then
    echo "skip cuda: no compute-sanitizer"
    exit 0
fi
gentask copy --len 4 --batch 20 --count 4 > "$WORK/copy.ts"
for tool in memcheck racecheck synccheck; do
    for cell in lstm gru ring; do
        if "$sanitizer" --tool $tool --error-exitcode 9 "$(command -v train)" \
                -q --device cuda --cell $cell --size 40 --steps 3 --bptt 4 \
                --clip-norm 1 "$WORK/copy.ts" > "$WORK/out" 2>&1; then
            echo "ok cuda: $tool, $cell"
        else
            echo "FAIL cuda: $tool, $cell"
            grep -v '^{' "$WORK/out" | head -n 20
        fi
    done
done
