load "pipelines/copy/style.gp"
set title "Copy task: epochs to the best validation loss"
set ylabel "epochs (mean, standard error)"
stats table using 2 nooutput
set yrange [0 : STATS_max * 1.15 + 1]
plot for [i=1:count(names)] table index i-1 \
        using ($1 * shift_by(i)):2:3 every ::1 \
        with yerrorlines linestyle i title model(i)
