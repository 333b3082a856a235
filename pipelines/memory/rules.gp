# Each net's share of right units, by the rule that trained it.  Variables:
# table (swarms at places 4 net + rule).
set terminal pngcairo noenhanced size 1500,1200 \
    font "DejaVu Sans,18" linewidth 1.5
set encoding utf8
set datafile separator tab
set border 3 linewidth 1 linecolor rgb "#444444"
set tics nomirror out
set grid ytics linewidth 0.6 linecolor rgb "#dddddd"
set yrange [-0.03 : 1.03]
set ylabel "sampled units of text right"
nets = "printing_2 counting_10 grid_5 grid_10 three-in-a-row_30 " . \
    "grammar_3 grammar_4"
set xtics ()
do for [i=1:words(nets)] {
    set xtics add (word(nets, i)[1:strstrt(word(nets, i), "_")-1] . "\n" . \
        word(nets, i)[strstrt(word(nets, i), "_")+1:*] . " units" 4 * i - 3)
}
set xtics scale 0
color(x) = int(x) % 4 == 0 ? 0x999999 : int(x) % 4 == 1 ? 0x56B4E9 : 0x0072B2
stats table using 2 nooutput
points = STATS_blocks - 1
# A swarm wider than its place is drawn closer: its points overlap.
array narrow[points]
do for [i=1:points] {
    stats table index i-1 every ::1 using (abs($2)) name "S" nooutput
    narrow[i] = 6 * S_max > 0.46 ? 0.46 / S_max : 6
}
set lmargin 9
set bmargin 3.5
set key outside top center horizontal
set multiplot layout 2,1
do for [row=0:1] {
    set xrange [16 * row - 1 : 16 * row + 15]
    plot for [i=0:points-1] table index i every ::1 \
            using ($1 + narrow[i+1] * $2):3:(color($1)) with points \
            pointtype 7 pointsize 0.9 linecolor rgb variable notitle, \
        NaN with points pointtype 7 linecolor rgb 0x999999 \
            title "original", \
        NaN with points pointtype 7 linecolor rgb 0x56B4E9 \
            title "better", \
        NaN with points pointtype 7 linecolor rgb 0x0072B2 \
            title "better, 4 times the text"
    unset key
}
unset multiplot
