#!/bin/bash
# regress.sh OBJECTS - the harnesses, built by any compiler, on the inputs that
# once found something and on the seeds of their corpora.
export ASAN_OPTIONS=exitcode=99:detect_leaks=0:allocator_may_return_null=1
export UBSAN_OPTIONS=print_stacktrace=1:exitcode=99
WORK=${WORK:-$(mktemp -d)}
if ! tests/fuzz/corpus.sh "$WORK/seeds" > "$WORK/log" 2>&1; then
    echo "FAIL harness: no seeds"
    cat "$WORK/log"
fi
for dir in "$WORK"/seeds/*/; do
    name=$(basename "$dir")
    [ ! -x "$1/tests/fuzz/plain_$name" ] ||
        "$1/tests/fuzz/plain_$name" "$dir"* < /dev/null
done
exit 0
