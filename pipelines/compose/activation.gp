set terminal pngcairo noenhanced size 800,600 font "DejaVu Sans,16" \
    linewidth 1.5
load "pipelines/compose/style.gp"
names = "linear square relu gelu tanh"
at(s) = sum [i=1:5] (word(names, i) eq s ? i : 0)
set title "C11, two layers: loss at the end, a point a seed"
set xrange [0.5:5.5]
set xtics ("linear" 1, "square" 2, "relu" 3, "gelu" 4, "tanh" 5)
set xlabel "activation"
set ylabel "loss, share of that of answering 0 (logarithmic)"
set logscale y
set format y "10^%L"
set yrange [* < 1e-3 : 2]
set key off
plot 1 with lines linestyle 9, \
    table using (at(strcol(1))):2 with points linestyle 1 pointsize 1.6
