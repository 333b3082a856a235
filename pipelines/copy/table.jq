# The table of the copy task.  $s, $l: summaries at T and at T + $plus.
def fixed($digits):
  if . == null then "-"
  else . * pow(10; $digits) | round | . / pow(10; $digits) | tostring
    | if contains(".") then . else . + "." end
    | . + "0" * ($digits - (split(".")[1] | length))
    | if endswith(".") then .[:-1] else . end
  end;
# How many runs a mean is of, and how many have no such number.
def runs: "\(.n)" + if .missing then " (\(.missing) missing)" else "" end;
def name: {lstm: "LSTM", mlstm: "mLSTM", gru: "GRU", mgru: "mGRU"}[.] // .;
def place: {lstm: 0, mlstm: 1, gru: 2, mgru: 3}[.] // 9;

"| model | T | n | test accuracy | std | standard error | "
  + "accuracy at T + \($plus) | symbols kept | best epoch | seconds |",
"|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
( $s | sort_by((.cell | place), .task.len)[]
  | . as $r
  | ($l[] | select(.cell == $r.cell
                   and .settings.task.len == $r.task.len)) as $long
  | [ (.cell | name), .task.len, (.test_accuracy | runs),
      (.test_accuracy.mean | fixed(4)), (.test_accuracy.std | fixed(4)),
      (.test_accuracy.error | fixed(4)), ($long.accuracy.mean | fixed(4)),
      (.test_accuracy.mean | if . == null then null
         else $r.task.len * (. - 0.1) / 0.9 | if . < 0 then 0 else . end
         end | fixed(1)),
      (.best_epoch.mean | fixed(1)), (.meta.seconds.mean | fixed(1)) ]
  | "| " + (map(tostring) | join(" | ")) + " |" )
