#!/bin/bash
# toolkit.sh OBJECTS - what the CUDA driver and the toolkit are asked for, and
# what is said when they fail: with a driver of the tests' own
# (tests/cuda/stub.c) where there is no GPU.
objects=$1
WORK=${WORK:-$(mktemp -d)}
probe=$objects/tests/cuda/probe
if [ ! -e "$probe" ]; then
    echo "skip toolkit: the headers of the CUDA toolkit are not here"
    exit 0
fi
stub=$objects/tests/cuda/stub
broken=$WORK/broken
mkdir -p "$broken"
run() { LD_LIBRARY_PATH=$stub "$@" < /dev/null > "$WORK/out" 2> "$WORK/err"; }

# $1: name; $2: what the line holds; then assignments.  Status 3, one line.
dies() {
    name=$1 want=$2
    shift 2
    run env "$@" "$probe" cuda tests/cuda/probe.cu nothing
    status=$?
    if [ $status -eq 3 ] && [ "$(wc -l < "$WORK/err")" -eq 1 ] &&
            grep -qF -- "$want" "$WORK/err"; then
        echo "ok toolkit: $name"
    else
        echo "FAIL toolkit: $name (status $status, wanted '$want')"
        cat "$WORK/err"
    fi
}

# All that can be asked for, in the order in which it is.
calls=$WORK/calls
run env STUB_LOG="$calls" "$probe" cuda tests/cuda/probe.cu nothing
if [ -s "$WORK/err" ] || ! diff "$WORK/out" - > "$WORK/diff" << 'END'
device: a stub, 9.0, 4 multiprocessors
kernel: 0 bytes local, 64 CTAs at once
copied: 7
time: 1
free: 1
END
then
    echo "FAIL toolkit: all calls"
    cat "$WORK/err" "$WORK/diff"
else
    echo "ok toolkit: all calls"
fi
# NVRTC starts a driver that is there once more; names grow versions.
asked() { sed 's/_v[0-9]*$//' "$calls" | uniq | awk '!/^cuInit$/ || !n++'; }
if asked | diff tests/cuda/calls.want - > "$WORK/diff"; then
    echo "ok toolkit: their order"
else
    echo "FAIL toolkit: their order"
    cat "$WORK/diff"
fi

dies "no device" "finds no device; use cpu" STUB_DEVICES=0
dies "no device, said at once" "finds no device; use cpu" STUB_FAIL=cuInit:100
dies "a driver that does not start" "starting the NVIDIA driver failed" \
    STUB_FAIL=cuInit:803
dies "an old driver" "the NVIDIA driver is of CUDA 12.4, this build needs" \
    STUB_VERSION=12040
dies "a device newer than NVRTC" "has compute capability 13.0, for which" \
    STUB_CAPABILITY=130
dies "a device older than NVRTC" "has compute capability 3.5, for which" \
    STUB_CAPABILITY=35
dies "no memory" "no room for 1048576 bytes" STUB_MEMORY=65536
dies "memory for one" "no room for 1048576 bytes more" STUB_MEMORY=1100000
: > "$broken/libcuda.so.1"
dies "no driver" "there is no NVIDIA driver" LD_LIBRARY_PATH="$broken"
rm "$broken/libcuda.so.1"
major=$(sed -n 's/.*libnvrtc.so.\([0-9]*\).*/\1/p' <(strings -n 8 \
    "$objects/tests/cuda/unroll-cuda.so") | head -n 1)
: > "$broken/libnvrtc.so.$major"
dies "no NVRTC" "NVRTC, which compiles kernels, is missing" \
    LD_LIBRARY_PATH="$broken:$stub"

# A device that is lost, at each call that can tell of it.
for f in $(sort -u "$calls"); do
    case $f in cuInit|cuDriver*|cuDeviceGet*|cuDeviceTotal*) continue ;; esac
    dies "lost at $f" "the device was lost while" STUB_FAIL=$f:719:1
done
dies "lost at the last but one" "the device was lost while" \
    STUB_FAIL=cuCtxSynchronize:999

