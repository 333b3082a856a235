#!/bin/bash
# Run the README's commands, and the examples of --help, as they stand.
#
# A block that begins with ```sh is run, a line '$ command' at a time; what
# the README shows below it must be what comes out, '...' standing for any
# lines and '#' lines being remarks.  Blocks of ```text are not run.
WORK=${WORK:-$(mktemp -d)}
export PATH=$PWD/bin:$PATH
top=$PWD
# A folder of its own, so that results in the tree are left alone.
mkdir "$WORK/here"
for f in "$top"/*; do
    case $f in */results|*/data) ;; *) ln -s "$f" "$WORK/here/" ;; esac
done
mkdir "$WORK/here/results" "$WORK/here/data"
cd "$WORK/here" || exit 1

# same WANT GOT: line by line, '...' taking any number of lines.
same() {
    awk 'NR == FNR { want[++n] = $0; next } { got[++m] = $0 }
    END { exit !match_from(1, 1) }
    function match_from(i, j,   k) {
        for (; i <= n; i++, j++) {
            if (want[i] == "...") {
                for (k = j; k <= m + 1; k++)
                    if (match_from(i + 1, k))
                        return 1
                return 0
            }
            if (j > m || want[i] != got[j])
                return 0
        }
        return j == m + 1
    }' "$1" "$2"
}

try() {
    [ -n "$command" ] || return
    timeout 600 bash -o pipefail -c "$command" > "$WORK/got" 2> "$WORK/err"
    status=$?
    if [ $status -ne 0 ]; then
        echo "FAIL readme: $command"
        echo "status $status"
        tail -n 3 "$WORK/err"
    elif [ -s "$WORK/want" ] && ! same "$WORK/want" "$WORK/got"; then
        echo "FAIL readme: $command"
        diff "$WORK/want" "$WORK/got" | head -n 20
    else
        echo "ok readme: $command"
    fi
}

run() {
    command= fence=
    : > "$WORK/want"
    while IFS= read -r line; do
        case $line in
        '```sh') fence=1 ;;
        '```'*) [ -n "$fence" ] && try; fence= command=; : > "$WORK/want" ;;
        '$ '*) [ -n "$fence" ] || continue
            try; command=${line#??}; : > "$WORK/want" ;;
        '#'*) ;;
        *) [ -z "$fence" ] || case $command in
            *\\) command="${command%\\} $line" ;;
            *) printf '%s\n' "$line" >> "$WORK/want" ;;
            esac ;;
        esac
    done < "$1"
}
run README.md

# The example of each tool's --help, where its files are at hand.
for tool in gentask train genconfigs; do
    command=$($tool --help | sed -n '/^example:/,$s/^  //p')
    : > "$WORK/want"
    try
done
