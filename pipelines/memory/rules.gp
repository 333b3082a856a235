# Each net's share of right units, by the rule that trained it.  Variables:
# table (swarms at places 4 net + rule), picture.
set terminal pngcairo size 1500,800 font "DejaVu Sans,18" linewidth 1.5
set output picture
set encoding utf8
set datafile separator tab
set border 3 linewidth 1 linecolor rgb "#444444"
set tics nomirror out
set grid ytics linewidth 0.6 linecolor rgb "#dddddd"
set yrange [-0.03 : 1.05]
set ylabel "sampled units of text right"
nets = "printing_2 counting_10 grid_5 grid_10 three_30 grammar_3 grammar_4"
set xtics ()
do for [i=1:words(nets)] {
    set xtics add (word(nets, i)[1:strstrt(word(nets, i), "_")-1] . "\n" . \
        word(nets, i)[strstrt(word(nets, i), "_")+1:*] . " units" 4 * i - 3)
}
set xrange [-1 : 4 * words(nets) - 1]
set bmargin 4
set key outside top center horizontal
color(x) = int(x) % 4 == 0 ? 0x999999 : int(x) % 4 == 1 ? 0x56B4E9 : 0x0072B2
stats table using 2 nooutput
points = STATS_blocks - 1
plot for [i=0:points-1] table index i every ::1 \
        using ($1 + 10 * $2):3:(color($1)) with points pointtype 7 \
        pointsize 0.9 linecolor rgb variable notitle, \
    NaN with points pointtype 7 linecolor rgb 0x999999 title "original", \
    NaN with points pointtype 7 linecolor rgb 0x56B4E9 title "better", \
    NaN with points pointtype 7 linecolor rgb 0x0072B2 title "better, more text"
