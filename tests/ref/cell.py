"""cell.py - a cell's text at its options and sizes: what is in force, which
parameters there are in which order, their sizes, starting values and rates."""
import fnmatch
import math
from collections import namedtuple

import numpy as np

import arith64
import lawful
from celltext import Refused, names_of, parse
from sizes import Sizes

# heads: blocks of as many rows each; how: what is made of it, or None
Param = namedtuple("Param", "name shape rate init fan_in heads how")
Init = namedtuple("Init", "kind args sign group place formula")
State = namedtuple("State", "name size number vector")

# The sum in gelu's formula cancels below 0, in numbers of a text, too.
NUMBER_FUNCTIONS = {**arith64.FUNCTIONS, "min": min, "max": max,
                    "detach": lambda x: x, "sign": np.sign,
                    "gelu": lambda x:
                    x * (1 + math.erf(x / math.sqrt(2))) / 2}


PRODUCTS = "mat", "heads"


def number(e, get):
    """The value of an expression of numbers in double; None if it is none."""
    kind = e[0]
    if kind == "num":
        return e[2]
    if kind == "name":
        return get(e[2])
    if kind in ("mat", "heads", "cat", "slice"):
        return None
    args = e[3] if kind == "call" else \
        [e[2]] if kind in ("neg", "pow") else [e[2], e[3]]
    args = [number(a, get) for a in args]
    if None in args:
        return None
    if kind == "call":
        if e[2] not in NUMBER_FUNCTIONS:
            return None
        return float(NUMBER_FUNCTIONS[e[2]](*args))
    if kind == "neg":
        return -args[0]
    if kind == "pow":
        p = 1.0
        for i in range(abs(e[3])):
            p = p * args[0] if i else args[0]
        return 1.0 / p if e[3] < 0 else p
    a, b = args
    return a + b if kind == "add" else a - b if kind == "sub" else \
        a * b if kind == "mul" else a / b


