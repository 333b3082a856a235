# How far nets are from each predictor while they learn, a panel a net.
# Variables: table (kl.jq), lines.
load "pipelines/fsm/style.gp"
do for [i=1:words(names)] {
    unset arrow i
    unset label i
}
watched = system("awk -F'\t' 'NF == 1 { print $1 }' " . table)
blocks = words(watched)
across = blocks < 3 ? blocks : 3
down = (blocks + across - 1) / across
set terminal pngcairo noenhanced size 1700,200+500*down \
    font "DejaVu Sans,15" linewidth 1.5
set multiplot layout down,across title sprintf("%s machines: KL(predictor, \
net) on 500 test sequences while one net learns", task)
colors = "#E69F00 #D55E00 #CC79A7 #0072B2 #000000"
said = "unigram state_bigram action_bigram look-up exact_Bayes"
set rmargin 4
set logscale y
set yrange [3e-4 : 3]
set format y "%g"
set xrange [0 : *]
set xtics autofreq rotate by -30
set xlabel "updates"
set ylabel "nats"
set key bottom left font ",11"
do for [b=1:blocks] {
    set title word(arms, int(word(watched, b)))
    plot for [k=1:4] table index b-1 every ::1 using 1:(column(k + 2)) \
            with linespoints linewidth 2 pointtype 7 pointsize 0.6 \
            linecolor rgb word(colors, k) title word(said, k), \
        table index b-1 every ::1 using 1:7 with lines linewidth 2 \
            dashtype 3 linecolor rgb word(colors, 5) title word(said, 5)
    unset key
}
unset multiplot
