load "pipelines/copy/style.gp"
set title "Copy task: training time"
set ylabel "seconds a run (" . interval . ")" font ",18"
stats table using 2 nooutput
low = STATS_min / 1.4
high = STATS_max * 1.4
set logscale y
set yrange [low : high]
# Ticks at 1, 2 and 5 of every power of ten in reach.
set ytics ()
do for [e=-4:6] { do for [d in "1 2 5"] {
    t = d * 10.0 ** e
    if (t >= low && t <= high) { set ytics add (sprintf("%g", t) t) }
} }
plot for [i=1:words(models)] table index i-1 \
        using ($1 * shift_by(i)):2:(half($3)) every ::1 \
        with yerrorbars linestyle i pointsize 0 dashtype 1 notitle, \
    for [i=1:words(models)] table index i-1 \
        using ($1 * shift_by(i)):2 every ::1 \
        with linespoints linestyle i title model(i)
