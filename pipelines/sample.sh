#!/bin/sh
# sample.sh SAMPLE FOLDER - of the runs on standard input, which come in their
# sweep's order, the first SAMPLE, so that a larger sample contains a smaller;
# 0: all; done: those that have a result in FOLDER.
case $1 in
0) exec cat ;;
done) while read -r run; do [ ! -e "$2/$run.json" ] || echo "$run"; done ;;
*) exec head -n "$1" ;;
esac
