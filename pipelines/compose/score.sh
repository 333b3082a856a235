#!/bin/sh
# score.sh RESULTS/NAME - what theory says of a run, as one line of JSON: its
# plateaus, what it reached when; of runs that wrote what they answered, power
# by irrep along the training; of staircases the curve, forty points a decade.
run=$1
name=$(basename "$run")
folder=$(dirname "$run")
config=$folder/configs/$name.json
outputs=$folder/outputs/$name.gz
spectra=$run.spectra
set -e
case $(jq -r '.validate_every // 0' "$config") in
-*) if [ ! -e "$outputs" ]; then      # put back from an archive
        mkdir -p "$folder/outputs"
        bin/train --quiet --config "$config" --outputs "$outputs" \
            --source "bin/gentask --config $config --serve" > /dev/null
    fi
    bin/theory --outputs "$outputs" -o "$spectra" "$run.json"
    # 0.01 is the default of two-layer, which a config leaves out
    bin/theory --init "$(jq '.options.init_scale // 0.01' "$config")" \
        --spectra "$run.json" |
        jq -c --slurpfile s "$spectra" '.spectra = {step: [$s[].step],
            loss: [$s[].loss], accuracy: [$s[].accuracy],
            power: ([$s[].power] | transpose)}'
    rm "$spectra" "$outputs" ;;
*)  bin/theory "$run.json" ;;
esac | jq -c --arg name "$name" --slurpfile r "$run.json" '
    .name = $name | .experiment = ($name | sub("_.*"; ""))
    | .sweep = "compose"
    | .init_scale = (.settings.options.init_scale // 0.01)
    | .done = (if .reached["90"] then 1 else 0 end)
    | if (.experiment | startswith("staircase")) then .curve =
        ($r[0].curve | [.step, .loss] | transpose
         | reduce .[] as $p ({at: -1, kept: []};
             ($p[0] | log10 * 40 | floor) as $d
             | if $d > .at then .at = $d | .kept += [$p] else . end)
         | .kept) else . end'
