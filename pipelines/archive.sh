#!/bin/bash
# The archive of a sweep (docs/formats.md): archive.sh COMMAND SWEEP, where
#
#   archive  puts what is finished in RESULTS/SWEEP, and the archives FROM, into
#            ARCHIVE; an old archive stays until the new one has been read back
#   restore  puts the runs of ARCHIVE into RESULTS/SWEEP
#   verify   trains N of them again, drawn by SEED, and compares every byte
#
# All else comes from make (archive.mk) in the environment: ARCHIVE, RESULTS,
# TEXT (the corpus, where the sweep is on one), SPEC (the sweep's description;
# made anew from the archive where it is none of the files that stand in the
# project), CONTRACT, KINDS (what is kept of a run besides, as in "scores:F": a
# folder, and the script F that makes it), MODELS (runs whose models are kept,
# too), MAKE, FROM, N, SEED.
set -euo pipefail
. "$(dirname "$0")/attend.sh"
export LC_ALL=C
command=$1 sweep=$2
folder=$RESULTS/$sweep
scripts=$(cd "$(dirname "$0")/archive" && pwd)
case $RESULTS in /*) top= ;; *) top=$PWD/ ;; esac

fail() {
    echo "$*" >&2
    exit 1
}

# A folder for what we unpack, locked while we live.
scratch() {
    mkdir -p "$folder"
    "$(dirname "$0")/leftovers.sh" -r "$folder"
    work=$folder/archive.part.$$
    mkdir "$work"
    trap 'rm -rf "$work" ${held:+"$held"}' EXIT
    exec 6< "$work"
    flock 6
}

kinds() { for k in $KINDS; do echo "${k%%:*}"; done; }
# The script that makes files of a kind; nothing if it is none.
maker() { for k in $KINDS; do case $k in "$1:"*) echo "${k#*:}" ;; esac; done; }
makers() {
    for k in $(kinds); do
        m=$(maker "$k")
        [ -z "$m" ] || echo "$k $(sha256sum < "$m" | cut -d' ' -f1)"
    done
}

# A description that make derives from other results is taken as it is.
as_it_is() { case $SPEC in "$RESULTS"/*) echo "-o $SPEC" ;; esac; }

# plan ARCHIVE: $work/plan, a line 'RUN ID CORPUS' for each run of the sweep.
plan() {
    if [ ! -e "$SPEC" ]; then
        case $SPEC in "$RESULTS"/*) [ -e "$1" ] ;; *) false ;; esac ||
            fail "$SPEC: not there; what is $sweep?"
        { gzip -dc < "$1" 2> /dev/null || :; } | head -n 1 |
            jq -e .description > "$work/spec" 2> /dev/null ||
            fail "$1: damaged: cannot read what is in it"
        mv "$work/spec" "$SPEC"
    fi
    attend "$MAKE" -s $(as_it_is) "$folder/runs.mk" "$RESULTS/.contract"
    sed -n 's/^runs\.[^ ]* += //p' "$folder/runs.mk" | sort > "$work/names"
    sed "s|.*|$folder/configs/&.json|" "$work/names" | xargs -r jq -r '
        "\(input_filename | sub(".*/"; "") | sub("\\.json$"; "")) \(.id
         ) \(.task.corpus? // "")"' | sort > "$work/plan"
}

