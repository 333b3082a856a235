"""sizes.py - what size every vector and matrix of a cell has.

Unknown sizes are places in a union; what must be equal is joined, and what
follows from known ones (concatenations, sizes by formula) is worked out until
nothing changes.
"""
import over
from celltext import Refused

MOST = 1 << 24


class Sizes:
    def __init__(self, number, heads):
        self.heads = heads              # of matrices that have some
        self.number = number            # value of a name of a number, or None
        self.up, self.known = [], {}
        self.named = {}                 # "x", ("rows", "W"), ("columns", "W")
        self.cats, self.formulas, self.slices = [], [], []

    def new(self):
        self.up.append(len(self.up))
        return len(self.up) - 1

    def of(self, key):
        if key not in self.named:
            self.named[key] = self.new()
        return self.named[key]

    def root(self, a):
        while self.up[a] != a:
            a = self.up[a]
        return a

    def get(self, a):
        return self.known.get(self.root(a))

    def tell(self, a, value, line):
        if value != int(value) or not 1 <= value <= MOST:
            raise Refused(line, f"a size of {value}")
        if self.known.setdefault(self.root(a), int(value)) != value:
            raise Refused(line, f"{self.get(a)} units, {int(value)} needed")

    def join(self, a, b, line):
        a, b = self.root(a), self.root(b)
        if a == b:
            return
        value = self.known.pop(a, None)
        self.up[a] = b
        if value is not None:
            self.tell(b, value, line)

    # ---- the rules
    def walk(self, e, line):
        """The size of an expression; None for a number."""
        kind = e[0]
        if kind == "num" or kind == "name" and self.number(e[2]) is not None:
            return None
        if kind == "name":
            return self.of(e[2])
        if kind == "heads":
            arg, heads = self.walk(e[3], line), self.heads[e[2]]
            one = self.of(("head's rows", e[2])), self.of(("columns", e[2]))
            rows = self.of(("rows", e[2]))
            self.cats.append((rows, [one[0]] * heads, line))
            out, of = one[::-1] if e[4] else one
            self.cats.append((arg, [of] * heads, line))
            if e[4]:
                rows = self.new()
                self.cats.append((rows, [out] * heads, line))
            return rows
        if kind == "mat":
            arg = self.walk(e[3], line)
            if arg is None:
                raise Refused(line, f"'{e[2]}' needs a vector")
            sides = self.of(("rows", e[2])), self.of(("columns", e[2]))
            out, of = reversed(sides) if e[4] else sides
            self.join(of, arg, line)
            return out
        if kind == "cat":
            parts = [self.walk(p, line) for p in e[2]]
            if None in parts:
                raise Refused(line, "a number in a concatenation")
            whole = self.new()
            self.cats.append((whole, parts, line))
            return whole
        if kind == "slice":
            whole, part = self.walk(e[2], line), self.new()
            if whole is None:
                raise Refused(line, "units of a number")
            self.slices.append((part, whole, e, line))
            return part
        if kind == "call" and e[2] in ("drop", *over.FUNCTIONS):
            return self.walk(e[3][0], line)
        args = e[3] if kind == "call" else \
            [e[2]] if kind in ("neg", "pow") else [e[2], e[3]]
        one = None
        for a in args:
            a = self.walk(a, line)
            if a is not None and one is not None:
                self.join(a, one, line)
            one = a if one is None else one
        return one

    def same(self, key, e, line):
        """A name stands for an expression."""
        a = self.walk(e, line)
        if a is not None:
            self.join(self.of(key), a, line)

    def formula(self, a, e, line):
        self.formulas.append((a, e, line))

    def value(self, e):
        """A formula of sizes: a number, or None if not yet known."""
        kind = e[0]
        if kind == "num":
            return e[2]
        if kind == "name":
            number = self.number(e[2])
            return self.get(self.of(e[2])) if number is None else number
        if kind == "neg":
            a = self.value(e[2])
            return None if a is None else -a
        a, b = self.value(e[2]), self.value(e[3])
        if a is None or b is None:
            return None
        return a + b if kind == "add" else a - b if kind == "sub" else \
            a * b if kind == "mul" else a / b

    def bounds(self, e):
        """From which unit to before which a slice goes; None: not yet known.
        """
        ends = [self.value(b) for b in e[3]]
        return None if None in ends else ends

    def check_slices(self):
        for _, whole, e, line in self.slices:
            ends, size = self.bounds(e), self.get(whole)
            if ends is None or size is not None and ends[1] > size:
                raise Refused(line, f"a slice {ends} of {size} units")

    def solve(self):
        while True:
            before = len(self.known), sum(
                self.root(i) == i for i in range(len(self.up)))
            for a, e, line in self.formulas:
                value = self.value(e)
                if value is not None:
                    self.tell(a, value, line)
            for part, _, e, line in self.slices:
                ends = self.bounds(e)
                if ends is None:
                    continue
                if ends[0] != int(ends[0]) or not 0 <= ends[0] < ends[1]:
                    raise Refused(line, f"a slice {ends}")
                self.tell(part, ends[1] - ends[0], line)
            for whole, parts, line in self.cats:
                have = [self.get(p) for p in parts]
                if None not in have:
                    self.tell(whole, sum(have), line)
                elif self.get(whole) is not None and len(set(parts)) == 1:
                    if self.get(whole) % len(parts):
                        raise Refused(line, f"{self.get(whole)} units do not "
                                      f"make {len(parts)} parts")
                    self.tell(parts[0], self.get(whole) // len(parts), line)
                elif self.get(whole) is not None and have.count(None) == 1:
                    rest = sum(h for h in have if h is not None)
                    self.tell(parts[have.index(None)],
                              self.get(whole) - rest, line)
            if before == (len(self.known), sum(
                    self.root(i) == i for i in range(len(self.up)))):
                return
