# An update is made and told as soon as its batch is there, however long the
# next one takes: what makes the second waits for the first one's line.
d=$WORK
{
    echo '{"first":0,"count":1}'
    for i in $(seq 200); do
        grep -qs '"step":1,' "$d/log" && break
        sleep 0.1
    done
    [ "$i" -lt 200 ] && echo told > "$d/told"
    echo '{"first":1,"count":1}'
} | gentask copy --batch 2 --serve |
    train --size 2 --steps 2 --log-every 1 --checkpoint /dev/null > "$d/log"
cat "$d/told"
jq -c .step "$d/log" | head -n 2
