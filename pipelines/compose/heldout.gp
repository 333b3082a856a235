set terminal pngcairo noenhanced size 860,620 font "DejaVu Sans,16" \
    linewidth 1.5
load "pipelines/compose/style.gp"
stats table using 1 nooutput
n = STATS_blocks
set title "Nets trained on 70 % of the sequences of four elements"
set xlabel "sequences: the others of four, and longer ones"
set ylabel "loss, share of that of answering 0 (logarithmic)"
at(len) = len == 0 ? 1 : len == 6 ? 2 : len == 10 ? 3 : 4
set xrange [0.5:4.5]
set xtics ("held out" 1, "k = 6" 2, "k = 10" 3, "k = 50" 4)
set logscale y
set format y "10^%L"
set key outside right center Left reverse samplen 1 title "group"
plot 1 with lines linestyle 9 notitle, \
    for [i=0:n-1] table index i using (at($1) + 0.1 * (i - 0.5)):2 \
        with points linestyle i + 1 pointtype (word("7 5", i + 1) + 0) \
        pointsize 1.5 title columnhead(1)
