set terminal pngcairo noenhanced size 1200,560 font "DejaVu Sans,15" \
    linewidth 1.5
load "pipelines/compose/style.gp"
stats table using 1 nooutput
n = STATS_blocks
set multiplot layout 1,n margins 0.08,0.9,0.14,0.88 spacing 0.09,0.1
set logscale cb
set cblabel "updates to 90 %, median of the seeds"
set xlabel "elements of the group, p"
do for [i=0:n-1] {
    k = i + 2
    set xrange [*:*]
    set yrange [*:*]
    unset logscale y
    stats table index i every ::1 using 1:2 name "D" nooutput
    set logscale y
    set ytics ("80" 80, "160" 160, "320" 320, "640" 640, "1280" 1280)
    set xrange [D_min_x - 8 : D_max_x + 8]
    set yrange [D_min_y / 1.5 : D_max_y * 1.5]
    set title sprintf("one-hot templates, k = %d; crosses: never", k)
    set ylabel (i == 0 ? "hidden units (logarithmic)" : "")
    if (i < n - 1) { unset colorbox } else { set colorbox }
    set key top left samplen 2
    plot table index i using 1:2:3 every ::1 with points pointtype 5 \
            pointsize 4 linecolor palette notitle, \
        table index i using 1:(valid(3) ? NaN : $2) every ::1 with points \
            pointtype 2 pointsize 2.5 linecolor rgb "#D55E00" notitle, \
        2 ** (k - 1) * x with lines linestyle 9 title "2^(k-1) p", \
        (k + 1) * 2 ** (k - 1) * x with lines linestyle 9 dashtype 1 \
            title "(k+1) 2^(k-1) p"
}
unset multiplot
