# The tables of system 2 in Markdown.
def fixed($d): if . == null then "-" else
    (. * pow(10; $d) | round | tostring) as $s
    | if $d == 0 then $s else
        ($s | ltrimstr("-")) as $a
        | ("0" * ([0, $d + 1 - ($a | length)] | max)) + $a
        | (if ($s | startswith("-")) then "-" else "" end)
          + .[:-$d] + "." + .[-$d:] end end;
def percent: if . == null then "-" else . * 100 | fixed(1) end;
def task: {charprint: "printing", charcount: "counting", grid: "grid",
    tictac: "three in a row", grammar: "grammar"}[.];
def order: {charprint: 0, charcount: 1, grid: 2, tictac: 3, grammar: 4}[.];
def rate: "\(.k)/\(.n) (\(.lo | percent)-\(.hi | percent))";
def runs: "\(.n)" + if .missing then " (\(.missing) missing)" else "" end;
def row: "| " + (map(tostring) | join(" | ")) + " |";
def rule: {original: "original", sizes: "better", long: "better, 4x text"}[.];

($best[0]) as $b
| "## The rules found", "",
"| task | optimizer | rate | schedule | window | units right | excess loss |",
"|---|---|---:|---|---:|---:|---:|",
($b | to_entries | sort_by(.key | order)[]
  | [(.key | task), .value.optimizer, .value.lr, .value.schedule,
     .value.bptt, (.value.accuracy | percent), (.value.excess | fixed(4))]
  | row), "",
"## Original and better rule", "",
"| task | units | rule | n | units right: median (min-max) | solved | "
  + "greedy all right | loss (median) | floor | excess (median) |",
"|---|---:|---|---:|---:|---:|---:|---:|---:|---:|",
([$original[], ($nets[]
    | select(.experiment == "long" or .experiment == "sizes"))]
 | map(select([.task_name, .size] as $k
     | any($original[], ($nets[] | select(.experiment == "long"));
           [.task_name, .size] == $k)))
 | sort_by([(.task_name | order), .size,
            ({original: 0, sizes: 1, long: 2}[.experiment])])[]
 | . as $r
 | ($greedy[] | select(.experiment == $r.experiment
      and .task_name == $r.task_name and .size == $r.size
      and .cells == $r.cells)) as $g
 | [(.task_name | task), .size, (.experiment | rule), (.accuracy | runs),
    "\(.accuracy.median | percent) (\(.accuracy.min | percent)-\(
      .accuracy.max | percent))",
    (.success | rate), ($g.success | rate), (.loss.median | fixed(4)),
    (.floor.mean | fixed(4)), (.excess.median | fixed(4))]
 | row), "",
([$original[], $nets[], $rules[]] | map(.sigmas.min) | map(select(. != null))
 | min | "The smallest excess of all nets over the floor, in its own standard "
   + "errors: \(fixed(1))."), "",
"## The smallest nets", "",
"| task | solved means | some net | half the nets | all |",
"|---|---|---|---|---|",
(["charprint", "charcount", "grid", "tictac", "grammar"][] as $t
 | [$nets[] | select(.task_name == $t and .experiment == "sizes")]
 | sort_by(.size) as $s
 | def first_with(f): [$s[] | select(.success | f)][0]
     | if . == null then "-"
       else "\(.size) units: \(.success.k) of \(.success.n)" end;
   [($t | task), {charprint: "99 %", charcount: "99 %", grid: "99 %",
     tictac: "98 %", grammar: "95 %"}[$t],
    first_with(.k > 0), first_with(2 * .k >= .n), first_with(.k == .n)]
 | row), "",
"## Specialisation by the board's size", "",
"| cells | nets | n | own unit | and after the clear | worst cell | "
  + "cells above 95 % | boards right | by counting alone |",
"|---:|---|---:|---:|---:|---:|---:|---:|---:|",
($boards | sort_by([.cells, .wide])[]
 | [.cells, .wide, (.mean | runs), (.mean.mean | percent),
    (.whole.mean | percent), (.least.mean | percent),
    (.sharp_share.mean | percent), (.accuracy.mean | percent),
    (.by_counting.mean | percent)] | row)
