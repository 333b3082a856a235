# The tables of system 3 in Markdown.  Input: scores, slurped; $onward and
# $latches: lines of onward.sh and latches.sh; $best: best.jq's output in a
# list, or an empty one.
include "common";
def fixed($d): if . == null then "-" else
    (. * pow(10; $d) | round | tostring) as $s
    | if $d == 0 then $s else
        ($s | ltrimstr("-")) as $a
        | ("0" * ([0, $d + 1 - ($a | length)] | max)) + $a
        | (if ($s | startswith("-")) then "-" else "" end)
          + .[:-$d] + "." + .[-$d:] end end;
def row: "| " + (map(tostring) | join(" | ")) + " |";
def range4(f): map(f) | "\(median | fixed(4)) (\(min | fixed(4))-\(
    max | fixed(4)))";
def rate: wilson(map(.jumped) | add; length) as $w
    | "\(map(.jumped) | add)/\(length) (\($w[0] * 100 | fixed(1))-\(
       $w[1] * 100 | fixed(1)))";
# The median of times that are censored at the budget.
def late: (map(.jump // (.budget + 1)) | median) as $m
    | if $m > ([.[].budget] | max) then "> \([.[].budget] | max)"
      else $m | fixed(0) end;
def sigmas: if (.error // 0) > 0 then .above / .error else null end;
def most_above: map(.strict | {above: .above_bayes,
                               error: .above_bayes_error} | sigmas)
    | map(select(. != null)) | max;
def groups: group_by([place, .arm]);
. as $all
| ([.[].task] | unique[]) as $task
| map(select(.task == $task)) as $here
| "## Arms, \($task) machines", "",
"| arm | layers x units | parameters | rate | n | jumped "
  + "| update of the jump: median | right answers: median (min-max) "
  + "| splits that share machines "
  + "| most above exact Bayes, in standard errors |",
"|---|---|---:|---:|---:|---|---:|---|---:|---:|",
($here | groups[]
 | [.[0].arm, "\(.[0].layers) x \(.[0].size)", .[0].parameters, .[0].lr,
    length, rate, late, range4(.strict_accuracy),
    (map(.mirror.accuracy) | median | fixed(4)), (most_above | fixed(1))]
 | row), "",
"## Predictors on the same places, \($task) machines", "",
"| predictor | right answers | nats |", "|---|---:|---:|",
(($here[0].predictors // {}) | to_entries[]
 | [.key, (.value.accuracy | fixed(4)), (.value.loss | fixed(4))] | row), "",
"## Other lengths, \($task) machines", "",
"| arm | n | demos of a third | as trained | demos of twice "
  + "| query of thrice |",
"|---|---:|---:|---:|---:|---:|",
($here | map(select(fresh | not)) | groups[]
 | [.[0].arm, length, (map(.short.accuracy) | median | fixed(4)),
    (map(.strict_accuracy) | median | fixed(4)),
    (map(.long.accuracy) | median | fixed(4)),
    (map(.query.accuracy) | median | fixed(4))] | row), "",
"## Who the nets agree with at the end, \($task) machines", "",
"| arm | n | unigram | state bigram | action bigram | look-up | exact Bayes |",
"|---|---:|---:|---:|---:|---:|---:|",
($here | groups[] | . as $runs
 | [.[0].arm, length] + [("unigram", "state_bigram", "action_bigram",
    "lookup", "bayes") as $k | $runs | map(.predictors[$k].kl) | median
    | fixed(4)] | row), "",
(select($onward | length > 0)
 | "## A curriculum: from \($onward[0].first) machines on to larger ones", "",
 "| arm | n | first task before | after | second task "
   + "| second task, begun with it |",
 "|---|---:|---:|---:|---:|---:|",
 ($onward | group_by([place, .arm])[]
  | [.[0].arm, length, range4(.before), range4(.after), range4(.second),
     range4(.scratch)] | row), ""),
(select($latches | length > 0)
 | "## A plain net that is written down", "",
 "| net | right answers | nats | look-up | nats | exact Bayes | nats |",
 "|---|---:|---:|---:|---:|---:|---:|",
 ($latches[] | [.what, (.accuracy | fixed(4)), (.loss | fixed(4)),
    (.lookup.accuracy, .lookup.loss, .bayes.accuracy, .bayes.loss | fixed(4))]
  | row), ""),
(select($best | length > 0)
 | "## The rates chosen", "",
 "| arm | rate | jumped | n | mean update of the jump, censored "
   + "| validation loss |",
 "|---|---:|---:|---:|---:|---:|",
 ($best[0] | to_entries[] | [.key, .value.lr, .value.jumped, .value.n,
    (.value.updates | fixed(0)), (.value.val_loss | fixed(4))] | row))
