# Distance from each predictor while a net learns: a block a run.  Input: the
# lines of watch.sh, slurped.
include "common";
["unigram", "state_bigram", "action_bigram", "lookup", "bayes"] as $k
| sort_by(place)[]
| [place + 1],
  (.at | sort_by(.step)[] | . as $at
   | [.step, .accuracy] + [$k[] | $at.kl[.]]), [], []
| @tsv
