#!/bin/bash
# What is whole is kept, whatever fails: every sweep in small, then each program
# that a recipe calls broken, stopped or killed while everything is out of date,
# a full disk, and in the end one good make.  After each, every file that was
# there is there with the bytes it had.
. tests/judge.sh
top=$PWD tree=$WORK/tree
sweeps='results_copy results_memory results_01_all results_02_best
    results_03_bptt results_04_bpe'

# The tree with programs that can be broken: BREAK='NAME HOW'.
mkdir -p "$tree/bin" "$WORK/path" "$WORK/c"
for f in "$top"/*; do
    case $f in */results|*/data|*/bin) ;; *) ln -s "$f" "$tree/" ;; esac
done
cat > "$WORK/breakable" <<'END'
#!/bin/bash
name=${0##*/}
for real in "$WORK/real" /usr/local/bin /usr/bin /bin; do
    real=$real/$name
    [ ! -x "$real" ] || break
done
case ${BREAK-} in
"$name before") echo "$name: broken" >&2; exit 9 ;;
"$name after") "$real" "$@"; exit 9 ;;
"$name half") timeout 3 "$real" "$@" | head -c 40; exit 9 ;;
"$name killed") "$real" "$@"; kill -9 $$ ;;
"$name hangs") "$real" "$@"; : > "$WORK/hangs"; exec sleep 30 ;;
esac
exec "$real" "$@"
END
chmod +x "$WORK/breakable"
tools='train eval gentask genconfigs aggregate plot-prep'
filters='jq gnuplot cat mv awk'
for t in $filters; do cp "$WORK/breakable" "$WORK/path/$t"; done
export tree PATH=$WORK/path:$PATH
# The compiler of what is there, so that nothing is compiled again.
read -r CC < build/release/flags && export CC="${CC%% -std=*}"
export MAKEFLAGS=${MAKEFLAGS-}
[ ! -e build/release/version ] ||
    MAKEFLAGS="$MAKEFLAGS VERSION=$(cat build/release/version)"

# Linked here first, so that no make finds them out of date.
make -s -C "$tree" build > "$WORK/out" 2>&1
mv "$tree/bin" "$WORK/real"
mkdir "$tree/bin"
for t in $tools; do cp "$WORK/breakable" "$tree/bin/$t"; done

