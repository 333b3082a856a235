# A line a run of 02_best's summary: with its parents, and its loss on text
# held out.
def configuration: .settings | {layers, size, options};
configuration as $c | .id as $id
| {rank, id, file, min_loss}
  + ($heldout[] | select(.id == $id) | del(.id, .settings))
  + {parents: ($derived[0].parents[] | select(.c == $c) | .parents),
     configuration: $c}
