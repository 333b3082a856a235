#!/bin/sh
# whole.sh FILE COMMAND... - what COMMAND prints becomes FILE, all of it or
# nothing, also when two makes do the same at once, and whatever is killed.
. "$(dirname "$0")/attend.sh"
file=$1
shift
hold "$file.part"
attend "$@" >&9 && mv -f "$held" "$file"