# unpack ARCHIVE NAME: checked, its files are in $work/NAME.
unpack() {
    to=$work/$2
    mkdir "$to"
    for k in $(kinds); do mkdir "$to/$k"; done
    [ "$(head -c 10 "$1" | od -An -tx1 | tr -d ' \n')" = \
        1f8b0800000000000203 ] ||
        fail "$1: is no archive, or damaged in its first bytes"
    gzip -dc < "$1" > "$to.text" 2> "$work/why" || fail "$1: damaged or cut" \
        "short: $(sed -n 's/^gzip: stdin: //p' "$work/why" | tail -n 1)"
    head -n 1 "$to.text" | jq -r 'select(.unroll == "archive") | "\(.version
        ) \(.contract) \(.sweep) \(.runs) \(.sha256)"' > "$to.head" \
        2> /dev/null || : > "$to.head"
    version= contract= of= runs= sum=
    read -r version contract of runs sum < "$to.head" || :
    [ "$version" = 1 ] || fail "$1: is no archive of version 1"
    [ "$of" = "$sweep" ] || fail "$1: is of the sweep $of, not of $sweep"
    [ "$contract" = "$CONTRACT" ] || fail "$1: has runs of the numeric" \
        "contract $contract; this program's is $CONTRACT"
    # What another script has made is not what this one would make.
    head -n 1 "$to.text" | jq -r '.makers // {} | to_entries[] | "\(.key
        ) \(.value)"' | sort > "$to.makers"
    wanted=" "
    for k in $(kinds); do
        if [ -z "$(maker "$k")" ] || makers | sort |
                comm -12 - "$to.makers" | grep "^$k " > /dev/null; then
            wanted="$wanted$k "
        elif grep -q "^$k " "$to.makers"; then
            echo "$1: its $k are left out: $(maker "$k") has changed"
        fi
    done
    : > "$to.ids"
    awk -v archive="$1" -v dir="$to" -v ids="$to.ids" -v runs="$runs" \
        -v contract="$contract" -v kinds="$wanted" \
        -f "$scripts/unpack.awk" "$to.text" > "$to.sums"
    for f in "$to"/*.base64; do
        [ ! -e "$f" ] || { base64 -d "$f" > "${f%.base64}.safetensors" &&
            rm "$f"; } || fail "$1: run $(basename "$f" .base64): its model" \
            "is damaged"
    done
    (cd "$to" && sha256sum -c --quiet 2> /dev/null) < "$to.sums" > \
        "$work/why" ||
        fail "$1: $(sed -n '1s/: FAILED$//p' "$work/why"): its sum is not" \
            "the one that the archive gives"
    [ "$(tail -n +2 "$to.text" | sha256sum | cut -d' ' -f1)" = "$sum" ] ||
        fail "$1: its sum is not the one that its first line gives"
    cut -d' ' -f1,2 "$work/plan" | comm -13 - "$to.ids" > "$to.foreign"
    read -r run _ < "$to.foreign" || run=
    [ -z "$run" ] || fail "$1: run $run is none of the sweep $sweep as $SPEC" \
        "describes it"
    rm "$to.text"
}

# Of the runs in the list on standard input those that have a file NAME.$1.
with() {
    while read -r run; do
        [ ! -e "$folder/$run.$1" ] || echo "$run"
    done
}
# Put files of the results, named on standard input, into $work/$1.
take() { (cd "$folder" && xargs -r cp -t "$top$work/$1"); }

# $work/here: what is finished in RESULTS/SWEEP.
gather() {
    mkdir "$work/here"
    with json < "$work/names" | while read -r run; do
        if [ -e "$folder/$run.safetensors" ] || [ -e "$folder/$run.sum" ]; then
            IFS= read -r -n 120 head < "$folder/$run.json" || :
            id=${head#'{"id":"'} of=${head#*'"contract":'}
            echo "$run ${id%%\"*} ${of%%,*}"
        fi
    done > "$work/found"
    awk -v c="$CONTRACT" '$3 != c' "$work/found" > "$work/older"
    [ ! -s "$work/older" ] || echo "$sweep: $(wc -l < "$work/older") results" \
        "of another contract are left out"
    awk -v c="$CONTRACT" '$3 == c { print $1, $2 }' "$work/found" |
        sort > "$work/done"
    cut -d' ' -f1,2 "$work/plan" | comm -13 - "$work/done" > "$work/foreign"
    read -r run id < "$work/foreign" || run=
    [ -z "$run" ] || fail "$folder/$run.json: is the result of another run," \
        "${id:0:12}"
    cut -d' ' -f1 "$work/done" > "$work/runs"
    sed 's/$/.json/' "$work/runs" | take here
    with meta < "$work/runs" | sed 's/$/.meta/' | take here
    with sum < "$work/runs" | sed 's/$/.sum/' | take here
    with safetensors < "$work/runs" | sed 's/$/.safetensors/' |
        (cd "$folder" && xargs -r sha256sum) |
        awk -v dir="$work/here" '{ f = $2; sub(/safetensors$/, "sum", f)
            print > (dir "/" f); close(dir "/" f) }'
    for run in $MODELS; do
        if [ -e "$work/here/$run.json" ] && [ -e "$folder/$run.safetensors" ]
        then
            echo "$run.safetensors" | take here
        fi
    done
    for k in $(kinds); do
        mkdir "$work/here/$k"
        m=$(maker "$k")
        while read -r run; do
            f=$folder/$k/$run.json
            [ ! -e "$f" ] || [ "${m:-$f}" -nt "$f" ] ||
                [ "$folder/$run.safetensors" -nt "$f" ] || echo "$k/$run.json"
        done < "$work/runs" | take "here/$k"
    done
}

sums() { (cd "$work/$1" && find . -type f | sed 's|^\./||' | sort |
    xargs -r sha256sum) > "$work/$1.sums"; }

# join A B: what $work/B has goes into $work/A as well.
join_runs() {
    sums "$1"
    sums "$2"
    awk -v archive="$ARCHIVE" -v a="$work/$1" -v b="$work/$2" \
        -f "$scripts/join.awk" "$work/$1.sums" "$work/$2.sums" > "$work/more"
    (cd "$work/$2" && xargs -r cp --parents -t "$top$work/$1") < "$work/more"
}

# pack A: the text of an archive of $work/A.
pack() {
    sums "$1"
    awk '{ run = kind = $2; sub(/.*\//, "", run); sub(/\.[a-z]+$/, "", run)
           if (!sub(/\/.*/, "", kind)) sub(/.*\./, "", kind)
           print run, (kind == "json" ? 0 : 1), kind, $1, $2 }' \
        "$work/$1.sums" | sort -k1,1 -k2,2 -k3,3 > "$work/list"
    (cd "$work/$1" && awk -f "$scripts/pack.awk") < "$work/list" > "$work/body"
    find "$work/$1" -maxdepth 1 -name '*.meta' | sort |
        xargs -r jq -r '.processor // .machine' | sort -u > "$work/machines"
    cut -d' ' -f1 "$work/list" | uniq > "$work/runs"
    join "$work/runs" "$work/plan" | cut -d' ' -f3- | grep . |
        sort -u > "$work/corpora" || :
    makers > "$work/makers"
    jq -cn --arg sweep "$sweep" --argjson contract "$CONTRACT" \
        --argjson runs "$(wc -l < "$work/runs")" \
        --rawfile machines "$work/machines" --rawfile makers "$work/makers" \
        --rawfile corpora "$work/corpora" --slurpfile description "$SPEC" \
        --arg described "$(sha256sum < "$SPEC" | cut -d' ' -f1)" \
        --arg sum "$(sha256sum < "$work/body" | cut -d' ' -f1)" '
        def lines: split("\n")[:-1];
        {unroll: "archive", version: 1, contract: $contract, sweep: $sweep,
         runs: $runs, description_sha256: $described}
        + ($corpora | lines | if length > 0 then {corpora: .} else {} end)
        + {machines: ($machines | lines),
           makers: ([$makers | lines[] / " " | {(.[0]): .[1]}] | add // {}),
           sha256: $sum, description: $description[0]}'
    cat "$work/body"
}

