load "pipelines/copy/style.gp"
set title "Copy task: epochs to the best validation loss"
set ylabel "epochs (" . interval . ")" font ",18"
stats table using 2 nooutput
set yrange [0 : STATS_max * 1.1]
plot for [i=1:words(models)] table index i-1 \
        using ($1 * shift_by(i)):2:(half($3)) every ::1 \
        with yerrorbars linestyle i pointsize 0 dashtype 1 notitle, \
    for [i=1:words(models)] table index i-1 \
        using ($1 * shift_by(i)):2 every ::1 \
        with linespoints linestyle i title model(i)