cp configs/quick/*.json "$WORK/c/"
cat > "$WORK/c/copy.json" <<'END'
{"name": "copy",
 "base": {"size": 16, "task": {"name": "copy"}, "batch": 20,
          "train_rows": 40, "val_rows": 10, "test_rows": 10, "epochs": 2},
 "grid": {"cell": ["lstm", "gru"], "task.len": [3, 4]},
 "seeds": 1, "template": "{cell}-T{task.len}-s{seed}"}
END

all() {
    make -s -C "$tree" SIZE=quick SAMPLE=26 R="$WORK/r" D="$WORK/d" \
        C="$WORK/c" copy.train='--batch 20 --count 2' \
        copy.held='--batch 10 --count 1' "$@"
}
# Everything a make works on; when and how long is no part of a result.
sums() {
    (cd "$WORK" && find r d -type f ! -name '*.meta' ! -name '*.err' \
        ! -name '*.part*' ! -name '*.lock' ! -name '.contract' |
        grep -v '/copy/\(summary.jsonl\|table.md\|seconds\.\)' | sort |
        xargs sha256sum) > "$WORK/$1"
}
# All that is made from something is older than it.
outdate() {
    find "$WORK/r" -name runs.mk -prune -o -type f -exec touch -d '1 hour ago' \
        {} +
    touch "$WORK/c"/*.json "$WORK"/r/*/configs/*.json "$WORK/r/.contract" \
        "$WORK"/d/copy/*.gz
}
kept() {
    sums after
    join -v1 <(sort -k2 "$WORK/before") <(sort -k2 "$WORK/after") -j 2 \
        > "$WORK/gone"
    diff "$WORK/before" "$WORK/after" >> "$WORK/out" && [ ! -s "$WORK/gone" ]
}
# Nothing that the next make needs told: only its temporaries may be there.
count() { find "$WORK/r" -name "$1" | wc -l; }

all -j2 $sweeps > "$WORK/out" 2>&1
judge 'every sweep, once' '[ $? -eq 0 ] && [ "$(count "*.err")" = 0 ]'
sums before
judge 'models of each' '[ "$(count "*.safetensors")" -gt 60 ]'

# Every target that a recipe makes is one that make must not delete.
all -pnq $sweeps 2> /dev/null | awk -v at="$WORK/" '
    /^# (Not a target|Implicit Rules)/ { skip = 1 }
    /^[^#\t ].*:/ { name = substr($0, 1, index($0, ":") - 1)
                    precious = phony = 0 }
    /^#  Precious/ { precious = 1 }
    /^#  Phony/    { phony = 1 }
    /^#  recipe to execute/ { inside = 1; next }
    inside && /^\t/ { if (index(name, at) == 1 && !precious && !phony &&
                          !/mkdir -p/ && name !~ /%/)
                          print name }
    { inside = 0 }' | sort -u > "$WORK/out"
judge 'make may delete none of them' '[ ! -s "$WORK/out" ]'

outdate
all -k LAUNCH=false $sweeps > "$WORK/out" 2>&1
judge 'LAUNCH=false keeps all' '[ $? -ne 0 ] && kept'
all status > "$WORK/status" 2>&1
all failed > "$WORK/out" 2>&1
judge 'and is seen' 'grep -q "copy: 0 done, 0 running, 4 failed" \
    "$WORK/status" && grep -q "memory: 0 done, 0 running, 14 failed, 0 left" \
    "$WORK/status" && grep -q "01_all: 0 done, 0 running, 26 failed, 0 left" \
    "$WORK/status" && [ "$(grep -c "copy/.*: false: status 1" \
    "$WORK/out")" = 4 ]'

# A broken program, before it has done anything, in the midst of its output, or
# when all is written; EVERY=1 for each of each.  A list that genconfigs has
# written whole is one, whatever status it ended with.
ways='train half
train killed
gentask half
eval before
aggregate half
plot-prep before
jq half
cat before
gnuplot half'
[ -z "${EVERY-}" ] || ways=$(for t in $tools $filters; do
    printf "$t %s\n" before half after killed; done)
while read -r way; do
    outdate
    BREAK=$way all -k -j2 $sweeps > "$WORK/out" 2>&1 < /dev/null
    status=$?
    kept || echo "lost: $way" >> "$WORK/wrong"
    case "$status $way" in '0 genconfigs before' | '0 '[^g]* | '0 gentask'*)
        echo "unseen: $way" >> "$WORK/wrong" ;;
    esac
done <<< "$ways"
cat "$WORK/wrong" > "$WORK/out" 2> /dev/null
judge 'broken programs: nothing is lost, every failure seen' \
    '[ ! -e "$WORK/wrong" ]'

# Stopped when a program has written its file and has not ended.
for way in 'train TERM' 'aggregate INT' 'plot-prep KILL'; do
    outdate
    rm -f "$WORK/hangs"
    BREAK="${way% *} hangs"
    export BREAK
    # Not started with '&' alone: a shell lets those ignore SIGINT.
    setsid perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' bash -c \
        "$(declare -f all); all -j2 $(echo $sweeps)" > "$WORK/out" 2>&1 &
    group=$!
    unset BREAK
    for _ in {1..300}; do
        [ ! -e "$WORK/hangs" ] || break
        sleep 0.1
    done
    kill -"${way#* }" -- -$group 2> /dev/null
    wait $group 2> /dev/null
    kept && [ -e "$WORK/hangs" ] || echo "lost: $way" >> "$WORK/wrong"
done
cat "$WORK/wrong" > "$WORK/out" 2> /dev/null
judge 'stopped with a file just written: it stays' '[ ! -e "$WORK/wrong" ]'

# No room: no file may become longer than 4 KB, then a disk that is full.
outdate
(ulimit -f 4; all -k -j2 $sweeps) 2>&1 | cat > "$WORK/out"
judge 'files that may not grow' '[ ${PIPESTATUS[0]} -ne 0 ] && kept'
if unshare -m mount -t tmpfs -o size=1m tmpfs "$WORK/c" 2> /dev/null; then
    outdate
    unshare -m bash -c "$(declare -f all)
        mkdir '$WORK/disk' && mount -t tmpfs -o size=32m tmpfs '$WORK/disk' &&
        cp -a '$WORK/r' '$WORK/disk/' && mount --bind '$WORK/disk/r' '$WORK/r'
        dd if=/dev/zero of='$WORK/disk/filled' bs=4k 2> /dev/null
        all -k -j2 $(echo $sweeps); echo status \$?
        rm '$WORK/disk/filled'
        cp -a '$WORK/r' '$WORK/full'" > "$WORK/out" 2>&1
    grep -q '^status 2' "$WORK/out" && mv "$WORK/r" "$WORK/was" &&
        mv "$WORK/full" "$WORK/r"
    judge 'a full disk' '[ $? -eq 0 ] && kept'
else
    echo "skip $part: a full disk: mounting is not allowed here"
fi

# A good make: what is out of date is made, nothing else, and all is as it was.
outdate
all -j2 $sweeps > "$WORK/out" 2>&1
judge 'then a good make' '[ $? -eq 0 ] && kept && [ "$(count "*.err")" = 0 ]'
touch "$WORK/d/copy/T4-train.gz"
BREAK='train before' all -k $sweeps > "$WORK/out" 2>&1
all status > "$WORK/status" 2>&1
all -j2 $sweeps > "$WORK/out" 2>&1
judge 'and exactly what failed before it' '[ $? -eq 0 ] && kept &&
    grep -q "copy: 2 done, 0 running, 2 failed" "$WORK/status" &&
    [ "$(grep -c "^train" "$WORK/out")" = 2 ] &&
    [ "$(grep -c "^train.*-T4-" "$WORK/out")" = 2 ]'
gone=$(find "$WORK/r/01_all" -name '*.safetensors' | head -n 1)
rm "$gone"
all failed > "$WORK/out" 2>&1
judge 'a result without its model is listed' \
    '[ "$(grep -c "" "$WORK/out")" = 1 ] &&
    grep -q "its model is gone" "$WORK/out"'
all $sweeps > "$WORK/out" 2>&1
judge 'and its model made again' '[ $? -eq 0 ] && kept &&
    [ "$(grep -c "^train" "$WORK/out")" = 1 ]'
all $sweeps > "$WORK/out" 2>&1
judge 'nothing to do' '[ $? -eq 0 ] && ! grep -q "^train" "$WORK/out"'
