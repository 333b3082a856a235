#!/bin/bash
# Every #include "room/x.h" in lib/ points into the same room or one above it
# in lib/LAYERS; tools include rooms only; nothing includes tools.  One file
# chooses the device (lib/train/device.c), which all others see as
# graph/backend.h; sweeps alone know tasks, whose settings they complete.
out=$(awk '
FILENAME ~ /LAYERS$/ {
    if ($1 !~ /^#/ && NF) { n++; for (i = 1; i <= NF; i++) level[$i] = n }
    next
}
FNR == 1 { split(FILENAME, path, "/"); room = path[2]; tool = path[1] != "lib"
           if (!tool && !(room in level))
               print FILENAME ": room not in lib/LAYERS" }
/^ *# *include "/ {
    split($0, q, "\""); split(q[2], p, "/")
    if (p[2] == "")
        next                        # a file beside it
    if (!(p[1] in level)) {
        print FILENAME ":" FNR ": includes \"" q[2] "\", no room/file"
    } else if (!tool && p[1] != room && level[p[1]] >= level[room]) {
        print FILENAME ":" FNR ": room " room " includes " q[2]
    }
}' lib/LAYERS lib/*/*.[ch] lib/*/*/*.[ch] tools/*.c contrib/*.c)
if [ -n "$out" ]; then
    echo "FAIL layers"
    echo "$out"
else
    echo "ok layers"
fi

# What runs a net is named in one place, and a task by nobody who trains.
out=$(grep -nE '^ *# *include "(cpu|cuda)/' lib/{train,stats,probe}/*.[ch] \
        tools/*.c |
    grep -vE '^lib/train/device\.c:[0-9]*:#include "(cpu/cpu|cuda/cuda)\.h"$'
    grep -n '^ *# *include "task/' lib/train/*.[ch] tools/train.c |
    grep -v '^lib/train/sweep\.c:')
if [ -n "$out" ]; then
    echo "FAIL layers: a device's or a task's own headers are included"
    echo "$out"
else
    echo "ok layers: devices, tasks"
fi

# Only die.c calls exit(); tools leave by return or die().
out=$(grep -nE '(^|[^_a-z])exit\(' lib/*/*.c lib/*/*/*.c {tools,contrib}/*.c |
    grep -v '^lib/base/die.c\|^[^:]*:[0-9]*: *\(/\*\| \*\)')
if [ -n "$out" ]; then
    echo "FAIL layers: exit() is called outside die.c"
    echo "$out"
else
    echo "ok layers: exit"
fi
