#!/bin/sh
# leftovers.sh [-r] PATH... - list what killed processes left there under
# way, files and folders, or remove it (-r).  Who makes one holds its lock
# (lib/base/temp.h, attend.sh), so that a free one is nobody's.
act=echo
[ "$1" != -r ] || { act='rm -rf'; shift; }
for path; do
    [ ! -e "$path" ] || find "$path" \( -type f -o -type d \) \
        -name '*.[ep]*[rt].[0-9]*' | sort
done | grep -E '\.(part|err)\.[0-9]+(\.[0-9]+)?$' |
while IFS= read -r left; do
    # shellcheck disable=SC2086
    [ ! -e "$left" ] || flock -n "$left" $act "$left"
done
exit 0
