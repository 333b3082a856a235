#!/bin/bash
# Run the README's commands, and the examples of --help, as they stand.
#
# A block that begins with ```sh is run, a line '$ command' at a time (a line
# that ends in a backslash goes on).  What the README shows below a command
# must be what it prints, '...' standing for any lines; nothing shown, nothing
# compared.  Blocks of ```text are not run.
# usage: tests/readme.sh [--accept]      (rewrites what is shown)
accept= top=$PWD
[ "${1-}" = --accept ] && accept=1
WORK=${WORK:-$(mktemp -d)}
export PATH=$PWD/bin:$PATH

# A folder of its own, so that results in the tree are left alone.
mkdir "$WORK/here" "$WORK/here/results" "$WORK/here/data"
for f in "$top"/*; do
    case $f in */results|*/data) ;; *) ln -s "$f" "$WORK/here/" ;; esac
done
cd "$WORK/here" || exit 1
# git does not know this folder; the version is no reason to link again.
[ ! -e build/release/version ] ||
    export MAKEFLAGS="VERSION=$(cat build/release/version)"

# same WANT GOT: line by line, '...' taking any number of lines.
same() {
    awk '
    function fits(i, j,   k) {
        for (; i <= n; i++) {
            if (want[i] == "...") {
                for (k = j; k <= m + 1; k++)
                    if (fits(i + 1, k))
                        return 1
                return 0
            }
            if (j > m || want[i] != got[j])
                return 0
            j++
        }
        return j == m + 1
    }
    FILENAME == ARGV[1] { want[++n] = $0; next }
    { got[++m] = $0 }
    END { exit !fits(1, 1) }' "$1" "$2"
}

# try COMMAND: compare what it prints with $WORK/want, which goes to the new
# README, or with --accept what it printed.
try() {
    timeout 600 bash -o pipefail -c "$1" > "$WORK/got" 2> "$WORK/err"
    status=$?
    if [ $status -ne 0 ]; then
        echo "FAIL readme: $1 (status $status)"
        tail -n 3 "$WORK/err"
    elif [ ! -s "$WORK/want" ] || same "$WORK/want" "$WORK/got"; then
        echo "ok readme: $1"
    elif [ "$accept" ]; then
        cp "$WORK/got" "$WORK/want"
    else
        echo "FAIL readme: $1"
        diff "$WORK/want" "$WORK/got" | head -n 20
    fi
    cat "$WORK/want" >> "$WORK/new"
}

fence= command= going=
finish() {
    [ -z "$command" ] || try "$command"
    command=
    : > "$WORK/want"
}
finish
while IFS= read -r line; do
    if [ -z "$fence" ]; then
        printf '%s\n' "$line" >> "$WORK/new"
        [ "$line" = '```sh' ] && fence=1
    elif [ "$line" = '```' ]; then
        finish
        printf '%s\n' "$line" >> "$WORK/new"
        fence=
    elif [ "$going" ] || [ "${line#\$ }" != "$line" ]; then
        [ "$going" ] || finish
        printf '%s\n' "$line" >> "$WORK/new"
        command="$command${line#\$ }"
        going=
        [ "${command%\\}" = "$command" ] || going=1
        command=${command%\\}
    else
        printf '%s\n' "$line" >> "$WORK/want"
    fi
done < "$top/README.md"
[ -z "$accept" ] || cp "$WORK/new" "$top/README.md"

# The example of each tool's --help, with the files it names.
gentask copy --len 10 --count 9 | train -q --save model.safetensors > /dev/null
mkdir -p results/copy
gentask copy --count 1 --split test -o test.ts
gentask copy --count 1 | train -q --test test.ts -r results/copy/run.json \
    > /dev/null
aggregate --by cell,task.len --metric test_accuracy,loss results/copy/*.json \
    > results/copy/summary.jsonl
for tool in gentask train genconfigs eval aggregate plot-prep; do
    : > "$WORK/want"
    try "$(env $tool --help | sed -n '/^example:/,$s/^  //p')"
done
