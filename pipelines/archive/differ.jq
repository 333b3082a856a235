# Where two results first differ: a word on it.  $was, $is: lists of one.
def show: tojson | if length > 40 then .[:37] + "..." else . end;
[$was[0], $is[0]] as [$a, $b]
| first(($a, $b) | paths(scalars) as $p
        | select(($a | getpath($p)) != ($b | getpath($p)))
        | ($p | map(tostring) | join(".")) + " was "
          + ($a | getpath($p) | show) + ", is " + ($b | getpath($p) | show))
  // "its text, not its values"
