# What the figures of system 3 share.  Variables: lines (a file of lines.jq).
set terminal pngcairo noenhanced size 1700,780 \
    font "DejaVu Sans,16" linewidth 1.5
set encoding utf8
set datafile separator tab
set border 3 linewidth 1 linecolor rgb "#444444"
set tics nomirror out
set grid ytics linewidth 0.6 linecolor rgb "#dddddd"

# Okabe and Ito's colours; within a family lines differ by their dashes, points
# by their shape.  In the order of arms: lstm lstm-open lstm-noforget gru mgu
# leaky rnn-r2 rnn-r1 rnn-r0 rnn-r3 second-order.
set style line 1 linecolor rgb "#0072B2" pointtype 7 linewidth 2
set style line 2 linecolor rgb "#0072B2" pointtype 6 linewidth 2 dashtype (8,4)
set style line 3 linecolor rgb "#56B4E9" pointtype 4 linewidth 2 dashtype (3,3)
set style line 4 linecolor rgb "#009E73" pointtype 5 linewidth 2
set style line 5 linecolor rgb "#009E73" pointtype 4 linewidth 2 dashtype (8,4)
set style line 6 linecolor rgb "#CC79A7" pointtype 9 linewidth 2
set style line 7 linecolor rgb "#D55E00" pointtype 13 linewidth 2
set style line 8 linecolor rgb "#D55E00" pointtype 12 linewidth 2 \
    dashtype (8,4)
set style line 9 linecolor rgb "#E69F00" pointtype 11 linewidth 2 \
    dashtype (3,3)
set style line 10 linecolor rgb "#E69F00" pointtype 10 linewidth 2 \
    dashtype (8,3,2,3)
set style line 11 linecolor rgb "#000000" pointtype 8 linewidth 2 \
    dashtype (8,4)
set style line 20 linecolor rgb "#777777" linewidth 1.2 dashtype (3,5)

load lines
# Predictors as horizontal lines, named at the right end.
names = "bayes action_bigram state_bigram unigram"
shown = "exact_Bayes action_bigram state_bigram unigram"
do for [i=1:words(names)] {
    if (exists(word(names, i))) {
        eval "y = " . word(names, i)
        set arrow i from graph 0, first y to graph 1, first y nohead \
            linestyle 20 back
        set label i word(shown, i) at graph 1.01, first y left \
            font ",12" textcolor rgb "#555555"
    }
}
set rmargin 17
low = exists("uniform") ? uniform - 0.03 : 0
set yrange [low : 1.02]
set ylabel "right answers, test split"
