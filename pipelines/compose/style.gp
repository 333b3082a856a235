# What the figures of system 4 have in common.  Variable given on the command
# line: table.  The picture goes to standard output.
set encoding utf8
set datafile separator tab
set datafile missing "NaN"
set border 3 linewidth 1 linecolor rgb "#444444"
set tics nomirror out
set grid ytics linewidth 0.6 linecolor rgb "#dddddd"
# Okabe and Ito's colours, told apart with any kind of colour vision.
array colour[7] = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", \
    "#56B4E9", "#000000"]
do for [i=1:7] {
    set style line i linecolor rgb colour[i] linewidth 2.5 pointtype 7
}
set style line 9 linecolor rgb "#777777" linewidth 1.5 dashtype (4,5)
set palette defined (0 "#f7fbff", 0.5 "#6baed6", 1 "#08306b")
