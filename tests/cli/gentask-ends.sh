# Full disks, closed pipes, signals: no half files, the right status.
cd "$WORK" || exit 1
for form in --json --text --serve --split=val; do
    echo '{"first":0,"count":1}' |
        gentask copy -n 1 $form 2>&1 > /dev/full
    echo "rc=$?"
done
for form in --json --text --split=val; do
    { gentask copy $form; echo "rc=$?" >&2; } 2>rc | head -c 10 > /dev/null
    cat rc
done < /dev/null
rm -f rc
for signal in INT TERM; do
    for out in copy.tsr copy.gz; do
        gentask copy -o $out &
        sleep 0.2
        kill -$signal $!
        wait $!
        echo "rc=$?"
    done
done
ls
