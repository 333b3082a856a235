load "pipelines/copy/style.gp"
set title "Copy task: test accuracy at T = " . len
set ylabel "tokens right (mean, standard error)"
unset key
set rmargin 3
set boxwidth 0.6
set style fill solid 0.85 noborder
set xrange [0.4 : count(names) + 0.6]
set xtics () scale 0
do for [i=1:count(names)] { set xtics add (model(i) i) }
stats table using 2 every ::1 nooutput
top = STATS_max > 0.5 ? 1.02 : STATS_max > 0.2 ? 0.52 : 0.15
set yrange [0 : top]
set label 2 "chance" at count(names) + 0.55, 0.1 + top * 0.025 right \
    textcolor rgb "#555555"
plot for [i=1:count(names)] table using (i):2 every ::i::i \
        with boxes linestyle i, \
    table using 0:2:3 every ::1 with yerrorbars linecolor rgb "#222222" \
        linewidth 1.5 pointtype 0, \
    0.1 with lines linestyle 9
