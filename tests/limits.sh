#!/bin/bash
# The table of docs/formats.md, Limits: what is as large as a file may ask for
# is taken, and one more is refused before anything is done, in one line.
# Each ends within two seconds of work and 500 MB.
#
# Not tried at their ends, which cost gigabytes: a whole tensor (64 GiB), a
# stored set (8 GiB), 2^24 lines, a net of 2^30 parameters; nor 100,000
# configs, which take four seconds.
WORK=${WORK:-$(mktemp -d)}
export LC_ALL=C UNROLL_CELLS=$PWD/configs/cells
. tests/bytes.sh
cd "$WORK" || exit 1

limited() { (ulimit -t 2 -v 512000; exec timeout 60 "$@") > out 2> err; }

# at NAME COMMAND...: taken.
at() {
    local name=$1
    shift
    if limited "$@" && ! grep -qv ': this run is complete; ' err; then
        echo "ok limits: $name"
    else
        echo "FAIL limits: $name: $(head -c 300 err)"
    fi
}

# beyond NAME STATUS LINE COMMAND...: refused in this line, a pattern.
beyond() {
    local name=$1 want=$2 line=$3 status
    shift 3
    limited "$@"
    status=$?
    if [ $status -eq "$want" ] && [ "$(wc -l < err)" = 1 ] &&
        grep -qx -- "$1: $line" err
    then
        echo "ok limits: $name and one more"
    else
        echo "FAIL limits: $name and one more: status $status: \
$(head -c 300 err)"
    fi
}

# many N TEXT: so many of it; blanks N: so many.
many() {
    awk -v n="$1" -v s="$2" 'BEGIN { for (i = 0; i < n; i++) printf "%s", s }'
}
blanks() { head -c "$1" /dev/zero | tr '\0' ' '; }

gentask copy --len 3 --blanks 1 --batch 4 --count 1 > a.ts
quick='train --size 3 --steps 2 -q'

# ---- JSON -----------------------------------------------------------------

size() { { echo '{"size":3}'; blanks $(($1 - 11)); } > c; }
size 67108864
at 'a config of 64 MiB' train --dry-run --config c a.ts
size 67108865
beyond 'a config of 64 MiB' 1 'c: longer than .*' train --dry-run --config c \
    a.ts
rm -f r.json
$quick --result r.json a.ts > /dev/null 2>&1
blanks $((67108864 - $(stat -c %s r.json))) >> r.json
at 'a result of 64 MiB' $quick --result r.json a.ts
echo >> r.json
beyond 'a result of 64 MiB' 1 'r.json: longer than .*' $quick --result r.json \
    a.ts

keys() {
    { printf '{"id":"a","loss":1,"more":{"k0":0'
      awk -v n=$(($1 - 4)) 'BEGIN { while (n) printf ",\"k%d\":1", n-- }'
      echo '}}'; } > k
}
group='aggregate --by id --metric loss'
keys 131072
at '131,072 keys' $group k
keys 131073
beyond '131,072 keys' 1 'k:1: more than 131072 keys.*' $group k
deep() {
    { printf '{"id":"a","loss":1,"more":'; many $(($1 - 1)) '['
      many $(($1 - 1)) ']'; echo '}'; } > k
}
deep 2048
at '2048 levels' $group k
deep 2049
beyond '2048 levels' 1 'k:1: nested deeper than 2048 levels.*' $group k

{ echo '{"id":"a","loss":1}'; blanks 268435436; } > k
at 'records of 256 MiB' $group k
echo >> k
beyond 'records of 256 MiB' 1 'k: longer than .*' $group k

# ---- lines and records ----------------------------------------------------

line() {      # BYTES: of a sequence, and its newline
    { printf '{"input":[0,1],'; blanks $(($1 - 26)); echo '"target":1}'; } > l
}
line 268435456
at 'a line of 256 MiB' $quick --dry-run l
line 268435457
beyond 'a line of 256 MiB' 1 'l: a line is longer than 268435456 bytes' $quick l
header() {
    { printf '{"task":{"name":"'; many $(($1 - 20)) x; echo '"}}'
      echo '{"input":[0,1],"target":1}'; } > l
}
header 8388608
at "a header of 8 MiB" $quick --dry-run l
header 8388609
beyond "a header of 8 MiB" 1 'l:1: .*more than 8388608 bytes.*' $quick l
header() {
    local n
    n=$(head -n 1 a.ts | wc -c)
    { head -n 1 a.ts | tr -d '\n'; blanks $(($1 - n + 1)); echo
      tail -n +2 a.ts; } > l.ts
}
header 8388608
at "a stream's header of 8 MiB" $quick --dry-run l.ts
header 8388609
beyond "a stream's header of 8 MiB" 1 'l.ts:.*more than 8388608 bytes.*' \
    $quick l.ts
