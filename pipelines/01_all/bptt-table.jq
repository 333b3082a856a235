# Markdown: bits a byte on the test split by k; then the entropies.
def digits($n): if . == null then "-" else . * pow(10; $n) | round
  | . / pow(10; $n) | tostring
  | if contains(".") then . else . + "." end
  | . + "0" * ($n - (split(".")[1] | length)) | rtrimstr(".") end;
"| cell | k | updates | validation | test | beats order |",
"|---|---:|---:|---:|---:|---:|",
( .cells[] | .cell as $cell | .runs[]
  | "| \($cell) | \(.bptt) | \(.updates) | \(.val_bits_per_byte | digits(3)) | "
    + "\(.test_bits_per_byte | digits(3)) | \(.beats_order // "-")"
    + (if .missing > 0 then " (\(.missing) of \(.n + .missing) diverged)"
       else "" end) + " |" ),
"",
"Bits a byte.  Entropies given the n symbols before:",
"",
"| n | in sample | validation | test |",
"|---:|---:|---:|---:|",
( .entropies[] | "| \(.order) | \(.in_sample_bits | digits(3)) | "
  + "\(.val_bits | digits(3)) | \(.test_bits | digits(3)) |" )
