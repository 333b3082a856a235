# Solved nets of each task by their size: share of the seeds with its 95 %
# interval, and the mean share of right units.  Variable: table.
set terminal pngcairo noenhanced size 1700,1000 \
    font "DejaVu Sans,18" linewidth 1.5
set encoding utf8
set datafile separator tab
set border 3 linewidth 1 linecolor rgb "#444444"
set tics nomirror out
set grid ytics linewidth 0.6 linecolor rgb "#dddddd"
set xlabel "units"
unset key
names = "printing counting grid three-in-a-row grammar"
set multiplot layout 2,3
do for [i=1:words(names)] {
    set title word(names, i)
    set autoscale
    stats table index i-1 every ::1 using 1 nooutput
    set xrange [0 : STATS_records ? STATS_max + 1 : 10]
    set yrange [-0.03 : 1.05]
    set xtics STATS_records && STATS_max > 15 ? 10 : 2
    plot table index i-1 every ::1 using 1:5 with linespoints \
            pointtype 6 pointsize 1.2 linecolor rgb "#999999", \
        table index i-1 every ::1 using 1:2:3:4 with yerrorbars \
            pointtype 7 pointsize 1.4 linecolor rgb "#0072B2", \
        table index i-1 every ::1 using 1:2 with lines \
            linecolor rgb "#0072B2"
}
unset title
unset border
unset tics
unset grid
unset xlabel
set key center samplen 2
plot NaN with linespoints pointtype 6 pointsize 1.2 linecolor rgb "#999999" \
        title "units of text right (mean)", \
    NaN with linespoints pointtype 7 pointsize 1.4 linecolor rgb "#0072B2" \
        title "nets that solve it"
unset multiplot