class Cell:
    """.items: the statements in force, ("let", ...), ("output", ...) and
    ("at", ...) as celltext has them; .params .states .input .output_size;
    .size(name) of a vector."""

    def __init__(self, text, input_size, layer_size, options,
                 first=True, last=True):
        statements = parse(text)
        self.options, self.flags = {}, {"first_layer": first,
                                        "last_layer": last}
        self.find_options(statements, options)
        self.assigned = set()
        self.find_assigned(statements)
        self.items = self.active(statements)
        self.all_exprs = [s[-1] for s in self.everything(statements)
                          if s[0] in ("let", "output")]
        self.input, self.declared, states = None, {}, []
        self.heads = {}             # of the matrices that have some
        self.made = {}              # derived matrix: how, of which
        self.sizes = Sizes(self.get_number, self.heads)
        for s in self.items:
            if s[0] == "input":
                self.input = s[2]
            elif s[0] == "state":
                states += [(d, s[1]) for d in s[2]]
            elif s[0] == "param":
                self.declared.update((d.name, d) for d in s[2])
            elif s[0] == "matrix":
                for name, how, of in s[2]:
                    if how:
                        self.made[name] = how, of
                    else:
                        self.heads[name] = int(number(of, self.get_number))
        self.added = lawful.added(statements, self.input)
        lawful.check(statements, self.learned,
                     lambda n: n in self.assigned or n in self.options
                     or n == "pi")
        self.items = [self.headed(self.derived(s)) for s in self.items]
        self.order = []             # parameters: names in order of first use
        for s in self.flat(self.items):
            self.find_params(s)
        self.find_sizes(states, input_size, layer_size)
        self.states = [State(
            d.name, self.size(d.name),
            0.0 if d.start is None else number(d.start, self.get_number),
            None if d.start is None or d.start[0] != "name"
            or self.get_number(d.start[2]) is not None else d.start[2])
            for d, line in states]
        self.params = self.make_params()
        self.items = [s for s in self.items
                      if s[0] in ("let", "output", "at")]

    # ---- options and what is in force
    def find_options(self, statements, given):
        for s in self.everything(statements):
            if s[0] == "option":
                value = given.get(s[2], s[3])
                self.options[s[2]] = float(value) if isinstance(value, int) \
                    and not isinstance(value, bool) else value

    def everything(self, statements):
        for s in statements:
            yield s
            if s[0] in ("if", "at"):
                for _, block in s[2]:
                    yield from self.everything(block)

    def find_assigned(self, statements):
        for s in self.everything(statements):
            if s[0] == "let":
                self.assigned.add(s[2])
            elif s[0] == "input":
                self.assigned.add(s[2])
            elif s[0] == "state":
                self.assigned.update(d.name for d in s[2])

    def word(self, value):
        """What stands in a condition."""
        if isinstance(value, str):
            value = self.flags.get(value, self.options.get(value, value))
        return value

    def active(self, statements):
        out = []
        for s in statements:
            if s[0] == "if":
                for condition, block in s[2]:
                    if condition is None or condition(self.word):
                        out += self.active(block)
                        break
            elif s[0] == "at":
                out.append(("at", s[1], [(n, self.active(block))
                                         for n, block in s[2]]))
            else:
                out.append(s)
        return out

    def flat(self, items):
        for s in items:
            if s[0] == "at":
                for _, block in s[2]:
                    yield from self.flat(block)
            else:
                yield s

    def get_number(self, name):
        if name == "pi":
            return math.pi
        value = self.options.get(name)
        return value if isinstance(value, float) else None

    def derived(self, s):
        """A statement, its derived matrices called by the learned ones."""
        def rename(e):
            if isinstance(e, list):
                return [rename(x) for x in e]
            if not isinstance(e, tuple):
                return e
            e = tuple(rename(x) for x in e)
            return (*e[:2], self.made[e[2]][1], *e[3:]) if e and \
                e[0] == "mat" and e[2] in self.made else e
        return rename(s) if s[0] in ("let", "output", "at") else s

    def headed(self, s):
        """A statement, its products with matrices of heads marked so."""
        def mark(e):
            if isinstance(e, list):
                return [mark(x) for x in e]
            if not isinstance(e, tuple):
                return e
            e = tuple(mark(x) for x in e)
            return ("heads", *e[1:]) if e and e[0] == "mat" and \
                self.heads.get(e[2], 1) > 1 else e
        return mark(s) if s[0] in ("let", "output", "at") else s

    # ---- parameters
    def learned(self, name):
        return name in self.declared or (
            name[0] == "b" and name not in self.assigned
            and name not in self.options and name in self.added)

    def find_params(self, s):
        exprs = {"let": s[5:], "output": s[2:]}.get(s[0], [])
        if s[0] == "state":
            exprs = [d.start for d in s[2] if d.start is not None]
        for e in exprs:
            for leaf in names_of(e):
                if leaf[0] == "mat" or self.learned(leaf[2]):
                    if leaf[2] not in self.order:
                        self.order.append(leaf[2])
                elif leaf[2] not in self.assigned and \
                        self.get_number(leaf[2]) is None:
                    raise Refused(s[1], f"unknown name '{leaf[2]}'")

    def find_sizes(self, states, input_size, layer_size):
        z = self.sizes
        z.tell(z.of(self.input), input_size, 1)
        for d, line in states:
            if d.size is None:
                z.tell(z.of(d.name), layer_size, line)
            else:
                z.formula(z.of(d.name), d.size, line)
            if d.start is not None:
                z.same(d.name, d.start, line)
        for d in self.declared.values():
            if d.size is not None:
                z.formula(z.of(d.name), d.size, 1)
        for how, of in self.made.values():
            z.join(z.of(("rows", of)), z.of(("columns", of)), 1)
        out = z.of(("output",))
        for s in self.flat(self.items):
            if s[0] == "size":
                z.formula(z.of(s[2]), s[3], s[1])
            elif s[0] == "let":
                if s[4] is not None:
                    z.formula(z.of(s[2]), s[4], s[1])
                z.same(s[2], s[5], s[1])
            elif s[0] == "output":
                z.same(("output",), s[2], s[1])
        z.solve()
        if z.get(out) is None:
            z.tell(out, layer_size, 1)
            z.solve()
        self.output_size = z.get(out)
        z.check_slices()
        for name in self.order:
            if None in self.shape(name):
                raise Refused(1, f"the size of '{name}' cannot be told")

    def size(self, name):
        return self.sizes.get(self.sizes.of(name))

    def shape(self, name):
        if name[0].isupper() and name not in self.declared:
            return (self.size(("rows", name)), self.size(("columns", name)))
        return (self.size(name),)

    # ---- starting values and rates
    def make_params(self):
        inits, rates, fans = {}, {}, self.fan_ins()
        for d in self.declared.values():
            if d.start is not None:
                inits[d.name] = Init(
                    "constant", [number(d.start, self.get_number)], 1,
                    None, 0, None)
        for s in self.items:
            if s[0] == "init":
                self.init_line(s, inits)
            elif s[0] == "rate":
                for sign, glob in s[2]:
                    for name in self.matching(glob):
                        rates[name] = number(s[3], self.number_or_size)
        return [Param(n, self.shape(n), rates.get(n, 1.0), inits.get(n),
                      fans.get(n, self.shape(n)[-1]), self.heads.get(n, 1),
                      self.how(n)) for n in self.order]

    def how(self, name):
        return next((how for how, of in self.made.values() if of == name),
                    None)

    def matching(self, glob):
        return [n for n in self.order if fnmatch.fnmatchcase(n, glob)]

    def number_or_size(self, name):
        value = self.get_number(name)
        return self.size(name) if value is None else value

    def init_line(self, s, inits):
        word, line, names, kind, args = s
        for_matrices = kind in ("orthogonal", "xavier_uniform",
                                "xavier_normal", "identity")
        for_vectors = kind.lstrip("-") in ("chrono", "=")
        one = for_matrices and kind != "identity" or kind.endswith("chrono")
        place, group = 0, (line, kind) if one and len(names) > 1 else None
        for sign, glob in names:
            for name in self.matching(glob):
                matrix = len(self.shape(name)) == 2
                if matrix and for_vectors or not matrix and for_matrices:
                    continue
                if kind == "=":
                    made = Init("=", [], sign, group, place,
                                self.formula(args[0]))
                else:
                    values = [number(a, self.number_or_size) for a in args]
                    made = Init(kind.lstrip("-"), values,
                                -sign if kind[0] == "-" else sign,
                                group, place, None)
                inits[name] = made
                place += 1

    def formula(self, e):
        def value(i, n):
            return number(e, lambda name: float(i) if name == "i" else
                          float(n) if name == "n" else
                          self.number_or_size(name))
        return value

    def fan_ins(self):
        """Columns of all the products in the sum where each first stands."""
        first = {}              # name: (place in the text, columns)

        def found(leaf, total):
            if leaf[2] not in first or leaf[1] < first[leaf[2]][0]:
                first[leaf[2]] = leaf[1], total

        def terms(e):
            if e[0] in ("add", "sub"):
                return terms(e[2]) + terms(e[3])
            return terms(e[2]) if e[0] == "neg" else [e]

        def inner(e):
            below = terms(e)
            total = sum(self.shape(t[2])[0 if t[4] else 1] //
                        (self.heads.get(t[2], 1) if t[4] else 1)
                        for t in below if t[0] in PRODUCTS)
            for t in below:
                if t[0] in PRODUCTS or t[0] == "name" and total \
                        and self.learned(t[2]):
                    found(t, total)
                for part in t[-1] if t[0] in ("call", "cat") else t[2:]:
                    if isinstance(part, tuple):
                        inner(part)
        for s in self.flat(self.items):
            if s[0] in ("let", "output"):
                inner(s[-1])
        return {name: total for name, (_, total) in first.items()}
