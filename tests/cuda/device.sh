#!/bin/bash
# device.sh - all that a machine with a GPU is wanted for, within a time and
# without a network: build, make check-cuda, make bench-cuda, and then as many
# runs of the sweeps as the time allows, archived.
#
#   tests/cuda/device.sh pack          here: what such a machine may lack, into
#                                      build/device (headers and libraries of
#                                      jansson, libmd, zlib, cmocka; jq)
#   tests/cuda/device.sh [SECONDS]     there: 480 seconds
#
# From the environment: OUT, the folder that is brought back (build/device/out);
# SWEEPS, which ones (01_all copy); JOBS, processes (all cores).
#
# What fails ends nothing but itself; the last line counts.  01_all wants
# data/enwik8, which is not fetched: build/device/enwik8.gz stands in for it.
set -u
here=$PWD/build/device

pack() {
    mkdir -p "$here/include" "$here/lib" "$here/bin"
    for h in jansson.h jansson_config.h zlib.h zconf.h cmocka.h md5.h sha2.h
    do
        f=$(echo "#include <$h>" | ${CC:-gcc} -E -x c - 2> /dev/null |
            sed -n "s|^# 1 \"\(/.*/$h\)\".*|\1|p" | head -n 1)
        [ -n "$f" ] && cp -L "$f" "$here/include/" ||
            echo "device.sh: no $h to pack"
    done
    for l in jansson md z cmocka; do
        f=$(${CC:-gcc} -print-file-name=lib$l.so)
        [ -e "$f" ] || { echo "device.sh: no lib$l.so to pack"; continue; }
        name=$(objdump -p "$f" | awk '$1 == "SONAME" { print $2 }')
        cp -L "$f" "$here/lib/$name"
        cp -L "$f" "$here/lib/lib$l.so"
    done
    cp -L "$(command -v jq)" "$here/bin/"
    ldd "$(command -v jq)" | awk '/jq|onig/ { print $3 }' |
        xargs -I{} cp -L {} "$here/lib/"
    du -sh "$here"
}

if [ "${1-}" = pack ]; then
    pack
    exit
fi

began=$SECONDS
limit=${1:-480}
jobs=${JOBS:-$(nproc)}
export OUT=${OUT:-$here/out} DEVICE=cuda UNROLL_KERNELS=$PWD/build/kernels
mkdir -p "$OUT"
if [ -d "$here/lib" ]; then
    export C_INCLUDE_PATH=$here/include LIBRARY_PATH=$here/lib
    export LD_LIBRARY_PATH=$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    export PATH=$here/bin:$PATH
fi
left() { echo $((limit - (SECONDS - began))); }

# step NAME SECONDS COMMAND...: at most so long, its output in NAME.log.
good=0 bad=0
step() {
    name=$1 most=$2 start=$SECONDS
    shift 2
    [ "$most" -lt "$(left)" ] || most=$(left)
    if [ "$most" -lt 5 ]; then
        echo "$name: no time left"
        bad=$((bad + 1))
        return 1
    fi
    timeout -k 5 "$most" "$@" > "$OUT/$name.log" 2>&1
    status=$?
    echo "$name: status $status after $((SECONDS - start)) s;" \
        "$(tail -n 1 "$OUT/$name.log" | cut -c1-200)"
    [ "$name" != sweeps ] || [ $status -ne 124 ] || status=0
    if [ $status -eq 0 ]; then good=$((good + 1)); else bad=$((bad + 1)); fi
    return $status
}

nvidia-smi > "$OUT/machine.txt" 2>&1
nproc >> "$OUT/machine.txt"
if ! step build 120 make -j"$jobs" build unit; then
    tail -n 20 "$OUT/build.log"
    exit 1
fi
# By itself, so that what was done is said if the rest takes too long.
step check $((limit * 40 / 100)) env PATH="$PWD/bin:$PATH" LC_ALL=C N=200 \
    WORK="$(mktemp -d)" tests/cuda.sh build/release
grep -c '^ok' "$OUT/check.log"
grep '^FAIL' "$OUT/check.log" | head -n 20
step bench $((limit * 25 / 100)) make -s -j"$jobs" bench-cuda
grep '^{' "$OUT/bench.log" > "$OUT/bench.jsonl"
if [ ! -e data/enwik8 ] && [ -e "$here/enwik8.gz" ]; then
    gzip -dc "$here/enwik8.gz" > data/enwik8
fi
wanted=
for s in ${SWEEPS:-01_all copy}; do
    [ "$s" != 01_all ] || [ -e data/enwik8 ] || continue
    wanted="$wanted results_$s"
done
# A sweep that is stopped keeps what is finished; the rest goes on elsewhere.
# shellcheck disable=SC2086
[ -z "$wanted" ] || [ "$(left)" -lt 40 ] ||
    step sweeps $(($(left) - 25)) make -k -j"$jobs" DEVICE=cuda \
        $wanted
for s in ${SWEEPS:-01_all copy}; do
    [ ! -e "results/$s/runs.mk" ] || step "archive-$s" 20 make -s \
        "archive_$s"
    [ ! -e "docs/results/data/$s.jsonl.gz" ] ||
        cp "docs/results/data/$s.jsonl.gz" "$OUT/"
done
# One file for all that is text.
(cd "$OUT" && tar czf logs.tar.gz ./*.log machine.txt && rm -f ./*.log)
echo "$good steps done, $bad not, in $((SECONDS - began)) of $limit s"
[ $bad -eq 0 ]
