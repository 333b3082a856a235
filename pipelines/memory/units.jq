# Units beside meanings, for a heat map: a line a unit, those first that have
# a meaning of their own, in the order of the meanings; counters are left out.
# With $names: only the meanings, between commas.
[.meanings[] | select(.entropy > 0 and .kind != "counter") | .meaning] as $m
| if $names then $m | join(",") else
    .pairs as $pairs
    | ([.assigned[] | .at = (.meaning as $x | $m | index($x))
        | select(.at != null)] | sort_by(.at) | map(.unit)) as $first
    | ($first + ([$pairs[].unit] | unique_by(tonumber) | . - $first))
    | to_entries[] | .value as $u
    | {t: .key, unit: "unit \($u)",
       values: [$m[] as $x | $pairs[]
                | select(.unit == $u and .meaning == $x) | .within]}
  end
