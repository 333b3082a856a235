# Right answers of plain nets by their depth, and how they came.
# Variables: table (runs.jq), curves, lines.
load "pipelines/fsm/style.gp"
set multiplot layout 1,2 title sprintf("Depth, %s machines: one mark, one \
line a run", task)
set key bottom right font ",13"
set xlabel "layers"
set xrange [0 : 17]
plot for [i in plain] table every ::1 using (int($1) == int(i) && \
        int($7) == 0 && int($8) ? $3 + 0.12 * (int(i) - 8) : NaN):5 \
        with points linestyle int(i) pointsize 1.5 \
        title word(arms, int(i)), \
    exists("median_lstm") ? median_lstm : NaN with lines linestyle 1 \
        title "lstm (median)", \
    exists("median_gru") ? median_gru : NaN with lines linestyle 4 \
        title "gru (median)"
set ylabel "right answers, validation"
set xlabel "updates"
set autoscale x
set xrange [0 : *]
set xtics autofreq font ",13" rotate by -30
blocks = words(curve_arms)
arm(b) = int(word(curve_arms, b))
deep(b) = int(word(curve_layers, b))
# One title for all runs of an arm and a depth: they stand together.
first(b) = b == 1 || arm(b) != arm(b - 1) || deep(b) != deep(b - 1)
plot for [b=1:blocks] curves index b-1 every ::1 using 1:2 with lines \
    linestyle arm(b) linewidth (deep(b) > shallow ? 4 : 1.5) \
    title (first(b) ? sprintf("%s, %d layer%s", word(arms, arm(b)), deep(b), \
    deep(b) > 1 ? "s" : "") : "")
unset multiplot
