# All but the head of an archive (docs/formats.md).  Input: sorted lines of run,
# rank, kind, sum and file; the files lie where awk runs.  A run becomes a line
# that names it and the sums of its model and its files, and these, a line each.
function content(kind, file,    command, line, more) {
    if (kind == "safetensors") {
        command = "base64 -w0 " file
        command | getline line
        close(command)
        return "\"" line "\""
    }
    if ((getline line < file) != 1 || (getline more < file) != 0) {
        print file " is not one line" > "/dev/stderr"
        failed = 1
        exit 1
    }
    close(file)
    return line
}
function finish(    i) {
    if (run == "")
        return
    print "{\"run\":\"" run "\",\"model\":\"" model "\",\"files\":{" sums "}}"
    for (i = 1; i <= n; i++)
        print content(kind[i], file[i])
    sums = ""
    n = 0
}
$1 != run { finish(); run = $1 }
$3 == "sum" { model = substr(content("sum", $5), 1, 64); next }
{
    sums = sums (n ? "," : "") "\"" $3 "\":\"" $4 "\""
    kind[++n] = $3
    file[n] = $5
}
END {
    if (failed)
        exit 1
    finish()
}
