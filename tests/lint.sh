#!/bin/bash
# Width, tabs, trailing blanks, length of files; no libm function whose bits
# differ between machines; every target of the Makefile in its help.  The
# cases of tests/cli hold records, which are as wide as they are.
files=$(find lib tools contrib tests pipelines check quickstart -name '*.[ch]' \
    -o -name '*.sh' ! -path 'tests/cli/*' -o -name '*.gp' -o -name '*.jq' \
    -o -name check -o -name quickstart)
c=$(echo "$files" | grep '\.[ch]$')

report() {
    if [ -z "$2" ]; then
        echo "ok lint: $1"
    else
        echo "FAIL lint: $1"
        echo "$2"
    fi
}

report "80 columns" "$(awk 'FNR == 1 { FNAME = FILENAME }
    { line = $0; gsub(/[\200-\277]/, "", line) }
    length(line) > 80 { print FNAME ":" FNR }' $files)"
report "no tabs, no trailing blanks" \
    "$(grep -nP '\t|[ \t]+$' $files | grep -v 'Makefile\|\.mk:')"
report "files of at most 500 lines (kernels 800)" "$(wc -l $c | awk '
    $2 != "total" && $1 > ($2 ~ /kernels|tests/ ? 800 : 500) { print }')"
# Elementary functions come from base/dmath.h and the kernels' own header.
report "no libm transcendentals" "$(nm -u bin/* 2>/dev/null | grep -wE \
    "U ($(echo exp exp2 expm1 log log2 log10 log1p pow sin cos sincos tan \
    sinh cosh tanh asin acos atan atan2 erf erfc tgamma lgamma cbrt hypot |
    tr ' ' '|'))f?(@.*)?")"
help=$(make -s help | awk '{ print $1 }')
missing=
for t in $(make -pnq help 2>/dev/null | sed -n 's/^\.PHONY: //p'); do
    case $t in force|stage_*|*\$*) continue ;; esac     # for make itself
    echo "$help" | grep -qx "$t" ||
        echo "$help" | grep -qx "${t%%_*}_NAME" || missing="$missing $t"
done
report "every target is in make help" "$missing"