record() {
    local n
    n=$(sed -n 2p a.ts | wc -c)
    { head -n 1 a.ts; sed -n 2p a.ts | head -c -2; blanks $(($1 - n + 1))
      echo '}'; tail -n +3 a.ts; } > l.ts
}
record 1048576
at "a tensor's line of 1 MiB" $quick l.ts
record 1048577
beyond "a tensor's line of 1 MiB" 1 \
    'l.ts: a line is longer than 1048576 bytes' $quick l.ts
printf '%-1048576s\n' '{"first":0,"count":1}' > ask
at 'a request of 1 MiB' gentask copy --serve < ask
printf '%-1048577s\n' '{"first":0,"count":1}' > ask
beyond 'a request of 1 MiB' 1 '<stdin>: a line is longer than 1048576 bytes' \
    gentask copy --serve \
    < ask

# ---- tensors, classes, widths, rows ---------------------------------------

tensor() {      # ROWS COLUMNS of bytes, of which there are none
    printf '{"name":"input","dtype":"u8","shape":[%s,%s],"bytes":%s,' "$1" \
        "$2" $(($1 * $2))
    printf '"index":0,"crc32":0}\n'
}
{ head -n 1 a.ts; tensor 65536 1048576; } > l.ts
beyond 'a batch of 8 GiB' 1 'l.ts:.*a batch of more than 8 GiB' $quick l.ts
{ head -n 1 a.ts; tensor 65536 1048577; } > l.ts
beyond "a tensor of 64 GiB" 1 "l.ts:.*'bytes' .*68719476736.*" $quick l.ts
for key in input target; do
    values='"input":[16777216],"target":[0]'
    [ $key = input ] || values='"input":[0],"target":[16777216]'
    printf '{"%s_size":16777216}\n{%s}\n' $key "$values" > l
    beyond "2^24 ${key}s told, of which that" 1 "l:2: '$key' .*" $quick l
    printf '{"%s_size":16777217}\n{%s}\n' $key "$values" > l
    beyond "2^24 ${key}s" 1 "l:.*'${key}_size' is not .*1..16777216" $quick l
done
echo '{"batch":16777217,"count":1}' > l
beyond '2^24 rows' 1 "l:.*'batch' is not .*1..16777216" $quick l
{ head -n 1 a.ts; tensor 16777217 1; } > l.ts
beyond '2^24 rows that come' 1 'l.ts:.* no steps, or more than 2^24 rows .*' \
    $quick l.ts
for key in input target; do
    case $key in input) other=target ;; *) other=input ;; esac
    echo "{\"$key\":65535,\"$other\":0}" |
        sed 's/"input":\([0-9]*\)/"input":[\1]/' > l
    at "65,536 classes that no header tells ($key)" $quick --dry-run l
    sed -i s/65535/65536/ l
    beyond "65,536 classes that no header tells ($key)" 1 \
        'l:1:.*more than 65536 classes.*' $quick l
done

# ---- models ---------------------------------------------------------------

$quick --save m a.ts > /dev/null
n=$(od -An -tu8 -N8 m)
head -c $((8 + n)) m | tail -c +9 | jq -c 'del(.__metadata__.crc32)' |
    tr -d '\n' > h
tail -c +$((9 + n)) m > body
header() {
    { word $1; cat h; blanks $(($1 - $(stat -c %s h))); cat body; } > m2
}
header 8388608
at "a model's header of 8 MiB" eval m2 a.ts
header 8388609
beyond "a model's header of 8 MiB" 1 'm2:.*at most 8388608.*' eval m2 a.ts
tensors() {
    jq -c --argjson n $1 '. + ([range($n - (length - 1)) | {key: "x\(.)",
        value: {dtype: "U8", shape: [0], data_offsets: [0, 0]}}] |
        from_entries)' h > h2
    { word "$(stat -c %s h2)"; cat h2 body; } > m2
}
tensors 16384
at '16,384 tensors' eval m2 a.ts
tensors 16385
beyond '16,384 tensors' 1 'm2:.*not in 0..16384' eval m2 a.ts

# ---- grammars -------------------------------------------------------------

