# Nets that have not jumped yet, by updates.  Variables: table (survival.jq),
# lines.
load "pipelines/fsm/style.gp"
do for [i=1:words(names)] {
    unset arrow i
    unset label i
}
set terminal pngcairo noenhanced size 1200,780 font "DejaVu Sans,16" \
    linewidth 1.5
set title sprintf("The jump, %s machines: nets below 90 %% of validation \
answers so far", task)
set xlabel "updates"
set ylabel "share of the nets that have not jumped"
set yrange [-0.02 : 1.05]
set xrange [0 : *]
set key outside right center Left reverse title "arm (jumped / n)"
set rmargin 28
n = words(compared)
arm(b) = int(word(compared, b))
# Lines that are equal stand side by side.
plot for [b=1:n] table index b-1 every ::1 \
    using 1:($2 + 0.004 * (b - n / 2.0)) with lines \
    linestyle arm(b) title value(sprintf("jump_%d", arm(b)))