add() {
    scratch
    mkdir -p "$(dirname "$ARCHIVE")"
    exec 7< "$(dirname "$ARCHIVE")"
    flock 7
    set -- $FROM
    plan "${1:-$ARCHIVE}"
    gather
    for f in "$ARCHIVE" "$@"; do
        if [ -e "$f" ] || [ "$f" != "$ARCHIVE" ]; then
            [ -r "$f" ] || fail "$f: cannot be read"
            unpack "$f" other
            join_runs here other
            rm -r "$work/other"
        fi
    done
    [ -n "$(ls "$work/here"/*.json 2> /dev/null | head -n 1)" ] ||
        fail "$sweep: nothing is finished in $folder, nothing to archive"
    pack here > "$work/text"
    gzip -n9 < "$work/text" > "$work/new"
    if cmp -s "$work/new" "$ARCHIVE"; then
        echo "$ARCHIVE: $(wc -l < "$work/runs") runs, nothing new"
        return
    fi
    cp "$work/runs" "$work/all"
    unpack "$work/new" read
    join_runs here read
    [ ! -s "$work/more" ] || fail "$ARCHIVE: could not be read back"
    hold "$ARCHIVE.part" || :
    cat "$work/new" >&9
    sync "$held"
    mv -f "$held" "$ARCHIVE"
    echo "$ARCHIVE: $(wc -l < "$work/all") runs of $(wc -l < "$work/names")"
}

