# Validation accuracy by updates of plain nets by their depth, and of the gated
# ones: a block a run, titled with place and layers.  Input: scores, slurped;
# $task.
include "common";
map(select(.task == $task and shown_curve)) | sort_by([place, .layers])[]
| [place + 1, .layers],
  ([.curve.step, .curve.val_accuracy] | transpose[]), [], []
| @tsv
