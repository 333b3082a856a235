set terminal pngcairo noenhanced size 860,700 font "DejaVu Sans,16" \
    linewidth 1.5
load "pipelines/compose/style.gp"
stats table index 0 using (n = int($1), low = $2, high = $3, 1) nooutput
set title "C20, gradient descent with momentum: when half of a mode is there"
set xlabel "updates predicted"
set ylabel "updates observed, a point a mode and seed"
set logscale xy
set format "10^%L"
set key top left Left reverse samplen 1.5
set xrange [low / 2 : high * 2]
set yrange [low / 2 : high * 2]
plot x with lines linestyle 9 title "as predicted", \
    for [i=1:n] table index i using 1:2 with points \
        linestyle i pointtype (word("7 5 9", i) + 0) pointsize 1.3 \
        title columnhead(1)
