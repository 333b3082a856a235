#!/bin/sh
# whole.sh FILE COMMAND... - what COMMAND prints becomes FILE, all of it or
# nothing, also when two makes do the same at once.
file=$1
shift
part=$file.part.$$
trap 'rm -f "$part"' EXIT
"$@" > "$part" && mv "$part" "$file"
