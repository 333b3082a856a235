#!/bin/bash
# run.sh CC SECONDS HARNESS... - fuzz each for that long, programs on PATH or
# in bin; a table at the end.  Status 1 if anything was found: its input lies
# in build/fuzz/found.
#
# Limits: 20 seconds an input (as built for this, ten times slower than for
# use), 512 MB a block, 2 GB in all.  JOBS run side by side; the corpora in
# build/fuzz/corpus grow from run to run.
cc=$1 seconds=$2
shift 2
o=build/fuzz
export PATH=$PATH:$PWD/bin LC_ALL=C MAKEFLAGS=
mkdir -p $o
echo 'int LLVMFuzzerTestOneInput(const char *p, long n)
{ return p && n < 0; }' > $o/try.c
if ! $cc -fsanitize=fuzzer,address,undefined -o $o/try $o/try.c 2> $o/try.err
then
    echo "skip fuzz: $cc does not build fuzzers (Debian: clang," \
        "libclang-rt-dev)"
    exit 0
fi
make -s -j2 VARIANT=fuzz CC="$cc" HARNESS="$*" stage_fuzz > $o/build.log 2>&1 ||
    { echo "FAIL fuzz: the harnesses do not build"; tail $o/build.log; exit 1; }
rm -rf $o/seeds
tests/fuzz/corpus.sh $o/seeds > $o/corpus.log 2>&1 ||
    { echo "FAIL fuzz: no corpora"; tail $o/corpus.log; exit 1; }
{ cat tests/fuzz/cell.dict
  train --list functions | sed 's/(.*/("/; s/^/"/'; } > $o/cell.dict

one() {
    name=$1 o=build/fuzz
    export ASAN_OPTIONS=allocator_may_return_null=1
    export UBSAN_OPTIONS=print_stacktrace=1
    mkdir -p $o/corpus/$name $o/found $o/log
    dict=tests/fuzz/json.dict
    case $name in cell|net) dict=$o/cell.dict ;;
    grammar) dict=tests/fuzz/grammar.dict ;;
    bpe) dict= ;; esac
    dict=${dict:+-dict=$dict}
    # shellcheck disable=SC2086
    $o/tests/fuzz/fuzz_$name $o/corpus/$name $o/seeds/$name $dict \
        -max_total_time=$SECONDS_EACH -timeout=20 -malloc_limit_mb=512 \
        -rss_limit_mb=2048 -max_len=${MAX_LEN:-16384} -print_final_stats=1 \
        -artifact_prefix=$o/found/$name- < /dev/null > $o/log/$name 2>&1
    status=$?
    awk -v name="$name" -v status=$status -v s="$SECONDS_EACH" '
    /^stat::number_of_executed_units/ { n = $2 }
    /^#[0-9]+.* cov: / { for (i = 1; i < NF; i++) {
                             if ($i == "cov:") places = $(i + 1)
                             if ($i == "corp:") inputs = $(i + 1) } }
    END { sub("/.*", "", inputs)
          printf "%s fuzz %s: %d executions, %d a second; %d inputs reach " \
              "%d places\n", status ? "FAIL" : "ok", name, n, n / s, inputs,
              places }' "$o/log/$name"
    [ $status -eq 0 ] && return
    grep -aE 'ERROR|SUMMARY|wrong:|runtime error|Test unit written|^ +#[0-9]' \
        $o/log/$name | head -n 20
}
export -f one
export SECONDS_EACH=$seconds
printf '%s\n' "$@" | xargs -P "${JOBS:-2}" -I{} bash -c \
    'r=$(one "$1"); printf "%s\n" "$r"' _ {} | tee $o/out
awk '/ executions, / { n += $4 } END { print n " executions in all" }' $o/out
! grep -q '^FAIL' $o/out
