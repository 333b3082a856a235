# A schedule goes from lr to lr_end over what is run, whatever ends it.
cd "$WORK" || exit 1
gentask copy --len 3 --count 20 --batch 4 > d.ts
r() { train --size 4 --schedule linear --lr 1 --optimizer sgd --clip-norm 0.01 \
          --log-every 1 "$@" d.ts 2> err |
          jq -c 'select(.lr and .loss) | [.step, .lr]' | sed -n '1p;2p;$p'; }
echo "## 40 updates: 1, 1 - 1/40, 1/40, by epochs and by steps"
r --epochs 2
r --steps 40
echo "## both: whichever is reached first"
r --epochs 2 --steps 1000
r --epochs 10 --steps 40
r --epochs 2 --steps 40
