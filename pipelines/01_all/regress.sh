#!/bin/bash
# regress.sh KEYS SUMMARY [--markdown] - the log of the min loss on those of
# KEYS that vary: a part of the sweep holds some still.  Where the runs cannot
# tell the settings apart, too few or always together, that is what it says.
set -euo pipefail
keys=$1 summary=$2 form=${3-}
read -r runs varying still < <(jq -nr --arg keys "$keys" '
    [inputs.settings] as $runs
    | def varies: . as $key | [$runs[] | getpath($key / ".")]
          | unique | length > 1;
    ($keys / ",") | map({key: ., varies: varies})
    | "\($runs | length) \(map(select(.varies).key) | join(",")) \(
       map(select(.varies | not).key) | join(", "))"' "$summary")
regress() {
    bin/aggregate --regress "$varying" --metric min_loss "$@" $form \
        "$summary" 2>&1
}
if [ -z "$varying" ]; then
    out='cannot tell'
elif out=$(regress --bootstrap 2000) || { [[ $out = *'for a bootstrap'* ]] &&
        out=$(regress); }; then        # too few runs for intervals
    echo "$out"
    [ -z "$form" ] || [ -z "$still" ] ||
        printf '\nThe same in all runs: %s.\n' "$still"
    exit
fi
case $out in
*'cannot tell'*) ;;
*) echo "$out" >&2; exit 1 ;;
esac
why="$runs runs cannot tell the settings apart"
case $form in
'') jq -cn --argjson n "$runs" --arg why "$why" '{n: $n, why: $why}' ;;
*) echo "$why." ;;
esac
