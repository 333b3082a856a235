"""check_functions.py - each function of the programs' language is known to the
reference, to its derivatives and to the generator of random cells, and no
other; the generator draws them all.

usage: train --list functions | check_functions.py
"""
import re
import sys

import arith32
import arith64
import cell
import celltext
import gencase
import gencount
import over

CASES = 400


def main():
    told, bad = {}, []
    for line in sys.stdin:
        name, args = re.match(r"(\w+)\((.*?)\)", line).groups()
        told[name] = args.count(",") + 1
    of_one = {f for f, n in told.items()
              if n == 1 and celltext.FUNCTIONS.get(f) == (1, 1)} \
        - {"detach", "sign"}
    covered = set().union(*(gencount.of(gencase.make(1, i))
                            for i in range(CASES)))
    for what, want, have in (
            ("text", set(told.items()),
             {(f, n[1]) for f, n in celltext.FUNCTIONS.items()}),
            ("float", of_one, set(arith32.FUNCTIONS)),
            ("double", of_one, set(arith64.FUNCTIONS)),
            ("derivatives in float", of_one, set(arith32.SLOPES)),
            ("derivatives in double", of_one, set(arith64.SLOPES)),
            ("numbers", set(told) - {"drop", *over.FUNCTIONS},
             set(cell.NUMBER_FUNCTIONS)),
            ("counted", set(told), set(gencount.FUNCTIONS)),
            (f"in {CASES} random cases", set(told),
             {c.split()[1] for c in covered if c.startswith("function ")})):
        if want != have:
            bad.append(f"{what}: of the programs alone "
                       f"{sorted(set(want) - set(have))}, of the reference "
                       f"alone {sorted(set(have) - set(want))}")
    print("\n".join(bad) or f"{len(told)} functions")
    sys.exit(len(bad) > 0 or not told)


if __name__ == "__main__":
    main()
