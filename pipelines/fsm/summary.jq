# What the original's notebook prints by its own rules, and beside it what the
# data say: how many nets of how many jump, and whether two shares can be told
# apart (95 % intervals that do not touch), else "cannot tell".
# Input: scores, slurped.
include "common";
def percent: if . == null then "-" else . * 1000 | round / 10 | "\(.) %" end;
def points: . * 1000 | round / 10 | "\(.) points";
def rate: "\(map(.jumped) | add // 0) of \(length) jump";
def interval: wilson(map(.jumped) | add; length);
def verdict($a; $b):
    if ($a | length) < 3 or ($b | length) < 3 then
        "cannot tell: fewer than three runs of one of them"
    elif ($a | interval)[0] > ($b | interval)[1] then "the first jump more"
    elif ($b | interval)[0] > ($a | interval)[1] then "the second jump more"
    else "cannot tell: the intervals overlap" end;
def middle: map(.strict_accuracy) | median;
# The notebook's rule for a gain over the smallest of some nets.
def by_rule($what): if . == null then "(no runs to compare)"
    elif . < 0.1 then "\($what) alone NOT sufficient"
    else "\($what) helps" end;
def sizes($runs; f; $what; $name):
    ($runs | group_by(f)) as $g
    | ($g | map(middle)) as $m
    | "\($name), by \($what):",
      ($g[] | "    \(.[0] | f) : \(middle | percent) (\(rate))"),
      (if ($g | length) < 2 then null else ($m | max) - $m[0] end
       | "    notebook: gain \(if . == null then "-" else points end): \(
          by_rule($what))"),
      "    data: " + (if ($g | length) < 2 then
          "cannot tell: one size only" else verdict($g[-1]; $g[0]) + " (\(
          $g[-1][0] | f) first, \($g[0][0] | f) second)" end);
. as $all
| ([.[].task] | unique[]) as $task
| map(select(.task == $task and (fresh | not))) as $here
| def arm($b): [$here[] | select(base == $b and main($here))];
"==== \($task) machines", "",
(("rnn-r0", "rnn-r1", "rnn-r2") as $r
 | [$here[] | select(base == $r)] as $runs | select($runs | length > 0)
 | ([$runs[].layers] | min) as $shallow | ([$runs[].size] | min) as $narrow
 | sizes([$runs[] | select(.layers == $shallow)]; .size; "capacity"; $r),
   sizes([$runs[] | select(.size == $narrow)]; .layers; "depth"; $r), ""),
"gating:",
(["lstm", "gru", "rnn-r2", "rnn-r0", "leaky", "mgu", "lstm-noforget",
  "second-order"][] as $b | arm($b) | select(length > 0)
 | "    \($b): \(middle | percent) (\(rate))"),
(arm("lstm") as $l | arm("gru") as $g
 | (if ($g | length) == 0 then "    notebook: (no gru)"
    else "    notebook: " + (if ($g | middle) > 0.9 then
        "simple gating sufficient" else "simple gating NOT sufficient" end)
    end),
 (("rnn-r0", "rnn-r2") as $r | arm($r) as $n
  | select(($n | length) > 0 and ($l | length) > 0 and ($g | length) > 0)
  | (($l | middle) - ($n | middle)) as $gap
  | "    notebook: gap filled by gru, from \($r): \(
      if ($gap | fabs) < 0.01 then "there is no gap" else
      (($g | middle) - ($n | middle)) / $gap | percent end)"),
 (["lstm", "rnn-r2"], ["gru", "rnn-r2"], ["lstm", "gru"],
  ["rnn-r2", "rnn-r0"], ["leaky", "rnn-r2"], ["lstm", "lstm-noforget"]
  | . as [$x, $y] | arm($x) as $a | arm($y) as $b
  | select(($a | length) > 0 and ($b | length) > 0)
  | "    data, \($x) against \($y): \(verdict($a; $b))")), "",
"The notebook then prints \"LSTM > GRU >> RNN\", whatever its data are; here:",
("    " + ([("lstm", "gru", "rnn-r2", "rnn-r0") as $b | arm($b)
  | select(length > 0)] | sort_by(-middle)
  | map("\(.[0] | base) \(middle | percent)") | join(" > "))), ""
