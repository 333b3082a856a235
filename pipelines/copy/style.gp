# What the figures of the copy task have in common.  Variables given on the
# command line: table, models ("LSTM mLSTM ..."), lens ("100 200"), n (runs of
# each model at each length; without it errors are drawn as they are).  The
# picture goes to standard output.  Names are drawn as they are (noenhanced),
# and an error that is not known has no bar.
set terminal pngcairo noenhanced size 1200,800 \
    font "DejaVu Sans,20" linewidth 1.5
set encoding utf8
set datafile separator tab
set border 3 linewidth 1 linecolor rgb "#444444"
set tics nomirror out
set grid ytics linewidth 0.6 linecolor rgb "#dddddd"
set key outside right center Left reverse samplen 3 spacing 1.3
set rmargin 20

# Okabe and Ito's colours, told apart with any kind of colour vision; plain
# cells are drawn with solid lines, multiplicative ones with dashed lines.
set style line 1 linecolor rgb "#0072B2" pointtype 7 pointsize 1.6 linewidth 2
set style line 2 linecolor rgb "#56B4E9" pointtype 6 pointsize 1.6 linewidth 2 \
    dashtype (8,4)
set style line 3 linecolor rgb "#D55E00" pointtype 5 pointsize 1.6 linewidth 2
set style line 4 linecolor rgb "#E69F00" pointtype 4 pointsize 1.6 linewidth 2 \
    dashtype (8,4)
set style line 9 linecolor rgb "#777777" linewidth 1.5 dashtype (3,5)

model(i) = word(models, i)

# Half of the mean's 95 % interval by Student's t, from its standard error: t at
# 97.5 % for n - 1 degrees of freedom, from 5 on by a series (Abramowitz and
# Stegun 26.7.5).
if (!exists("n")) { n = 0 }
z = invnorm(0.975)
student(f) = f < 5 ? real(word("0 12.7062 4.3027 3.1824 2.7764", f + 1)) : \
    z + (z**3 + z) / (4.0 * f) + \
    (5 * z**5 + 16 * z**3 + 3 * z) / (96.0 * f**2) + \
    (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384.0 * f**3)
half(error) = n > 1 ? student(n - 1) * error : error
interval = n > 1 ? sprintf("mean, 95 %% interval by t, n = %d", n) : \
    n ? "one run each" : "mean, standard error"

# The lengths as ticks of a logarithmic axis, with a little room at each end.
# Models stand side by side at each length so that error bars do not overlap.
shift_by(i) = 1.025 ** (2 * i - words(models) - 1)
if (exists("lens")) {
    low = high = real(word(lens, 1))
    ticks = ""
    do for [i=1:words(lens)] {
        t = real(word(lens, i))
        low = t < low ? t : low
        high = t > high ? t : high
        ticks = ticks . (i > 1 ? "," : "") . sprintf("'%g' %g", t, t)
    }
    set logscale x 2
    eval "set xtics (" . ticks . ")"
    set xrange [low / 1.2 : high * 1.2]
    set xlabel "sequence length T (logarithmic)"
}
