# Nets of the spec by the rule that trained them: where each is drawn.
"\(.task_name) \(.size)" as $n | .experiment as $e
| (["charprint 2", "charcount 10", "grid 5", "grid 10", "tictac 30",
    "grammar 3", "grammar 4"] | index($n)) as $net
| (["original", "sizes", "long"] | index($e)) as $rule
| select($net != null and $rule != null)
| {place: (4 * $net + $rule), accuracy, net: $n, experiment}
