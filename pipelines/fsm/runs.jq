# The runs of one task as a table for gnuplot: place of the arm (1 ...), units,
# layers, parameters, accuracy on the test split, 1 if it is compared with the
# other arms, 1 if its machines are endless, 1 if it is as narrow as the arm's
# narrowest.  Input: scores, slurped; $task.
include "common";
map(select(.task == $task)) as $all
| ["arm", "units", "layers", "parameters", "accuracy", "main", "fresh",
   "narrow"],
  ($all | sort_by([place, .arm, .seed])[]
   | [place + 1, .size, .layers, .parameters, .strict_accuracy,
      (if main($all) then 1 else 0 end), (if fresh then 1 else 0 end),
      (base as $b | if .size == ([$all[] | select(base == $b) | .size] | min)
       then 1 else 0 end)])
| @tsv
