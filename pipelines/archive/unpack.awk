# The text of an archive (docs/formats.md) as files below `dir`: RUN.json,
# RUN.meta, RUN.sum, KIND/RUN.json, and RUN.base64 for RUN.safetensors.  On
# standard output their sums, as sha256sum -c wants them; in the file `ids` each
# run with its result's id.  Variables: archive, dir, ids, contract, runs (how
# many there must be), kinds (those wanted besides, with blanks around).
function bad(why) {
    print archive ": " why > "/dev/stderr"
    failed = 1
    exit 1
}
function plain(name) {
    return name ~ /^[A-Za-z0-9][A-Za-z0-9._+-]*-[0-9a-f]+$/ &&
           substr(name, length(name) - 8, 1) == "-"
}
function begin(    i, file) {
    if ($0 !~ /^[{]"run":"[^"]+","model":"[0-9a-f]+","files":[{]("[a-z]+":"[0-9a-f]+",?)+[}][}]$/)
        bad("line " NR " does not begin a run")
    n = split($0, part, "\"")
    if (!plain(part[4]) || (run "") >= (part[4] ""))
        bad("line " NR ": '" part[4] "' is no run's name, or not in its place")
    run = part[4]
    if (part[12] != "json")
        bad("run " run " has no result")
    file = dir "/" run ".sum"
    print part[8] "  " run ".safetensors" > file
    close(file)
    at = 12
    count++
}
function result(    head, id, of) {
    head = substr($0, 1, 120)
    if (head !~ /^[{]"id":"[0-9a-f]+","contract":[0-9]+,/)
        bad("run " run ": what stands for its result is none")
    id = substr(head, 8, 64)
    sub(/^[^,]*,"contract":/, "", head)
    of = head + 0
    if (of != contract)
        bad("run " run " is of contract " of ", the archive of " contract)
    if (substr(id, 1, 8) != substr(run, length(run) - 7))
        bad("run " run ": its result is that of another run, " substr(id, 1, 12))
    print run, id > ids
}
function take(kind, sum,    file, to) {
    file = kind == "json" || kind == "meta" || kind == "safetensors" ? \
        run "." kind : index(kinds, " " kind " ") ? kind "/" run ".json" : ""
    if (file == "")
        return
    if (kind == "json")
        result()
    print sum "  " file
    to = dir "/" file
    if (kind == "safetensors") {
        $0 = substr($0, 2, length($0) - 2)
        to = dir "/" run ".base64"
    }
    print > to
    close(to)
}
NR == 1 { next }
!at { begin(); next }
{ take(part[at], part[at + 2]); at += 4; if (at > n) at = 0 }
END {
    if (failed)
        exit 1
    if (at)
        bad("ends within run " run)
    if (count + 0 != runs)
        bad("says that it holds " runs " runs, and holds " count + 0)
}
