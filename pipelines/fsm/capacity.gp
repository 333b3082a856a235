# Right answers of plain nets by their width, and by their parameters.
# Variables: table (runs.jq), lines.
load "pipelines/fsm/style.gp"
set multiplot layout 1,2 title sprintf("Capacity, %s machines: one mark a \
run (n = %d); lines are medians of gated nets", task, runs)
set key bottom right font ",13"
set logscale x 2
set xlabel sprintf("units of a layer (nets of %d layer%s)", shallow, \
    shallow > 1 ? "s" : "")
set xrange [20 : 1500]
plot for [i in plain] table every ::1 using (int($1) == int(i) && \
        int($3) == shallow && int($7) == 0 ? $2 * 1.03 ** (int(i) - 8) : \
        NaN):5 with points linestyle int(i) pointsize 1.5 \
        title word(arms, int(i)), \
    exists("median_lstm") ? median_lstm : NaN with lines linestyle 1 \
        title "lstm (median)", \
    exists("median_gru") ? median_gru : NaN with lines linestyle 4 \
        title "gru (median)"
unset logscale x
set logscale x 10
set xrange [5e3 : 1e7]
set format x "%.0s %c"
set xlabel "parameters"
set key bottom right
plot for [i in plain . " 1 4"] table every ::1 using (int($1) == int(i) && \
        int($7) == 0 ? $4 : NaN):5 with points linestyle int(i) \
        pointsize 1.5 title word(arms, int(i))
unset multiplot