# $work/archived is what the archive holds, $work/runs their names.
open_archive() {
    [ -r "$ARCHIVE" ] || fail "$ARCHIVE: not there; nothing is archived of" \
        "$sweep"
    scratch
    plan "$ARCHIVE"
    unpack "$ARCHIVE" archived
    cut -d' ' -f1 "$work/archived.ids" > "$work/runs"
}

# Of the runs on standard input, which are to be put back, the files that are
# not here.  A model that is here needs no sum.
missing_beside() {
    while read -r run; do
        if [ ! -e "$folder/$run.safetensors" ]; then
            if [ -e "$work/archived/$run.safetensors" ]; then
                echo "$run.safetensors"
            elif [ ! -e "$folder/$run.sum" ]; then
                echo "$run.sum"
            fi
        fi
        for file in "$run.meta" $(kinds | sed "s|.*|&/$run.json|"); do
            [ -e "$folder/$file" ] || [ ! -e "$work/archived/$file" ] ||
                echo "$file"
        done
    done
}

# The files on standard input go from the archive into the results.
put() { sed "s|^|$work/archived/|" | xargs -r mv -n -t "$folder${1:+/$1}"; }

# What says that a run failed, or is under way when nobody is at work on it.
clear_away() {
    while read -r run; do
        rm -f "$folder/$run.err"
        [ ! -e "$folder/$run.checkpoint" ] ||
            flock -n "$folder/$run.checkpoint.lock" rm -f \
                "$folder/$run.checkpoint" "$folder/$run.checkpoint.lock" || :
    done
}

restore() {
    open_archive
    with json < "$work/runs" > "$work/here"
    sed 's/$/.json/' "$work/here" | (cd "$folder" && xargs -r sha256sum) |
        sort > "$work/here.sums"
    sort "$work/archived.sums" | comm -13 - "$work/here.sums" |
        sed 's/.*  //; s/\.json$//' | sort > "$work/other"
    sed "s|.*|$folder/&.json: differs from what is archived: left as it is|" \
        "$work/other" >&2
    comm -23 "$work/runs" "$work/other" > "$work/wanted"
    missing_beside < "$work/wanted" > "$work/files"
    comm -23 "$work/runs" "$work/here" > "$work/new"
    clear_away < "$work/new"
    # What is made from a model is newer than it, and a result comes last.
    for k in $(kinds); do
        mkdir -p "$folder/$k"
        find "$work/archived/$k" -type f -print0 | xargs -0 -r touch
        grep "^$k/" "$work/files" | put "$k" || :
    done
    grep -v / "$work/files" | put || :
    sed 's/$/.json/' "$work/new" | put
    echo "$ARCHIVE: $(wc -l < "$work/new") runs put back," \
        "$(comm -12 "$work/here" "$work/wanted" | wc -l) were here"
    [ ! -s "$work/other" ]
}