# The same of a net in training: one line, no result, and the checkpoint that
# was there is as it was.
gentask copy --len 4 --batch 5 --count 4 > "$WORK/copy.ts"
lstm() { run env "$@" train -q --device cuda --cell lstm --size 6 --steps 6 \
    --checkpoint-steps 2 --result "$WORK/r.json" "$WORK/copy.ts"; }
export UNROLL_KERNELS=$WORK/kernels
lost_in_training() {
    lstm STUB_LOG="$WORK/trained"
    status=$?
    [ $status -eq 0 ] && [ -s "$WORK/r.json" ] && echo "ok toolkit: train" ||
        { echo "FAIL toolkit: train (status $status)"; cat "$WORK/err"; }
    for f in $(sort "$WORK/trained" | uniq -c | awk '$1 > 3 { print $2 }'); do
        case $f in cuDeviceGet*) continue ;; esac
        rm -f "$WORK"/r.*
        times=$(grep -c "^$f\$" "$WORK/trained")
        lstm STUB_FAIL="$f:719:$((times * 2 / 3 + 1))"
        status=$?
        if [ $status -eq 3 ] && [ "$(wc -l < "$WORK/err")" -eq 1 ] &&
                grep -q 'the device was lost while' "$WORK/err" &&
                ! ls "$WORK"/r.json "$WORK"/*.part.* > "$WORK/left" 2> /dev/null
        then
            echo "ok toolkit: lost in training at $f"
        else
            echo "FAIL toolkit: lost in training at $f (status $status)"
            cat "$WORK/err" "$WORK/left"
        fi
    done
}

# No kernel needs memory for what registers should hold.  The first shows that
# it would be seen.
frames() { python3 tests/cuda/frames.py "$1"/*.cubin | awk '$2'; }
mkdir -p "$WORK/spills"
run env STUB_CUBINS="$WORK/spills" "$probe" cuda tests/cuda/spills.cu
if [ "$(frames "$WORK/spills" | wc -l)" -eq 2 ]; then
    echo "ok toolkit: kernels that spill are seen"
else
    echo "FAIL toolkit: kernels that spill are not seen"
    cat "$WORK/err"
    frames "$WORK/spills"
fi
# $1 architecture, $2 bytes of a frame that are allowed, $3... cells
spill() {
    arch=$1 most=$2 bad=
    shift 2
    rm -rf "$WORK/cubins"
    mkdir -p "$WORK/cubins"
    for cell; do
        run env STUB_CAPABILITY=$arch STUB_CUBINS="$WORK/cubins" train -q \
            --device cuda --cell "$cell" --size 6 --steps 1 "$WORK/copy.ts" ||
            bad="$bad $cell: $(cat "$WORK/err")"
    done
    bad="$bad$(frames "$WORK/cubins" | awk -v most="$most" '$2 > most')"
    if [ -z "$bad" ]; then
        echo "ok toolkit: sm_$arch, no spills in $(ls "$WORK/cubins" |
            wc -l) texts ($most bytes)"
    else
        echo "FAIL toolkit: sm_$arch: $bad"
    fi
}
all_cells() {
    # Where there is a sine or a cosine, arguments beyond 2^17 are for a
    # function that is called; then a few registers are put aside.
    called=$(grep -lE '(sin|cos)\(' configs/cells/*.cell)
    # Matrices made of others run on the CPU alone.
    inline=$(grep -LE '(sin|cos|cayley|householder)\(' configs/cells/*.cell)
    cells() { basename -a -s .cell "$@"; }
    # shellcheck disable=SC2046,SC2086
    for arch in 80 90 100; do
        few=$([ $arch -eq 90 ] && cells $inline || echo lstm mgru gated)
        spill $arch 0 $few
        spill $arch 64 $(cells $called)
    done
}

lost_in_training
all_cells

# A program without the shared object.
mkdir -p "$WORK/alone"
cp "$probe" "$WORK/alone"
"$WORK/alone/probe" cuda tests/cuda/probe.cu > "$WORK/out" 2> "$WORK/err"
if [ $? -eq 3 ] && [ "$(wc -l < "$WORK/err")" -eq 1 ] &&
        grep -q 'this build has no unroll-cuda.so' "$WORK/err"; then
    echo "ok toolkit: a build without it"
else
    echo "FAIL toolkit: a build without it"
    cat "$WORK/err"
fi
