# How sharply cells have units of their own, by the board's size.  Variables:
# table (the nets' blocks, then what counting alone would give).
set terminal pngcairo noenhanced size 1100,750 \
    font "DejaVu Sans,18" linewidth 1.5
set encoding utf8
set datafile separator tab
set border 3 linewidth 1 linecolor rgb "#444444"
set tics nomirror out
set grid ytics linewidth 0.6 linecolor rgb "#dddddd"
set xrange [3.5 : 16.5]
set yrange [0.5 : 1.02]
set xlabel "cells of the board"
set ylabel "balanced accuracy of a cell's own unit (mean)"
set key bottom left
stats table using 2 nooutput
blocks = STATS_blocks / 2
plot for [i=0:blocks-1] table index i \
        using 1:2:3 every ::1 with yerrorbars linetype i+1 pointsize 0 \
        notitle, \
    for [i=0:blocks-1] table index i using 1:2 with linespoints \
        linetype i+1 pointtype 7 pointsize 1.4 title columnheader(1), \
    table index blocks every ::1 using 1:2 with lines dashtype 2 \
        linecolor rgb "#777777" title "a unit that only counts"
