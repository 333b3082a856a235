# What figures draw beside the runs, as gnuplot's assignments: predictors, and
# the median of gated nets; only what there is.  Input: scores, slurped; $task.
include "common";
map(select(.task == $task)) as $all
| ($all[0].predictors // {} | to_entries[]
   | "\(.key) = \(.value.accuracy)"),
  (["lstm", "gru"][] as $b
   | [$all[] | select(base == $b and main($all)) | .strict_accuracy]
   | select(length > 0) | "median_\($b) = \(median)"),
  ($all | map(select(main($all))) | group_by(place)[]
   | "jump_\(.[0] | place + 1) = \"\(.[0] | base) (\(map(.jumped) | add)/\(
       length))\""),
  ([$all | map(select(main($all))) | group_by(place)[][0] | place + 1]
   | "compared = \"\(map(tostring) | join(" "))\""),
  ([$all[] | select(shown_curve)] | sort_by([place, .layers])
   | "curve_arms = \"\(map(place + 1 | tostring) | join(" "))\"",
     "curve_layers = \"\(map(.layers | tostring) | join(" "))\""),
  ([$all | map(select(main($all))) | group_by(place)[]
    | map(.parameters) | median]
   | "weights = \"\(map(tostring) | join(" "))\""),
  ([$all | map(select(main($all))) | group_by(place)[]
    | map(.strict_accuracy) | median]
   | "middles = \"\(map(tostring) | join(" "))\""),
  ([$all[] | select(.cell | startswith("rnn-start")) | place + 1] | unique
   | "plain = \"\(map(tostring) | join(" "))\""),
  "shallow = \([$all[].layers] | min // 2)",
  "arms = \"\(arms | join(" "))\"",
  "task = \"\($task)\"",
  "runs = \($all | length)"
