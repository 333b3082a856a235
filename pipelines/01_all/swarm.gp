# 3 x 3 panels, one a setting: each run at its min loss, moved aside so that
# none overlap (plot-prep swarm); the mean of each value in red, with its 95 %
# interval by Student's t where there are 6 runs or more.
# Given: tables (folder), runs (how many), heading, keys
# ("use_input_gate ...").
# plot-prep is told the size of a point in these units: a panel is 470 x 420
# pixels, and shows a little more than the range of all runs.
load "pipelines/01_all/style.gp"
set terminal pngcairo noenhanced size 1765,1780 font "DejaVu Sans,17"
set multiplot
set label 1 heading at screen 0.5, screen 0.977 center font ",25"
set label 2 "smallest averaged training loss (nats a byte)" \
    at screen 0.022, screen 0.5 center rotate by 90 font ",20"
set label 3 sprintf("%d runs; red: the mean and, from 6 runs on, its 95 %% " . \
    "interval (Student's t)", runs) at screen 0.5, screen 0.955 center

title_of(key) = key eq "layers" ? "layers" : key eq "size" ? "units" : \
    strstrt(key, "use_") ? lessbars(key[5:*]) : key
lessbars(s) = strstrt(s, "_") ? \
    s[1:strstrt(s, "_") - 1] . " " . s[strstrt(s, "_") + 1:*] : s
shown(value) = value eq "true" ? "on" : value eq "false" ? "off" : value
table(i) = tables . "/" . word(keys, i) . ".tsv"

if (runs == 0) {
    unset border; unset tics; unset key; unset grid
    unset label 2
    set label 3 "no run" at screen 0.5, screen 0.5 center
    set xrange [0:1]; set yrange [0:1]
    plot NaN notitle
    unset multiplot
    exit
}
# A block a value, then one of their means, with the size of the points.
array last[words(keys)]
array small[words(keys)]
array count[9 * words(keys)]
array half[9 * words(keys)]
at(i, b) = 9 * (i - 1) + b + 1
# Student's t at 97.5 %, to a thousandth from 5 degrees of freedom f on
# (Abramowitz and Stegun 26.7.5)
z = invnorm(0.975)
student(f) = z + (z**3 + z) / (4.0 * f) + \
    (5 * z**5 + 16 * z**3 + 3 * z) / (96.0 * f**2) + \
    (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384.0 * f**3)
low = 1e30
high = -1e30
do for [i=1:words(keys)] {
    stats table(i) using 2 nooutput
    last[i] = STATS_blocks - 1
    stats table(i) index last[i] every ::1 using 4 name "P" nooutput
    small[i] = P_min
    do for [b=0:last[i]-1] {
        stats table(i) index b every ::1 using 3 name "Y" nooutput
        count[at(i, b)] = Y_records
        half[at(i, b)] = Y_records < 6 ? 0 : \
            student(Y_records - 1) * Y_ssd / sqrt(Y_records)
        low = Y_min < low ? Y_min : low
        high = Y_max > high ? Y_max : high
    }
}
range = high > low ? high - low : 1
set yrange [low - 0.05 * range : high + 0.05 * range]
unset key

do for [i=1:words(keys)] {
    left = 140 + 545 * ((i - 1) % 3)
    bottom = 1780 - 100 - 560 * ((i - 1) / 3) - 470
    set lmargin at screen left / 1765.0
    set rmargin at screen (left + 470) / 1765.0
    set bmargin at screen bottom / 1780.0
    set tmargin at screen (bottom + 420) / 1780.0
    set title title_of(word(keys, i)) font ",21" offset 0,-0.3
    set xrange [-0.5 : last[i] - 0.5]
    set xtics () scale 0 font ",19"
    plot table(i) index last[i] every ::1 \
            using 1:2:($1 - 0.33):($1 + 0.33):($2 - half[at(i, $1)]): \
            ($2 + half[at(i, $1)]) with boxxyerror fillstyle solid 0.2 \
            noborder linecolor rgb "#D40000", \
        for [b=0:last[i]-1] table(i) index b every ::1 using ($1 + $2):3 \
            with points pointtype 7 pointsize 0.85 * small[i] \
            linecolor rgb "#990072B2", \
        table(i) index last[i] every ::1 \
            using ($1 - 0.33):2:(0.66):(0) \
            with vectors nohead linewidth 3 linecolor rgb "#D40000", \
        table(i) index last[i] every ::1 \
            using ($1 + 0.47):2:(sprintf("%.3f", $2)) \
            with labels right offset 0,0.65 textcolor rgb "#D40000" \
            font ",15", \
        table(i) index last[i] every ::1 using 1:2:xtic(shown(strcol(3)) . \
            sprintf("\nn = %d", count[at(i, $1)])) \
            with points pointsize 0
    unset label 1
    unset label 2
    unset label 3
}
unset multiplot
