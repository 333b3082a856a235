set terminal pngcairo noenhanced size 1500,560 font "DejaVu Sans,15" \
    linewidth 1.5
load "pipelines/compose/style.gp"
names = "'two layers, power k' 'recurrent, squares' 'log k layers, in pairs'"
slopes = ""
stats table index 3 using (slopes = slopes . sprintf(" '%.2f +- %.2f'", \
    $1, $2), 1) nooutput
set multiplot layout 1,3 margins 0.055,0.93,0.14,0.83 spacing 0.06,0.1
set cbrange [0:1]
set cblabel "share of the seeds"
set xlabel "elements of a sequence, k"
set xtics 1
do for [i=1:3] {
    set xrange [*:*]
    set yrange [*:*]
    stats table index i - 1 using 1:2 name "D" nooutput
    set xrange [D_min_x - 0.5 : D_max_x + 0.5]
    set yrange [D_min_y - 0.5 : D_max_y + 0.5]
    set title word(names, i) . "\nslope of log2 width on k: " . \
        (i <= words(slopes) ? word(slopes, i) : "-")
    set ylabel (i == 1 ? "hidden units (powers of 2)" : "")
    if (i < 3) { unset colorbox } else { set colorbox }
    plot table index i - 1 using 1:2:3 with points pointtype 5 pointsize 4 \
        linecolor palette notitle, \
        table index i - 1 using 1:2 with points pointtype 4 pointsize 4 \
        linecolor rgb "#999999" linewidth 1 notitle
}
unset multiplot
