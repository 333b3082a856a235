names = ""
modes = ""
stats table index 0 using (names = names . " " . strcol(1), \
    modes = modes . " " . strcol(2), 1) nooutput
n = words(names)
wide = 440. * n + 60
set terminal pngcairo noenhanced size wide,900 \
    font "DejaVu Sans,15" linewidth 1.5
load "pipelines/compose/style.gp"
set multiplot layout 2,n columnsfirst margins 100 / wide,1 - 20 / wide, \
    0.09,0.93 spacing 90 / wide,0.1
set logscale x
set format x "10^%L"
do for [i=1:n] {
    at = 2 * i - 1
    m = int(word(modes, i))
    set xrange [*:*]
    set yrange [*:*]
    unset logscale
    stats table index at every ::1 using 1 name "T" nooutput
    set logscale x
    set xrange [T_min : T_max]
    set title word(names, i) . ", first seed"
    unset logscale y
    set format y "%g"
    set yrange [0 : 1]
    set xlabel ""
    set ylabel (i == 1 ? "power, share of the template's" : "")
    set key top left Left reverse samplen 1.5 title "irrep" left
    plot for [k=1:m] table index at using 1:(column(k + 2)) \
        with lines linestyle k title columnhead(k + 2)
    unset logscale y
    set yrange [*:*]
    set xrange [*:*]
    stats table index at + 1 using 1 name "L" nooutput
    set logscale y
    set xrange [T_min : T_max]
    set yrange [L_min / 30 : L_max * 2]
    set format y "%g"
    set title ""
    set xlabel "updates"
    set ylabel (i == 1 ? "mean squared error" : "")
    set key bottom left Left reverse samplen 1.5 notitle
    plot table index at + 1 using (T_min):1:(T_max - T_min):(0) \
        with vectors nohead linestyle 9 title "levels predicted", \
        table index at using 1:2 every ::1 with lines linestyle 7 \
        title "loss"
}
unset multiplot
