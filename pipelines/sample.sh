#!/bin/sh
# sample.sh N - of the runs on standard input N, in the order of their ids, so
# that a larger sample contains a smaller; 0: all of them as they come.
[ "$1" -gt 0 ] || exec cat
sed 's/.*-\(.*\)/\1 &/' | sort | head -n "$1" | cut -d' ' -f2
