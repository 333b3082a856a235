load "pipelines/copy/style.gp"
set title "Copy task: test accuracy"
set ylabel "tokens right (" . interval . ")" font ",18"
stats table using 2 nooutput
# Where everything is at chance, show how near; else from zero.
if (STATS_max < 0.11) { set yrange [0.09 : 0.11] } else {
    set yrange [0 : (STATS_max > 0.5 ? 1.02 : 0.52)] }
plot 0.1 with lines linestyle 9 title "chance", \
    for [i=1:words(models)] table index i-1 \
        using ($1 * shift_by(i)):2:(half($3)) every ::1 \
        with yerrorbars linestyle i pointsize 0 dashtype 1 notitle, \
    for [i=1:words(models)] table index i-1 \
        using ($1 * shift_by(i)):2 every ::1 \
        with linespoints linestyle i title model(i)
