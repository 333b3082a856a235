# Heat maps side by side or one above the other.  Variables: tables and titles
# (words; '_' in a title is a blank), rows, cols (of panels), low, high (the
# range of the shades), palette (grey or signed), xtitle, ytitle,
# width, height.
set terminal pngcairo noenhanced size width,height \
    font "DejaVu Sans,18" linewidth 1.2
set encoding utf8
set datafile separator tab
if (palette eq "grey") {
    set palette defined (0 "#ffffff", 0.02 "#e8eef4", 0.5 "#5b8db8", \
        1 "#08306b")
} else {
    set palette defined (0 "#0072B2", 0.5 "#ffffff", 1 "#D55E00")
}
set cbrange [low : high]
set border 15 linewidth 0.8 linecolor rgb "#444444"
set tics scale 0
set xlabel xtitle
set ylabel ytitle
set xtics font ",14"
if (exists("turn")) { set xtics rotate by 90 right }
set yrange [] reverse
unset key
plain(s) = system("printf '%s' '" . s . "' | tr _ ' '")
set multiplot layout rows,cols
do for [i=1:words(tables)] {
    set title plain(word(titles, i))
    plot word(tables, i) matrix rowheaders columnheaders using 1:2:3 with image
}
unset multiplot
