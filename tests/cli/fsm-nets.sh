# The nets of the study of machines have the parameters that the original's had,
# counted from 21 d + L (2 d^2 + d) + 5 d of plain nets, 6 d^2 + 6 d and
# 8 d^2 + 8 d of gated ones.
cd "$WORK" || exit 1
gentask fsm --batch 2 --count 1 > stream
n() {
    want=$1 cell=$2 size=$3 layers=$4; shift 4
    train --encoder embed-small,drop --head bare --cell "$cell" --size "$size" \
        --layers "$layers" --dry-run "$@" stream |
        jq -r "\"\(.parameters) $want $cell $layers x $size\"" |
        awk '$1 != $2 { exit 1 } { print }' || echo "$cell differs"
}
n 269312 rnn-start 256 2 --decoder drop --options '{"state_drop":0.1}'
n 269312 rnn-start,drop 256 2 --options '{"start":"orthogonal"}'
n 1062912 rnn-start,drop 512 2
n 4222976 rnn-start,drop 1024 2
n 663296 rnn-start,drop 256 5
n 1057280 rnn-start,drop 256 8
n 2107904 rnn-start,drop 256 16
n 796160 gru-torch,drop 256 2
n 1059328 lstm-orthogonal,drop 256 2
