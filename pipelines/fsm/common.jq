# What the tables and figures of system 3 share.
def arms: ["lstm", "lstm-open", "lstm-noforget", "gru", "mgu", "leaky",
    "rnn-r2", "rnn-r1", "rnn-r0", "rnn-r3", "second-order"];
# An arm without the task before and the size behind it.
def base: .arm | sub("^[0-9]x[0-9]-"; "") | sub("-[0-9]+x[0-9]+$"; "")
    | sub("-fresh$"; "");
def fresh: .arm | test("-fresh");
def place: base as $b | (arms | index($b)) // 99;
# Is it an arm at the size at which all arms are compared?
def main($all): base as $b | (fresh | not) and
    ((.arm == $b) or
     ((any($all[]; .arm == $b) | not) and .layers == 2 and .size == 256));
# Is its validation curve drawn?
def shown_curve: (fresh | not) and ((.cell | startswith("rnn-start"))
    or base == "lstm" or base == "gru");
def median: sort | length as $n
    | if $n == 0 then null elif $n % 2 == 1 then .[($n - 1) / 2]
      else (.[$n / 2 - 1] + .[$n / 2]) / 2 end;
# Wilson's 95 % interval of k of n.
def wilson($k; $n): 1.959963984540054 as $z | ($k / $n) as $p
    | (1 + $z * $z / $n) as $wide
    | (($p + $z * $z / (2 * $n)) / $wide) as $mid
    | ($z * (($p * (1 - $p) / $n + $z * $z / (4 * $n * $n)) | sqrt)
       / $wide) as $half
    | [$mid - $half, $mid + $half];
