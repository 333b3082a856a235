load "pipelines/copy/style.gp"
set title "Copy task: test accuracy at T = " . len
set ylabel "tokens right (" . interval . ")" font ",18"
unset key
set rmargin 12
set boxwidth 0.6
set style fill solid 0.85 noborder
set xrange [0.4 : words(models) + 0.6]
set xtics () scale 0
do for [i=1:words(models)] { set xtics add (model(i) i) }
stats table using 2 every ::1 nooutput
top = STATS_max > 0.5 ? 1.02 : STATS_max > 0.2 ? 0.52 : 0.16
set yrange [0 : top]
set label 1 "chance" at graph 1.015, first 0.1 left textcolor rgb "#555555"
plot for [i=1:words(models)] table using (i):2 every ::i::i \
        with boxes linestyle i dashtype 1, \
    for [i=1:words(models)] table \
        using (i):($2 - half($3)):(0):(2 * half($3)) every ::i::i \
        with vectors heads size graph 0.01,90 fixed linecolor rgb "#222222" \
        linewidth 2, \
    0.1 with lines linestyle 9
