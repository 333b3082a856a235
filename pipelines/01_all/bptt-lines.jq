# A block a cell for gnuplot: steps, bits a byte.
.cells | map([.cell + "\tbits"] + (.runs
    | map("\(.bptt)\t\(.test_bits_per_byte // "NaN")")) | join("\n"))
| join("\n\n\n")
