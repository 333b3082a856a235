# Success by size: a block a task; units, rate, low, high, mean accuracy.
["charprint", "charcount", "grid", "tictac", "grammar"][] as $task
| [.[] | select(.task_name == $task and .experiment == "sizes")]
| sort_by(.size)
| "\($task)\trate\tlow\thigh\taccuracy",
  (.[] | [.size, .success.rate, .success.lo, .success.hi, .accuracy.mean]
   | map(tostring) | join("\t")),
  (if length == 0 then ([range(5) | "NaN"] | join("\t")) else empty end),
  "", ""
