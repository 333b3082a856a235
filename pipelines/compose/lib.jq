# What the tables of system 4 have in common.
def number: if . == null then "NaN" else tostring end;
def row: map(if type == "string" then . else number end) | join("\t");
# Blocks that gnuplot finds by index.
def blocks: map(join("\n")) | join("\n\n\n");
def mean: add / length;
def median: sort | (.[(length - 1) / 2 | floor] + .[length / 2 | floor]) / 2;
# Those that never came are later than all others: a median may be null.
def late_median: sort_by(. // infinite) | .[(length - 1) / 2 | floor] as $a
    | .[length / 2 | floor] as $b
    | if $a == null or $b == null then null else ($a + $b) / 2 end;
# Wilson's 95 % interval of k in n.
def wilson($k; $n): 1.959964 as $z | (1 + $z * $z / $n) as $d
    | (($k / $n + $z * $z / (2 * $n)) / $d) as $m
    | ($z * (($k / $n * (1 - $k / $n) + $z * $z / (4 * $n)) / $n | sqrt) / $d)
      as $h | [([$m - $h, 0] | max), ([$m + $h, 1] | min)];
def percent: . * 100 | round | tostring + " %";
def share($k; $n): wilson($k; $n) as $w
    | "\($k) of \($n) (\($w[0] * 100 | round) to \($w[1] * 100 | round) %)";
# [[x, y] ...]: slope of y on x, and its standard error (null below 3 points).
def slope: (map(.[0]) | mean) as $x | (map(.[1]) | mean) as $y
    | (map((.[0] - $x) * (.[0] - $x)) | add) as $xx
    | (map((.[0] - $x) * (.[1] - $y)) | add) as $xy
    | (map((.[1] - $y) * (.[1] - $y)) | add) as $yy
    | if length < 2 or $xx == 0 then {slope: null, error: null}
      else {slope: ($xy / $xx), error: (if length < 3 then null else
          ([($yy - $xy * $xy / $xx), 0] | max) / ((length - 2) * $xx) | sqrt
          end)} end;
def three: if . == null then "-" elif . == 0 then "0" else
    (. | fabs | log10 | floor) as $e | (pow(10; $e - 2)) as $u
    | (. / $u | round) * $u | . * 1e9 | round / 1e9 | tostring end;
