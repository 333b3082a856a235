# Which activations learn: a line an activation with the loss at the end of
# each seed, as a share of the loss at the start.
include "lib";
["linear", "square", "relu", "gelu", "tanh"] as $names
| [.[] | select(.experiment | startswith("activation-"))] as $all
| [[$names[] as $a
    | [$all[] | select(.experiment == "activation-" + $a)] as $runs
    | select($runs | length > 0)
    | $runs[] | [$a, (.loss / .plateaus[0])] | row]]
| blocks
