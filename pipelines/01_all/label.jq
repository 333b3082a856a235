# Results with a label for a legend, which also puts them in order: min loss,
# layers x units, the switches that are on.
def digits($n): if . == null then "diverged" else
  . * pow(10; $n) | round | . / pow(10; $n) | tostring
  | if contains(".") then . else . + "." end
  | . + "0" * ($n - (split(".")[1] | length)) | rtrimstr(".") end;
{label: "\(.min_loss | digits(4))  \(.settings.layers)x\(.settings.size)  \(
    .settings.options | [to_entries[] | select(.value) | .key | .[4:]
      | split("_")[0]] | join(" "))",
 curve: {step: .curve.step, average: .curve.average}}
