# Markdown: each part of system 4 in numbers.
include "lib";
def plateaus: map("| \(.group) | \(.settings.seed) | \(.met) of " +
    "\(.met + .missed) | " + ([.steps[] | if .met then (.loss | three) else
    "(" + (.level | three) + ")" end] | join(", ")) + " | " +
    ([.steps[] | .deviation | select(.) | fabs] | if length == 0 then "-" else
     max * 100 | three + " %" end) + " | " + (.observed | join(" ")) +
    " | " + (.order | join(" ")) + " | \(.extra | length) |");
def in_order: map(. // infinite) as $t
    | all(range(1; length); $t[. - 1] <= $t[.]);
[$scores[] | select(.experiment == "columns")] as $columns
| [$scores[] | select(.experiment == "order")] as $order
| [$scores[] | select(.experiment | startswith("times-"))] as $times
| "## Staircases\n",
  "Plateaus met (levels not met in brackets), the largest deviation of those " +
  "met, irreps in the order in which half of their power was there, and as " +
  "predicted.\n",
  "| group | seed | met | plateaus | off by | learned | predicted | extra |",
  "|---|---:|---|---|---:|---|---|---:|",
  ($columns | plateaus[]),
  "\n## Order\n",
  "Random spectra, by the smallest ratio of the scores of two that follow " +
  "each other. In order: no irrep came before one that was predicted " +
  "earlier; tau is Kendall's b, those that never came being last, as equals.\n",
  "| group | ratio | n | in order (Wilson, 95 %) | mean tau | learned |",
  "|---|---|---:|---|---:|---|",
  ($order | group_by([.group, (.gap >= 1.2), (.gap >= 2)])[]
   | "| \(.[0].group) | " + (if .[0].gap >= 2 then "from 2" elif
     .[0].gap >= 1.2 then "1.2 to 2" else "below 1.2" end) +
     " | \(length) | " +
     share(map(select(.half | in_order)) | length; length) + " | " +
     (map(.kendall | select(.)) | if length > 0 then mean | three else "-" end)
     + " | " + (map(.learned) | add | tostring) + " of " +
     (map(.order | length) | add | tostring) + " |"),
  "\n## Times\n",
  "log10 of observed over predicted updates (plain gradient descent).\n",
  "| starting scale | modes | there | mean | spread | slope |",
  "|---:|---:|---:|---:|---:|---|",
  ($times | group_by(.init_scale)[]
   | [.[] | range(.order | length) as $j
      | select(.half[$j]) | [(.times[$j] | log10), (.half[$j] | log10)]] as $p
   | ($p | map(.[1] - .[0])) as $d
   | "| \(.[0].init_scale) | \(map(.order | length) | add) " +
     "| \($p | length) | " + (if $p == [] then "- | - | - |" else
       ($d | mean) as $m | ($m | three) + " | " +
       ($d | map(. - $m | . * .) | mean | sqrt | three) + " | " +
       ($p | slope | (.slope | three) + " +- " + (.error | three)) + " |" end)),
  "\n## All\n",
  "| part | group | k | hidden units | n | 90 % gone | updates (median) " +
  "| loss |",
  "|---|---|---:|---:|---:|---|---:|---:|",
  ($scores | group_by([.experiment, .group, .len, .settings.size])[]
   | "| \(.[0].experiment) | \(.[0].group) | \(.[0].len) | " +
     "\(.[0].settings.size) | \(length) | " +
     share(map(.done) | add; length) + " | " +
     (map(.reached["90"]) | late_median | three) + " | " +
     (map(.loss | select(.)) | if length > 0 then mean | three else "-" end) +
     " |"),
  "\n## Held out and longer\n",
  "| group | sequences | n | loss, share of answering 0 (median) |",
  "|---|---|---:|---:|",
  ($heldout | group_by([.group, .len])[]
   | "| \(.[0].group) | " + (if .[0].held then "held out" else
     "k = \(.[0].len)" end) + " | \(length) | " +
     (map(.share) | late_median | three) + " |")
