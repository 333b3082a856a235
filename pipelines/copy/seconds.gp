load "pipelines/copy/style.gp"
set title "Copy task: training time"
set ylabel "seconds a run (mean, standard error)"
set logscale y
set yrange [*:*]
plot for [i=1:count(names)] table index i-1 \
        using ($1 * shift_by(i)):2:3 every ::1 \
        with yerrorlines linestyle i title model(i)
