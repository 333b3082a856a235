# What a template lets expect; what a run did, in JSON, in words, and refused.
cd "$WORK" || exit 1
printf 'input x\ninit W normal(0.01)\noutput square(W x)\n' > sq.cell
printf 'input x\ninit W normal(0.02)\noutput W x\n' > out.cell
echo '-- templates'
theory --group D3 --template spectrum --powers '0 30 3000'
theory --group C5xC5 --template spectrum --amplitudes '1,0:12 0,1:10' |
    jq -c '[.plateaus, .order, [.irreps[] | select(.power > 1e-9).irrep]]'
theory --group Q8 --traces | jq -c '.irreps[] | [.dimension, .kind, .trace]'
theory --group C20 --template spectrum --amplitudes '1:10 3:5 10:2' \
    --init 0.01 --momentum 0.9 | jq -c '[.order, .times, .times_scaled]'
theory --group A5 --template values --values '1 2 3'
theory --group C5 --lenn 3
echo '-- a run'
gentask compose --group C5 --template spectrum --amplitudes '0 5 2' --seed 2 \
    --form flat --draw all --batch 25 |
    train --cell ./sq.cell:40 --head ./out.cell --optimizer sgd --lr 0.03 \
        --epochs 3000 --curve-every 1 --seed 2 --result r.json -q - > all
theory r.json | jq -c '[.met, .missed, .extra, [.steps[] | [.level, .learns,
    .met, (.loss | . * 1000 | round)]]]'
theory --say r.json
theory --init 0.01 r.json | jq -c '[.times, [.steps[].falls // 0 | round]]'
echo '-- what is answered along a training, as spectra'
gentask compose --group C5 --template spectrum --amplitudes '0 5 2' --seed 2 \
    --form flat --draw all --batch 25 > in.ts
gentask compose --group C5 --template spectrum --amplitudes '0 5 2' --seed 2 \
    --form flat --draw all --batch 7 --split val > val.ts
rm r.json
t() { train --cell ./sq.cell:40 --head ./out.cell --optimizer sgd --lr 0.03 \
    --epochs 3000 --curve-every 1 --seed 2 --result r.json -q "$@" in.ts; }
t --val val.ts --select last --validate-every -5 --outputs o.ts > all
tail -n 1 all | cmp - r.json
jq -c '.validations.step' r.json
ls o.* r.*
theory --outputs o.ts -o r.spectra r.json
jq -c '[.step, .accuracy, (.power[] | . * 100 | round)]' r.spectra
# the same losses as train's own
jq -c '.validations | [.step, .val_loss] | transpose[]' r.json > a
jq -c '[.step, .loss]' r.spectra > b
paste a b | jq -s '[range(0; length; 2) as $i | .[$i][0] == .[$i + 1][0] and
    ((.[$i][1] - .[$i + 1][1]) | fabs) < 1e-6] | all'
theory --spectra r.json | jq -c '[(.half[] | round?), .observed, .right_order]'
echo '-- not without a set to answer, nor half of a training'
t --outputs o2.ts
t --val val.ts --outputs o2.ts --checkpoint c
t --val val.ts --outputs -
t --val val.ts --outputs r.json
t --val val.ts --fleet l --outputs o2.ts
theory --outputs o.ts
jq '.id = "x"' r.json > s.json
theory --outputs o.ts s.json
theory --outputs in.ts r.json
head -c 300 o.ts > cut.ts
theory --outputs cut.ts r.json
ls o2.ts
echo '-- spectra that were made up'
for s in 1 2 4 8 16 32; do
    jq -nc --argjson s $s '{step: $s, power: [0, ([$s * 2, 10] | min), $s / 9]}'
done > r.spectra
theory --spectra r.json | jq -c '[.half, .shares, .observed, .right_order,
    .kendall]'
theory --spectra --say r.json | head -n 1
echo '{"step":1,"power":[1]}' > r.spectra
theory --spectra r.json
rm r.spectra
theory --spectra r.json
echo '-- refused'
theory --group C7 r.json
theory r.json -o r.json
gentask copy --len 2 --count 1 | train --size 2 -q --result c.json > /dev/null
theory c.json
jq -c 'del(.curve)' r.json > d.json
theory d.json
theory none.json
