# The averaged loss of every run, coloured by whether the output sees the new
# state; the best run in red.  Given: table (a block a run), how many runs there
# are, how many of them (the first blocks) are old, best (a table).  The legend
# stands below, off the curves.
load "pipelines/01_all/style.gp"
set terminal pngcairo noenhanced size 1400,900 font "DejaVu Sans,18"
set title sprintf("Training without back-propagation through time: %d runs", \
    runs) font ",22"
set xlabel "updates, from where the average's start weighs under 1 %"
set ylabel "averaged training loss (nats a byte)"
set key below maxrows 1 samplen 2 spacing 1.3
set grid xtics
set format x "%.0f"
plot for [i=0:old-1] table index i using 1:2 with lines linewidth 1 \
        linecolor rgb "#88E69F00" notitle, \
    for [i=old:runs-1] table index i using 1:2 with lines linewidth 1 \
        linecolor rgb "#880072B2" notitle, \
    best using 1:2 with lines linewidth 3 linecolor rgb "#D40000" \
        title "best run", \
    NaN with lines linewidth 3 linecolor rgb "#0072B2" \
        title sprintf("new state seen: %d runs", runs - old), \
    NaN with lines linewidth 3 linecolor rgb "#E69F00" \
        title sprintf("old state only: %d runs", old)
