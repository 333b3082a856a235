# attend.sh - for scripts around one long command: . pipelines/attend.sh
#
#   hold NAME.part     a file of our own, $held: NAME.part.PID, open as 9 and
#                      locked while we or the command live; it goes when the
#                      script ends.  Those that killed scripts and programs
#                      left are known by their free locks, and go first.
#   nameless NAME      the same, but its name goes at once, so that nothing can
#                      stay behind; what is in it: cat "$held"
#   attend COMMAND...  runs it and returns its status.  TERM, INT and HUP are
#                      handed on to it (all as TERM: in the background it
#                      ignores INT), its end is waited for, and the script
#                      ends with 128 + the signal's number.
held= stopped=

# A process and those it has started: a pipe is several.
terminate() {
    children=$(cat "/proc/$1/task/$1/children" 2> /dev/null)
    kill -s TERM "$1" 2> /dev/null
    for child in $children; do
        terminate "$child"
    done
}

stop() {
    stopped=$1
    [ -n "${!-}" ] || exit "$stopped"
    terminate $!
}
trap 'case $held in ""|/proc/*) ;; *) rm -f "$held" ;; esac' EXIT
trap 'stop 129' HUP
trap 'stop 130' INT
trap 'stop 143' TERM

hold() {
    for old in "$1".[0-9]*; do
        [ -L "$old" ] || [ ! -f "$old" ] || flock -n "$old" rm -f "$old"
    done
    n=
    while held=$1.$$$n && exec 9<> "$held"; do
        flock -n 9
        # 1: another's, on a machine where it has our number; not there any
        # more: taken for one that was left, before it was locked
        [ $? -eq 1 ] || ! [ "$held" -ef /dev/fd/9 ] || break
        held= n=.$((${n#.} + 1))
    done
}

nameless() {
    hold "$1"
    rm -f "$held"
    held=/proc/$$/fd/9
}

attend() {
    exec 8<&0                     # 3 and 4 are make's, for its jobs
    "$@" <&8 8<&- &
    while
        wait $!
        status=$?
        [ -n "$stopped" ] && kill -0 $! 2> /dev/null
    do :; done
    exec 8<&-
    [ -z "$stopped" ] || exit "$stopped"
    return $status
}
