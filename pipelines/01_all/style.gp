# What the figures of system 1 have in common.
set encoding utf8
set datafile separator tab
set border 3 linewidth 1 linecolor rgb "#444444"
set tics nomirror out
set grid ytics linewidth 0.6 linecolor rgb "#dddddd"
