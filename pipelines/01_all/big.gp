# Smoothed curves on a logarithmic axis; the best ones named, with their min
# loss.  Given: table (blocks in order of min loss), named (how many).
load "pipelines/01_all/style.gp"
set terminal pngcairo noenhanced size 1800,1000 font "DejaVu Sans,17"
set title "The best of 01_all, wider, deeper and for longer" font ",22"
set xlabel "updates, from where the average's start weighs under 1 %"
set ylabel "averaged training loss, smoothed (nats a byte)"
set format x "%.0f"
set logscale y
stats table using 2 nooutput
n = STATS_blocks
low = STATS_min / 1.02
high = STATS_max * 1.02
set yrange [low : high]
set ytics ()
do for [t=1:80] {
    v = t * 0.1
    if (v >= low && v <= high && (high / low < 1.7 || t % 2 == 0)) {
        set ytics add (sprintf("%.1f", v) v)
    }
}
named = named < n ? named : n
set key outside right top Left reverse samplen 2 spacing 1.15 font ",14" \
    title "min loss, layers x units, what is on"
set palette defined (0 "#08306B", 0.35 "#0072B2", 0.7 "#009E73", 1 "#E69F00")
unset colorbox
set cbrange [0 : named > 1 ? named - 1 : 1]
first = n > named ? named - 1 : 0       # gnuplot draws an empty loop once
plot for [i=first:n-1] table index i using 1:2 with lines linewidth 1 \
        linecolor rgb "#AABBBBBB" notitle, \
    for [i=0:named-1] table index i using 1:2:(i) with lines \
        linewidth 2.5 palette title columnheader(1)
