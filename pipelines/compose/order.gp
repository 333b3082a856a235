set terminal pngcairo noenhanced size 900,640 font "DejaVu Sans,16" \
    linewidth 1.5
load "pipelines/compose/style.gp"
stats table index 0 using (n = int($1), low = $2, high = $3, 1) nooutput
set title "Order in which irreps are learned, a point a random spectrum"
set xlabel "smallest ratio of the scores of neighbours in the order " . \
    "(logarithmic)"
set ylabel "Kendall's tau of predicted and observed order"
set logscale x
set xtics (1, "1.2" 1.2, "1.5" 1.5, 2, 3, 5, 10, 20, 50)
set xrange [low / 1.1 : high * 1.1]
set yrange [-1.05:1.1]
set key outside right center Left reverse samplen 1 title "group"
plot 0 with lines linestyle 9 notitle, \
    for [i=1:n] table index i using 1:($2 + 0.012 * (i - 2.5)) \
    with points linestyle i pointtype (word("7 5 9 13", i) + 0) \
    pointsize 1.3 title columnhead(1)
