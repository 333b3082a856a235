#!/bin/bash
# ./quickstart in a folder of its own: a screen of lines, the figures, and each
# command that it prints does what it says.
. tests/judge.sh
mkdir -p "$WORK/here/results" "$WORK/here/data"
for f in "$PWD"/*; do
    case $f in */results|*/data) ;; *) ln -s "$f" "$WORK/here/" ;; esac
done
cd "$WORK/here" || exit 1
# The compiler of what is there, so that nothing is compiled again.
read -r CC < build/release/flags && export CC="${CC%% -std=*}"
export MAKEFLAGS="VERSION=$(cat build/release/version)"
./quickstart > "$WORK/out" 2>&1
judge 'done, in a screen of lines' '[ $? -eq 0 ] &&
    [ "$(grep -vc " to go$" "$WORK/out")" -le 36 ] &&
    [ "$(find results -name "*.png" | wc -l)" = 4 ] &&
    grep -q "^experiments: 48 in [0-9]* s$" "$WORK/out" &&
    ! grep -q "^cc \|^train " "$WORK/out"'
# The commands: lines that begin with two blanks, up to a column of words.
sed -n 's/^  \(jq\|bin\|make\)/\1/p' "$WORK/out" | sed 's/   .*//' \
    > "$WORK/commands"
judge 'it prints commands' '[ "$(wc -l < "$WORK/commands")" = 4 ]'
while IFS= read -r command; do
    case $command in
    *results_copy) command="$command -n" ;;          # six hours
    *train*) command="$command --steps 30" ;;
    esac
    timeout 300 bash -o pipefail -c "$command" > "$WORK/out" 2>&1
    judge "$command" '[ $? -eq 0 ] && [ -s "$WORK/out" ]'
done < "$WORK/commands"
rm results/quick/copy/gru-T5-s42-*.json
pipelines/counted.sh things 2 'x*' printf 'x1\nseen\nx2\n' > "$WORK/out"
judge 'lines are counted, others stay' '[ "$(head -n 2 "$WORK/out")" = "things \
(2) ...
seen" ] && tail -n 1 "$WORK/out" | grep -q "^things: 2 in [0-9]* s$"'
pipelines/counted.sh things 2 'x*' false > "$WORK/out" 2>&1
judge 'and a failure is one' '[ $? -eq 1 ]'

# Where nothing can be written: a line, and status 1 or make's 2.
read_only() {
    unshare -rm bash -c 'mount --bind "$1" "$1" &&
        mount -o remount,bind,ro "$1" && cd "$1" && shift && exec "$@"' - \
        "$WORK/tree" "$@" > "$WORK/out" 2>&1
}
mkdir -p "$WORK/tree"
for f in "$OLDPWD"/*; do
    case $f in */results|*/data|*/build|*/bin) ;;
    *) cp -r "$f" "$WORK/tree/" ;; esac
done
if read_only true; then
    for command in ./check ./quickstart 'make check' 'make check-kills' \
        'make build' 'make O=/dev/shm/o B=/dev/shm/o/bin check'; do
        # shellcheck disable=SC2086
        read_only $command
        judge "read-only: $command" '[ $? -ne 0 ] &&
            [ "$(wc -l < "$WORK/out")" = 1 ] && grep -q \
            "nothing can be written in .*; .*, as in: " "$WORK/out"'
    done
else
    echo "skip quickstart read-only: nothing can be mounted here"
fi
