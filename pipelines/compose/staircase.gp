set terminal pngcairo noenhanced size 1500,620 font "DejaVu Sans,15" \
    linewidth 1.5
load "pipelines/compose/style.gp"
stats table index 0 every ::0::0 using (na = int($1), 1) nooutput
stats table index 0 every ::1::1 using (nl = int($1), 1) nooutput
stats table index 1 using (top = $0 == 0 ? $1 : top, 1) nooutput
stats table index 2 every ::1 using 1 name "T" nooutput
stats table index 2 + na every ::1 using 1 name "N" nooutput
stats table index 2 every ::1 using 2 name "L" nooutput
set multiplot layout 1,3 margins 0.06,0.985,0.13,0.9 spacing 0.065,0.1
set logscale xy
set format x "10^%L"
set format y "%g"
set xlabel "updates of 1,000 sequences"
set yrange [L_min / 1.3 : top * 1.6]
do for [panel=0:1] {
    from = 2 + (panel ? na : 0)
    many = panel ? nl : na
    set title (panel ? "target after the last element" : \
        "targets after each element")
    set ylabel (panel ? "" : "mean squared error")
    set key top right Right noreverse samplen 1.5
    last = panel ? N_max : T_max
    set xrange [1 : last]
    plot table index 1 using (1):1:(last - 1):(0) with vectors nohead \
            linestyle 9 title "levels predicted", \
        for [i=0:many-1] table index from + i using 1:2 \
            with lines linestyle i + 1 title columnhead(1)
}
unset logscale
set format "%g"
set title "updates until level 1 (within 10 %)"
set xlabel "elements of a sequence, k"
set ylabel ""
set xrange [1.5:8.5]
set yrange [*:*]
set logscale y
set key top left Left reverse
plot table index 2 + na + nl using 1:2 with points linestyle 1 \
        pointsize 1.4 title "targets after each", \
    table index 3 + na + nl using 1:2 with points linestyle 2 pointtype 5 \
        pointsize 1.4 title "after the last"
unset multiplot
