#!/bin/sh
# status.sh RESULTS SWEEP:TARGET... - how far each sweep is, from its files
# alone; 'make TARGET' begins it.
#
# Time left: what is not done costs what its sisters cost (the same name but
# for the seed), else the mean; what runs now has done part of that.
results=$1
shift
here=$(dirname "$0")

for sweep; do
    target=${sweep#*:} sweep=${sweep%%:*}
    dir=$results/$sweep
    if [ ! -e "$dir/runs.mk" ]; then
        echo "$sweep: not begun (make $target)"
        continue
    fi
    "$here/state.sh" "$dir" | awk -v sweep="$sweep" '
    function kind(name) { sub(/-s[0-9]+-[0-9a-f]+$/, "", name); return name }
    function cost(name,   k) {
        k = kind(name)
        if (k in n)
            return sum[k] / n[k]
        return all ? total / all : 0
    }
    function span(s) {
        if (s < 90)
            return sprintf("%d s", s + 0.5)
        if (s < 5400)
            return sprintf("%d min", s / 60 + 0.5)
        return sprintf("%.1f h", s / 3600)
    }
    { count[$2]++; state[$1] = $2; seconds[$1] = $3 }
    $2 == "done" && $3 != "-" {
        k = kind($1); n[k]++; sum[k] += $3; all++; total += $3
    }
    END {
        for (name in state) {
            if (state[name] == "left")
                left += cost(name)
            if (state[name] == "running" && cost(name) > seconds[name])
                left += cost(name) - seconds[name]
        }
        running = count["running"] + 0
        printf "%s: %d done, %d running, %d failed, %d left of %d", sweep,
            count["done"], running, count["failed"], count["left"], NR
        if (all && running + count["left"])
            printf "; %s a run, about %s to go, %d at a time",
                span(total / all), span(left / (running > 1 ? running : 1)),
                (running > 1 ? running : 1)
        print ""
    }'
done