rules() { { printf 'S -> a b\n#'; blanks $(($1 - 11)); echo; } > g; }
drawn='gentask grammar --file g --count 1 --batch 1'
rules 65536
at 'a grammar of 64 KiB' $drawn
rules 65537
beyond 'a grammar of 64 KiB' 1 'g: longer than the 65536 bytes.*' $drawn
power() {     # 2^16 lines, and $1 of one letter besides
    { printf 'S -> '; many 16 A; [ -z "$1" ] || printf ' | c'
      printf '\nA -> a | b\n'; } > g
}
power ''
at '65,536 lines' $drawn
power 1
beyond '65,536 lines' 2 'the grammar has more than 65536 lines.*' $drawn

# ---- groups and pictures --------------------------------------------------

composed='gentask compose --count 1 --batch 1'
at '1,024 elements' $composed --group C1024
beyond '1,024 elements' 2 'a group of 5 x 205 elements.*' $composed \
    --group C5xC205
cycle() {     # the table of C_$1, by rows
    awk -v n="$1" 'BEGIN { for (a = 0; a < n; a++) for (b = 0; b < n; b++)
        printf "%d%s", (a + b) % n, b < n - 1 ? " " : "\n" }' > ./c.group
}
cycle 256
at 'a table of 256' $composed --group ./c.group
cycle 257
beyond 'a table of 256' 1 './c.group: .*' $composed --group ./c.group
{ printf '0 1\n1 0\n#'; blanks 1048567; } > c.group
at 'a table of 1 MiB' $composed --group ./c.group
printf ' ' >> c.group
beyond 'a table of 1 MiB' 1 './c.group: longer than the 1048576 .*' \
    $composed --group ./c.group
at 'a million sequences' $composed --group C10 --len 6 --draw all
beyond 'a million sequences' 2 '10^7 sequences are more than 1000000: .*' \
    $composed --group C10 --len 7 --draw all
points() { { printf 'P5 %d %d 255\n' "$1" "$2"; blanks $(($1 * $2 - 1))
             printf '!'; } > c.pgm; }
points 4096 16
at '65,536 points' $composed --template image --image ./c.pgm
points 4097 4
beyond '4,096 points a side' 1 './c.pgm: a PGM image of at most .*' \
    $composed --template image --image ./c.pgm

# ---- sweeps and fleets ----------------------------------------------------

sweep() { printf '{"name":"x","base":{"size":3},%s}' "$1" > s; }
names='genconfigs --names s'
sweep '"grid":{"lr":[0.1,0.2]},"seeds":50001'
beyond '100,000 configs' 1 's: .*100000.*' $names
grid() {
    sweep '"grid":{'"$(for i in $(seq $1); do printf '"task.k%d":[1],' $i
        done)"'"seed":[1]}'
}
grid 63
at "64 keys of a grid" $names
grid 64
beyond "64 keys of a grid" 1 's: the number of grid keys is 65, not in 0..64' \
    $names
exclude() { sweep '"exclude":['"$(many $(($1 - 1)) '{"lr":9},')"'{"lr":9}]'; }
exclude 1000
at '1,000 exclusions' $names
exclude 1001
beyond '1,000 exclusions' 1 "s: the length of 'exclude' is 1001.*" $names
order() {
    sweep '"grid":{"lr":[0.1,0.2]},"order":{"factors":{"a":"lr"},
        "parts":['"$1"']}'
}
parts() { order "$(many $(($1 - 1)) '{},'){}"; }
parts 100
at '100 parts of an order' $names
parts 101
beyond '100 parts of an order' 1 \
    's: the number of parts of the order is 101.*' $names
words() { order '{"words":['"$(many $(($1 - 1)) '"a",')"'"a"]}'; }
words 48
at '48 words of a part' $names
words 49
beyond '48 words of a part' 1 's: the number of words of a part is 49.*' $names
echo '{"size":3,"steps":2}' > c
list() { { printf 'c r2.json m3\n'; many $(($1 - 13)) '
'; } > list; }
list 16777216
at 'a list of 16 MiB' train -q --fleet list a.ts
list 16777217
beyond 'a list of 16 MiB' 1 'list: longer than the 16777216.*' train -q \
    --fleet list a.ts

# ---- nets -----------------------------------------------------------------

printf 'input x\nstate h\nh'"'"' = W x\noutput h'"'"'\n' > w.cell
echo '{"input_size":32768,"target_size":32768}
{"input":[0,1],"target":[0,1]}' > l
beyond '2^30 parameters' 1 "./w.cell:3: matrix 'W' of .* is too large: .*" \
    train --cell ./w.cell \
    --size 32769 --dry-run l
