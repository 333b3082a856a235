#!/bin/bash
# Build for aarch64 with Debian's cross compiler, run the unit tests and a few
# runs under qemu-user, and compare their bytes with this machine's.
# A missing compiler, emulator or library is one line and nothing failed.
WORK=${WORK:-$(mktemp -d)}
cross=aarch64-linux-gnu-gcc
skip() { echo "skip neon: $1"; exit 0; }

command -v $cross > /dev/null ||
    skip "no $cross (apt-get install gcc-aarch64-linux-gnu qemu-user)"
command -v qemu-aarch64 > /dev/null || skip 'no qemu-aarch64 (qemu-user)'
echo 'int main(void) { return 0; }' > "$WORK/t.c"
$cross -o "$WORK/t" "$WORK/t.c" -ljansson -lmd -lz -lcmocka 2> /dev/null &&
    qemu-aarch64 "$WORK/t" || skip 'no arm64 libraries (dpkg
--add-architecture arm64; apt-get install libjansson-dev:arm64
libmd-dev:arm64 zlib1g-dev:arm64 libcmocka-dev:arm64)'

make -s VARIANT=neon CC=$cross build unit || {
    echo "FAIL neon: build"
    exit 1
}
arm=build/neon

# What is about numbers; the rest is the same code on any machine.
ENGINE=small RUNNER=qemu-aarch64 LIMIT=2400 tests/unit.sh \
    $(printf '%s\n' tests/unit/test_{base,json,kernels,engine,optim,init}*.c |
        grep -v ulp | sed "s|^|$arm/|; s|\.c$||")

settings='--size 20 --layers 2 --batch 16 --epochs 3 --bptt 9 --clip-norm 1
    --schedule cosine --lr 0.003 --optimizer adamw --weight-decay 0.01 -q'
bin/gentask copy --len 6 --batch 48 --count 1 > "$WORK/t.ts"
for cell in lstm gru mgru gated ring perceptron; do
    bin/train $settings --cell $cell --result "$WORK/a.json" \
        --save "$WORK/a.st" "$WORK/t.ts" > /dev/null
    qemu-aarch64 $arm/bin/train $settings --cell $cell \
        --result "$WORK/b.json" --save "$WORK/b.st" "$WORK/t.ts" > /dev/null
    if cmp "$WORK/a.json" "$WORK/b.json" && cmp "$WORK/a.st" "$WORK/b.st"
    then echo "ok neon $cell: the bytes of $(uname -m)"
    else echo "FAIL neon $cell"
    fi
    rm -f "$WORK"/[ab].*
done
qemu-aarch64 $arm/bin/gentask copy --len 6 --batch 48 --count 1 |
    cmp - "$WORK/t.ts" && echo "ok neon gentask" || echo "FAIL neon gentask"
