# The stream: header, lengths, going on, serving, one file or many pieces.
d=$WORK
gentask copy --len 20 --batch 3 --count 2 | head -1 | jq -cS .
echo "-- rows end where they should"
gentask copy --len 20 --count 3 --json |
    jq -c '[(.input | length), (.target | length), .scored[0], .scored[-1]]' |
    sort -u
gentask delay --delay 30 --count 1 --json | jq '.input | length' | sort -u
echo "-- --first goes on; the batch size does not matter"
gentask copy --batch 4 --count 6 --json > "$d/all"
{ gentask copy --batch 4 --count 2 --json
  gentask copy --batch 8 --first 1 --count 2 --json; } | cmp - "$d/all"
gentask grid --batch 3 --count 4 > "$d/whole"
gentask grid --batch 3 --first 2 --count 2 > "$d/rest"
n=$(head -n 1 "$d/rest" | wc -c) e=$(tail -n 1 "$d/rest" | wc -c)
size=$(($(wc -c < "$d/rest") - n - e))
end=$(tail -n 1 "$d/whole" | wc -c)
tail -c +$((n + 1)) "$d/rest" | head -c $size > "$d/a"
tail -c $((size + end)) "$d/whole" | head -c $size | cmp - "$d/a"
echo "-- served is the same as piped"
for task in copy grammar; do
    gentask $task --batch 5 --count 5 > "$d/plain"
    printf '%s\n' '{"first":0,"count":2}' '{"first":2,"count":0}' \
        '{"split":"train","pass":0,"first":2,"count":3}' |
        gentask $task --batch 5 --count 5 --serve | cmp - "$d/plain"
done
echo "-- settings on request"
printf '%s\n' '{"first":0,"count":1,"batch":1}' \
    '{"first":0,"count":1,"set":{"len":3,"blanks":1}}' \
    '{"split":"val","pass":7,"first":4,"count":2,"set":{"len":2}}' |
    gentask copy --serve --text | expand -t 40
echo "-- a vocabulary from its file is the one learned"
seq 2000 > "$d/text"
set -- text --file "$d/text" --bpe 300 --history 20 --count 2
gentask "$@" > "$d/learned"
gentask "$@" --vocabulary "$d/v.json" | cmp - "$d/learned"
gentask "$@" --vocabulary "$d/v.json" | cmp - "$d/learned"
jq -c '.merges[:5]' "$d/v.json"
gentask "$@" --batch 2 --text --count 1
echo "-- gzip"
gentask copy --batch 5 --count 5 > "$d/plain"
gentask copy --batch 5 --count 5 -o "$d/x.gz"
zcat "$d/x.gz" | cmp - "$d/plain"
gentask copy --batch 5 --count 5 --json -o "$d/y.gz"
zcat "$d/y.gz" | wc -l
