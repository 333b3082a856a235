#!/bin/bash
# pictures.sh KIND RESULTS - the tables of one picture from the nets of
# RESULTS/picks.json, then the picture: RESULTS/pictures/KIND*.tsv and .png.
# All of it is made in a folder of its own and moved when it is complete.
set -euo pipefail
kind=$1 results=$2
for old in "$results/pictures/$kind".part.*; do     # of one that was killed
    [ ! -d "$old" ] || flock -n "$old" rm -rf "$old" || true
done
work=$results/pictures/$kind.part.$$
at=$work/$kind
trap 'rm -rf "$work"' EXIT
until       # not there any more: taken for one that was left
    mkdir -p "$work"
    exec 9< "$work"
    flock 9
    [ "$work" -ef /dev/fd/9 ]
do :; done
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

model() { echo "$results/$(jq -er --arg k "$1" '.[$k].name' \
    "$results/picks.json").safetensors"; }
# A board's end is a newline in a text; beside a picture it is "clr".
# A line's end is an arrow: gnuplot would break the line.
arrow() { sed '1s/\\n/↵/g; s/^\\n\t/↵\t/'; }
clear() { sed '1s/\\n/clr/g; s/^\\n\t/clr\t/'; }

# TABLE NET eval-options: activations, a column a step
steps() {
    table=$1 net=$(model "$2"); shift 2
    bin/eval "$net" --activations "$@" |
        bin/plot-prep heat --where "name=h'" --x t --label symbol --z values \
            > "$table"
}

# TABLE NET SKIPPED SHOWN: the same over a text the net draws itself: of the
# lines it draws, the first are skipped.
sampled() {
    bin/eval "$(model "$2")" --sample 2000 > "$at.text.part"
    skip=$(head -n "$3" "$at.text.part" | wc -c)
    head -n "$(($3 + $4))" "$at.text.part" > "$at.lines.part"
    steps "$1" "$2" --text "$at.lines.part" --skip "$skip"
}

# heat.gp with the settings given
draw() {
    gnuplot -e "$1" pipelines/memory/heat.gp > "$at.png"
    rm -f "$at".*.part
    png=$at.png
    find "$work" -type f ! -name "*.png" -exec mv -t "$results/pictures" {} +
    mv "$at.png" "$results/pictures/"
}

case $kind in
printing)
    sampled "$at.1.part" charprint-2 2 6
    arrow < "$at.1.part" > "$at.tsv"
    draw "tables='$at.tsv'; titles='printing,_2_units'; rows=1; cols=1; \
        low=-1; high=1; palette='signed'; ytitle='unit'; \
        xtitle='sampled characters'; width=1500; height=420" ;;
grid)
    sampled "$at.1.part" grid-10 2 3
    clear < "$at.1.part" > "$at.tsv"
    draw "tables='$at.tsv'; titles='grid_3x3,_10_units'; rows=1; cols=1; \
        low=-1; high=1; palette='signed'; ytitle='unit'; \
        xtitle='sampled moves'; width=1500; height=640" ;;
tictac)
    first='clear 4 0 8 clear'
    steps "$at.1.part" tictac-30 --skip 4 \
        --sequence "$first 0 1 2 clear 3 0 4 8 clear"
    steps "$at.2.part" tictac-30 --skip 4 \
        --sequence "$first 6 7 8 clear 1 3 4 0 7 clear"
    clear < "$at.1.part" > "$at-top.tsv"
    clear < "$at.2.part" > "$at-bottom.tsv"
    draw "tables='$at-top.tsv $at-bottom.tsv'; rows=1; cols=2; \
        titles='top_row_first bottom_row_first'; \
        low=-1; high=1; palette='signed'; ytitle='unit'; \
        xtitle='moves'; width=1500; height=1000" ;;
grammar)
    for n in 3 4; do
        sampled "$at.$n.part" grammar-$n 2 3
        arrow < "$at.$n.part" > "$at-$n.tsv"
    done
    draw "tables='$at-3.tsv $at-4.tsv'; rows=2; cols=1; \
        titles='grammar,_3_units grammar,_4_units'; \
        low=-1; high=1; palette='signed'; ytitle='unit'; \
        xtitle='sampled characters'; width=1500; height=800" ;;
probabilities)
    for n in 5 10 optimal; do
        case $n in
        optimal) set -- --oracle grid ;;
        *) set -- "$(model grid-$n)" ;;
        esac
        bin/eval "$@" --probs --skip 10 \
            --sequence 'clear 0 1 ... 8 clear 0 1 ... 8' |
            bin/plot-prep heat --y t --label symbol --z probs \
                --names 0,1,2,3,4,5,6,7,8,clr | clear > "$at-$n.tsv"
    done
    draw "tables='$at-5.tsv $at-10.tsv $at-optimal.tsv'; rows=1; cols=3; \
        titles='5_units 10_units optimal'; low=0; high=1; palette='grey'; \
        ytitle='after'; xtitle='next'; width=1800; height=640" ;;
weights)
    bin/eval "$(model grid-10)" --weights > "$at.lines.part"
    for name in layers.0.W layers.0.U head.W; do
        bin/plot-prep heat --y row --z values --where "name=$name" \
            "$at.lines.part" > "$at-$name.tsv"
    done
    draw "tables='$at-layers.0.W.tsv $at-layers.0.U.tsv $at-head.W.tsv'; \
        titles='input_to_unit unit_to_unit unit_to_output'; rows=1; cols=3; \
        low=-8; high=8; palette='signed'; ytitle='to'; xtitle='from'; \
        width=1800; height=640" ;;
units)
    for net in grid-10 tictac-30; do
        task=${net%-*}
        bin/gentask "$task" --split test --batch 8 --count 2 |
            bin/eval "$(model "$net")" --specialise > "$at-$net.json"
        units() { jq -cr --argjson names "$1" -f pipelines/memory/units.jq \
            "$at-$net.json"; }
        units false | bin/plot-prep heat --y t --label unit --z values \
            --names "$(units true)" > "$at-$net.tsv"
    done
    draw "tables='$at-grid-10.tsv $at-tictac-30.tsv'; rows=1; cols=2; \
        titles='grid,_10_units three_in_a_row,_30_units'; low=0.5; high=1; \
        palette='grey'; ytitle=''; xtitle=''; turn=1; \
        width=1800; height=1100" ;;
*)
    echo "pictures.sh: no picture is called '$kind'" >&2
    exit 2 ;;
esac
