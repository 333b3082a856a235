# Held-out bits a byte by how many steps the gradient is taken through, beside
# what the last 0, 1 .. symbols tell.  Given: table (a block a cell),
# entropies (order, bits), heading.
load "pipelines/01_all/style.gp"
set terminal pngcairo noenhanced size 1200,1000 font "DejaVu Sans,18"
set title heading font ",21"
set xlabel "steps the gradient is taken through (logarithmic)"
set ylabel "bits a byte, test split"
set logscale x
set key below left vertical maxcols 1 Left reverse samplen 3 \
    spacing 1.2 height 1
stats table using 1 name "K" nooutput
stats table using 2 name "B" nooutput
stats entropies using 2 name "E" nooutput
low = B_min < E_min ? B_min : E_min
high = B_max > E_max ? B_max : E_max
set yrange [low - 0.05 * (high - low) : high + 0.05 * (high - low)]
set xrange [K_min / 1.2 : K_max * 1.2]
set xtics (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
array colours[5] = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9"]
plot for [i=0:K_blocks-1] table index i using 1:2 with linespoints \
        pointtype 7 pointsize 1.4 linewidth 2.5 \
        linecolor rgb colours[i % 5 + 1] title columnheader(1), \
    entropies using (K_min / 1.2):2:(K_max * 1.44 / K_min):(0) with vectors \
        nohead linewidth 1.5 dashtype (6,5) linecolor rgb "#777777" \
        title "what the last 0, 1, 2 .. symbols tell", \
    entropies using (K_max * 1.17 / 1.12 ** $1):2:(sprintf("%d", $1)) \
        with labels center offset 0,0.6 textcolor rgb "#555555" \
        font ",14" notitle
