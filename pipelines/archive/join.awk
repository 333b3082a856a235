# Two folders of runs, each by the sorted sums of its files: sums.a, then sums.b.
# Prints the files that the second adds.  Of two side files the one that
# finished first is kept; any other difference is an end.  Variables: a, b, the
# folders; archive, whose they are to be.
function line(file,    s) {
    getline s < file
    close(file)
    return s
}
# By this side files are ordered: by their time, then by all they say.
function rank(s) {
    return (match(s, /"finished":"[^"]*"/) ? substr(s, RSTART, RLENGTH) : "") s
}
FILENAME == ARGV[1] { sum[$2] = $1; next }
!($2 in sum) { print $2; next }
sum[$2] == $1 { next }
$2 ~ /\.meta$/ {
    if (rank(line(b "/" $2)) < rank(line(a "/" $2)))
        print $2
    next
}
{
    run = $2
    sub(/.*\//, "", run)
    sub(/\.[a-z]+$/, "", run)
    what = $2 ~ /\// ? $2 : $2 ~ /\.sum$/ ? "model" : "result"
    sub(/\/.*/, "", what)
    print archive ": run " run ": two disagree about its " what > "/dev/stderr"
    exit 1
}
