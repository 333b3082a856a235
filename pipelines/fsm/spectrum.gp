# Right answers of every arm, and its parameters.
# Variables: table (runs.jq), lines.
load "pipelines/fsm/style.gp"
set multiplot layout 1,2 title sprintf("Spectrum, %s machines: one mark a \
run; a bar at the median", task)
set xtics () rotate by -35 left font ",13" scale 0
set bmargin 6
n = words(compared)
arm(b) = int(word(compared, b))
do for [b=1:n] { set xtics add (word(arms, arm(b)) b) }
unset key
set xrange [0.4 : n + 0.6]
set style fill solid 0.25 noborder
set boxwidth 0.7
jitter(k) = (k * 0.618034 - floor(k * 0.618034) - 0.5) * 0.4
plot for [b=1:n] table every ::1 using (int($1) == arm(b) && int($6) ? \
        b + jitter($0) : NaN):5 with points linestyle arm(b) pointsize 1.3, \
    for [b=1:n] "+" using (b - 0.36):(real(word(middles, b))):(0.72):(0) \
        every ::0::0 with vectors nohead linestyle arm(b) dashtype 1
do for [i=1:words(names)] {
    unset arrow i
    unset label i
}
set rmargin 3
set ylabel "parameters / 1000"
set autoscale y
set yrange [0 : *]
plot for [b=1:n] "+" using (b):(real(word(weights, b)) / 1000) \
    every ::0::0 with boxes linestyle arm(b)
unset multiplot
