#!/bin/sh
# Print FILE.md as it would be if its examples had been run just now: what
# follows a line '$ command' between fences is the command's output, and what
# follows '<!-- settings TASK -->' the task's table.
# usage: tests/examples.sh FILE.md | diff FILE.md -
exec awk '
function run(command) { fflush(); system(command); fflush() }
/^```/               { fence = !fence; skip = 0 }
fence && /^\$ /      { print; run(substr($0, 3)); skip = 1; next }
fence && skip        { next }
/^<!-- settings /    { print; run("gentask " $3 " --markdown"); table = 1
                       next }
table && /^\|/       { next }
                     { table = 0; print }
' "$1"
