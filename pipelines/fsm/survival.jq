# Nets that have not jumped yet by updates: a block an arm, which begins with
# its place.  Input: scores, slurped; $task.
include "common";
map(select(.task == $task)) as $all
| $all | map(select(main($all))) | group_by(place)[]
| length as $n | ([.[].budget] | max) as $most
| [.[0] | place + 1],
  [0, 1],
  ([.[].jump | select(. != null)] | sort | to_entries[]
   | [.value, 1 - .key / $n], [.value, 1 - (.key + 1) / $n]),
  [$most, 1 - (map(.jumped) | add) / $n], [], []
| @tsv
