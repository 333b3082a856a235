load "pipelines/copy/style.gp"
set title "Copy task: test accuracy"
set ylabel "tokens right (mean, standard error)"
stats table using 2 nooutput
set yrange [0 : (STATS_max > 0.5 ? 1.02 : STATS_max > 0.2 ? 0.52 : 0.2)]
plot 0.1 with lines linestyle 9 title "chance", \
    for [i=1:count(names)] table index i-1 \
        using ($1 * shift_by(i)):2:3 every ::1 \
        with yerrorlines linestyle i title model(i)
