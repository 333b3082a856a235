# Solved nets of each task by their size: share of the seeds with its 95 %
# interval, and the mean share of right units.  Variables: table, picture.
set terminal pngcairo size 1700,1000 font "DejaVu Sans,18" linewidth 1.5
set output picture
set encoding utf8
set datafile separator tab
set border 3 linewidth 1 linecolor rgb "#444444"
set tics nomirror out
set grid ytics linewidth 0.6 linecolor rgb "#dddddd"
set yrange [-0.03 : 1.05]
set xlabel "units"
set key bottom right samplen 2
names = "printing counting grid three-in-a-row grammar"
set multiplot layout 2,3
do for [i=1:words(names)] {
    set title word(names, i) noenhanced
    plot table index i-1 every ::1 using 1:5 with linespoints \
            pointtype 6 pointsize 1.2 linecolor rgb "#999999" \
            title "units of text right (mean)", \
        table index i-1 every ::1 using 1:2:3:4 with yerrorbars \
            pointtype 7 pointsize 1.4 linecolor rgb "#0072B2" \
            title "nets that solve it", \
        table index i-1 every ::1 using 1:2 with lines \
            linecolor rgb "#0072B2" notitle
}
unset multiplot
