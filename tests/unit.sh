#!/bin/bash
# unit.sh PROGRAM... - cmocka programs, two at a time, into our form of
# report.  RUNNER (qemu-aarch64) is put before each.
export CMOCKA_MESSAGE_OUTPUT=TAP WORK=${WORK:-$(mktemp -d)}

one() {
    name=$(basename "$1")
    out=$WORK/$name.out
    # shellcheck disable=SC2086
    timeout "${LIMIT:-600}" ${RUNNER-} "$1" > "$out" 2>&1
    status=$?
    [ $status -eq 77 ] && { echo "skip $name: $(tail -n 1 "$out")"; return; }
    awk -v name="$name" -v status=$status '
    /^(not )?ok [0-9]+ *# SKIP/ { sub(/.*# SKIP */, "")
                     print "skip " name ": " $0; next }
    /^ok /         { sub(/^ok [0-9]+ *-? */, ""); print "ok " name ": " $0
                     next }
    /^not ok /     { bad = 1; sub(/^not ok [0-9]+ *-? */, "")
                     print "FAIL " name ": " $0; next }
    /^#|^1\.\./    { if (bad) print; next }
                   { print }
    END { if (status && !bad)
              print "FAIL " name " ended with status " status }' "$out"
}
export -f one
printf '%s\n' "$@" | xargs -P "${JOBS:-2}" -I{} bash -c \
    'r=$(one "$1"); [ -z "$r" ] || printf "%s\n" "$r"' _ {}
