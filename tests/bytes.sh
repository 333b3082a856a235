# Sourced by tests that write binary files.

# 64 bits, the low byte first.
word() {
    local i x=$1
    for i in 1 2 3 4 5 6 7 8; do
        printf "\\$(printf %03o $((x & 255)))"
        x=$((x >> 8))
    done
}
