# Cells as long as docs/cells.md allows are planned: a chain of operators, of
# products, of states.  (What grows faster than the text would take hours.)
cd "$WORK" || exit 1
export UNROLL_CELLS=.
gentask copy --len 3 --batch 2 --count 1 > s.ts
t() { timeout 100 train --size 2 --steps 1 -q --cell "$1" s.ts |
      jq -c '[.status, .parameters]'; }
awk 'BEGIN { print "input x\nstate h\na0 = tanh(W x + U h)"
  for (i = 1; i < 9990; i++) printf "a%d = tanh(a%d) * a0\n", i, i - 1
  print "h'"'"' = a9989\noutput h'"'"'" }' > operators.cell
awk 'BEGIN { print "input x\nstate h\na0 : 2 = tanh(W x + U h)"
  for (i = 1; i < 7990; i++)
      printf "a%d : 2 = tanh(A%d a%d + b%d)\n", i, i % 2000, i - 1, i % 2000
  print "h'"'"' = a7989\noutput h'"'"'" }' > products.cell
awk 'BEGIN { print "input x"
  for (i = 0; i < 3300; i++) printf "state h%d\n", i
  print "h0'"'"' = tanh(W x + U h0)"
  for (i = 1; i < 3300; i++)
      printf "h%d'"'"' = tanh(h%d'"'"') * h%d + b%d\n", i, i - 1, i - 1, i % 9
  print "output h3299'"'"'" }' > states.cell
t operators
t products
t states