# N of the runs on standard input: each gets a number from a generator of its
# own (Park and Miller's), so that all awks draw the same.
draw() {
    awk -v x="$((SEED % 2147483646 + 1))" '
        function next_number() { x = x * 16807 % 2147483647; return x }
        BEGIN { for (i = 0; i < 9; i++) next_number() }
        { printf "%d %s\n", next_number(), $1 }' |
        sort -n | sed -n "1,${N}p" | cut -d' ' -f2
}

# again MAKE-ARGUMENT...: make, with results in a folder of ours.
again() {
    case $SPEC in
    "$RESULTS"/*) set -- -o "$work/again/${SPEC##*/}" "$@" ;;
    esac
    attend "$MAKE" -s --no-print-directory R="$work/again" SAMPLE=0 "$@"
}

# differs RUN: in words, if what was trained again is not what is archived.
differs() {
    was=$work/archived/$1 is=$work/again/$sweep/$1
    if [ ! -e "$is.json" ] || [ ! -e "$is.safetensors" ]; then
        echo "could not be trained again"
        return
    fi
    sum=$(sha256sum < "$is.safetensors" | cut -d' ' -f1)
    why=
    cmp -s "$was.json" "$is.json" || why=", $(jq -rn --slurpfile was \
        "$was.json" --slurpfile is "$is.json" -f "$scripts/differ.jq")"
    [ "$(cut -d' ' -f1 "$was.sum")" = "$sum" ] || why="$why, another model"
    echo "${why#, }"
}

# Runs on a text are trained again on that text.
need_text() {
    sum=$(join "$work/runs" "$work/plan" | cut -d' ' -f3- | grep . |
        sort -u) || return 0
    [ -r "$TEXT" ] || fail "$ARCHIVE: its runs are of the text with the" \
        "SHA-256 $sum, and $TEXT is not there: say CORPUS=path"
    [ "$(gzip -dcf < "$TEXT" | sha256sum | cut -d' ' -f1)" = "$sum" ] ||
        fail "$ARCHIVE: its runs are of the text with the SHA-256 $sum," \
            "and $TEXT is another: say CORPUS=path"
}

verify() {
    for x in "$N" "$SEED"; do
        case $x in ''|*[!0-9]*) fail "N and SEED are numbers, not '$x'" ;; esac
    done
    open_archive
    [ -z "$TEXT" ] || need_text
    draw < "$work/runs" | sort > "$work/drawn"
    mkdir -p "$work/again/$sweep"
    case $SPEC in "$RESULTS"/*) cp "$SPEC" "$work/again" ;; esac
    again "$work/again/$sweep/runs.mk"
    list=$work/again/$sweep/runs.mk
    awk 'NR == FNR { drawn[$1]; next } !/^runs\./ || $3 in drawn' \
        "$work/drawn" "$list" > "$list.drawn"
    mv "$list.drawn" "$list"
    sed "s|.*|$work/again/$sweep/&.json|" "$work/drawn" |
        (set -- $(cat) && again -k -o "$list" "$@") || :
    while read -r run; do
        why=$(differs "$run")
        [ -z "$why" ] || echo "$ARCHIVE: run $run: $why"
    done < "$work/drawn" > "$work/differ"
    cat "$work/differ" >&2
    all=$(wc -l < "$work/drawn") bad=$(wc -l < "$work/differ")
    echo "$ARCHIVE: $((all - bad)) of $all runs drawn come out the same, byte" \
        "for byte$(cat "$work/again/$sweep"/*.meta 2> /dev/null |
            jq -r '" (\(.processor), \(.isa))"' | sort | uniq | head -n 3 |
            tr -d '\n')"
    [ "$bad" = 0 ]
}

case $command in
archive) add ;;
restore) restore ;;
verify) verify ;;
*) fail "archive.sh: no command is called '$command'" ;;
esac
