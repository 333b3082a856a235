# Right answers by how often and how long ago a pair was shown.
# Variables: times, ago (pairs.jq), lines.
load "pipelines/fsm/style.gp"
do for [i=1:words(names)] {
    unset arrow i
    unset label i
}
set rmargin 2
set yrange [* : 1.02]
set multiplot layout 1,2 title sprintf("%s machines: right answers, all runs \
of an arm together", task)
set key bottom right font ",12"
set xtics 1 font ",13"
set style line 30 linecolor rgb "#777777" pointtype 1 linewidth 2
do for [panel=1:2] {
    file = panel == 1 ? times : ago
    set xlabel panel == 1 ? "how often the pair was shown before" : \
        "transitions since the pair was shown last"
    labels = system("head -n 1 " . file . " | cut -f 3- | tr '\t' ' '")
    set xtics ()
    do for [i=1:words(labels)] { set xtics add (word(labels, i) i-1) }
    set xrange [-0.4 : words(labels) - 0.6]
    plot file index 0 every ::1 using 1:2 with linespoints linestyle 30 \
            title "exact Bayes", \
        for [b=1:words(compared)] file index b every ::1 using 1:2 \
            with linespoints linestyle int(word(compared, b)) \
            pointsize 1.2 title word(arms, int(word(compared, b)))
}
unset multiplot
