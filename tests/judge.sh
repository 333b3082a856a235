# Sourced by the sweeps' tests: one line for each test, a small sweep, its runs.
# What the last command printed is in $WORK/out.
part=$(basename "$0" .sh)
WORK=${WORK:-$(mktemp -d)}
mkdir -p "$WORK"

# judge LABEL CONDITION: evaluated, so that it sees the last command's $?
judge() {
    if eval "$2"; then
        echo "ok $part: $1"
    else
        echo "FAIL $part: $1"
        tail -n 20 "$WORK/out"
    fi
}

# small FOLDER WORD...: make at quick size, its results in a folder of its own
small() {
    dir=$1; shift
    make -s SIZE=quick R="$WORK/$dir" D="$WORK/data" "$@"
}

# The results of the runs of a folder.
runs() { find "$WORK/$1" -maxdepth 1 -name '*-s*.json'; }
