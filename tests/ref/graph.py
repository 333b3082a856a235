"""graph.py - a cell's equations at one kind of step, as nodes in the order of
the text: what is computed of what, and where in the text each use stands.

A node's `kind`, its operands `args` as (node, place), and what else it needs.
A place is (the operator's number in the order in which operators are computed,
which of its operands): contributions to an adjoint come in the places' order.

    input, state (index), param (name), number (value)
    call (function), drop (p, site), mul, div, add, sub, neg, pow (k), cat,
    slice (first, last)
    sum     learned: [(sign, node, place)]  its learned vectors
            products: [Product]             in the order of their chains
            others: [(sign, node, pos)]     terms after the chains

`static` nodes come of learned vectors alone and are computed once an update;
`stateful` ones of the layer's own states.
"""
import itertools

import over
from celltext import Refused
from cell import number


class Product:
    """sign * (columns first..last of matrix) of node; of the transposed
    matrix these are rows of the matrix."""

    def __init__(self, matrix, columns, transposed, node, sign, place,
                 rows=None):
        self.rows = rows            # first and last; None: all
        self.matrix, self.columns, self.node = matrix, columns, node
        self.transposed, self.sign, self.place = transposed, sign, place
        self.early_place = None     # of a learned argument's contribution


class Node:
    def __init__(self, kind, args=(), **more):
        self.kind, self.args = kind, list(args)
        self.learned, self.products, self.others = [], [], []
        self.__dict__.update(more)
        below = [n for n, _ in self.args] + [p.node for p in self.products] \
            + [n for _, n, _ in self.learned + self.others]
        self.stateful = kind == "state" or any(n.stateful for n in below)
        self.static = kind in ("param", "number") or (
            bool(below) and all(n.static for n in below)
            and kind not in ("drop", "input", "state", "sum", "cat",
                             "slice"))

    def size_of(self, *sizes):
        self.size = next((s for s in sizes if s is not None), None)
        return self


class Statics:
    """Nodes of learned vectors and numbers, shared by all kinds of step."""

    def __init__(self):
        self.made, self.order = {}, []

    def add(self, key, node):
        if key in self.made:
            return self.made[key]
        self.made[key] = node
        self.order.append(node)
        return node


class StepGraph:
    """The nodes of step number `step`, for a cell."""

    def __init__(self, cell, statics, step, sites):
        self.cell, self.statics, self.sites = cell, statics, sites
        self.nodes, self.names, self.env = [], {}, {}
        self.parts = {}             # of vectors, for matrices of heads
        self.number = operator_numbers(cell)
        self.output = None
        self.input = self.leaf("input", None, cell_size=cell.size(cell.input))
        self.env[cell.input, False] = self.input
        self.states = []
        for i, s in enumerate(cell.states):
            node = self.leaf("state", None, index=i, cell_size=s.size)
            self.env[s.name, False] = node
            self.states.append(node)
        self.run(cell.items, step)
        self.after = [self.env.get((s.name, True), self.states[i])
                      for i, s in enumerate(cell.states)]

    def leaf(self, kind, key, cell_size=None, **more):
        node = Node(kind, **more).size_of(cell_size)
        return self.keep(node, key)

    def keep(self, node, key):
        if node.static:
            return self.statics.add(key, node)
        self.nodes.append(node)
        return node

    def param(self, name):
        return self.leaf("param", ("param", name), name=name,
                         cell_size=self.cell.size(name))

    # ---- statements
    def run(self, items, step):
        for s in items:
            if s[0] == "at":
                blocks = dict(s[2])
                self.run(blocks.get(step, blocks.get(None, [])), step)
            elif s[0] == "let":
                primed = s[3]
                node = self.vector(self.build(s[5]), self.cell.size(s[2]))
                self.env[s[2], primed] = node
                self.names[s[2] + "'" * primed] = node
            else:
                self.output = self.vector(self.build(s[2]),
                                          self.cell.output_size)

    def vector(self, made, size):
        """Where a number stands for a whole vector."""
        node = self.as_node(made)
        if node.size is None:
            return self.keep(Node("number", value=node.value)
                             .size_of(size), ("filled", node.value, size))
        return node

    def as_node(self, made):
        if isinstance(made, Node):
            return made
        return self.keep(Node("number", value=made).size_of(), ("num", made))

    # ---- expressions: a node, or a float for a number
    def build(self, e):
        value = number(e, self.cell.get_number)
        if value is not None:
            return value
        kind = e[0]
        if kind == "name":
            return self.named(e)
        if kind in ("add", "sub", "neg", "mat"):
            terms = self.terms(e, 1)
            if any(t[0] == "mat" for _, t in terms):
                return self.sum(e, terms)
        if kind == "heads":
            return self.headed(e)
        if kind == "call" and e[2] == "drop":
            return self.drop(e)
        if kind == "call" and e[2] in over.FUNCTIONS:
            return self.over(e)
        if kind == "call":
            return self.op("call", e, e[3], function=e[2])
        if kind == "cat":
            node = self.op("cat", e, e[2])
            node.size = sum(n.size for n, _ in node.args)
            return node
        if kind == "slice":
            first, last = map(int, self.cell.sizes.bounds(e))
            node = self.op("slice", e, [e[2]], first=first, last=last)
            node.size = last - first
            return node
        if kind == "neg":
            return self.op("neg", e, [e[2]])
        if kind == "pow":
            return self.op("pow", e, [e[2]], k=e[3])
        return self.op(kind, e, [e[2], e[3]])

    def named(self, e):
        name, primed = e[2], e[3]
        if (name, primed) in self.env:
            return self.env[name, primed]
        if self.cell.learned(name) and not primed:
            return self.param(name)
        raise Refused(0, f"'{name}' is used before it is assigned")

    def op(self, kind, e, operands, **more):
        number, below = self.number[id(e)], []
        for x in operands:
            n = self.as_node(self.build(x))
            below += [m for m, _ in n.args] \
                if kind == n.kind == "cat" else [n]
        args = [(n, (number, i)) for i, n in enumerate(below)]
        node = Node(kind, args, **more)
        node.size_of(*[n.size for n, _ in args])
        return self.keep(node, (id(e), tuple(id(n) for n, _ in args)))

    def drop(self, e):
        p = 0.5
        if len(e[3]) == 2:
            p = number(e[3][1], self.cell.get_number)
        arg = self.as_node(self.build(e[3][0]))
        node = Node("drop", [(arg, (self.number[id(e)], 0))], p=p,
                    site=self.sites[e[1]])
        return self.keep(node.size_of(arg.size), None)

    def headed(self, e):
        """The products of a matrix's blocks and a vector's parts, one after
        another."""
        v, heads = self.as_node(self.build(e[3])), self.cell.heads[e[2]]
        rows, columns = self.cell.shape(e[2])
        rows, at, out = rows // heads, self.number[id(e)], []
        size, of = (columns, rows) if e[4] else (rows, columns)
        for b in range(heads):
            key = v, b, heads
            if key not in self.parts:
                cut = Node("slice", [(v, (at, b, 0))], first=b * of,
                           last=(b + 1) * of)
                self.parts[key] = self.keep(cut.size_of(of), None)
            p = Product(e[2], (0, of), e[4], self.parts[key], 1, (at, b, 1),
                        (b * rows, (b + 1) * rows))
            out.append(self.keep(Node(
                "sum", products=[p], early=0 if p.node.stateful else 1)
                .size_of(size), None))
        args = [(n, (at, heads, i)) for i, n in enumerate(out)]
        return self.keep(Node("cat", args).size_of(size * heads), None)

    def over(self, e):
        """A function over units, a node a step of its spelling."""
        x, heads, made = self.as_node(self.build(e[3][0])), 1, []
        if len(e[3]) == 2:
            heads = int(number(e[3][1], self.cell.get_number))
        if x.size is None or x.size % heads:
            raise Refused(0, f"'{e[2]}' over {heads} heads of {x.size} units")

        def node(of):
            if of == "x":
                return x
            if isinstance(of, int):
                return made[of]
            return self.as_node(float(x.size // heads) if of == over.UNITS
                                else of)
        for k, (kind, more, operands) in enumerate(over.STEPS[e[2]]):
            args = [(node(of), (self.number[id(e)], k, i))
                    for i, of in enumerate(operands)]
            made.append(self.keep(
                Node(kind, args, heads=heads, **more).size_of(x.size),
                (id(e), k, tuple(id(n) for n, _ in args))))
        return made[-1]

    # ---- sums with products
    def terms(self, e, sign):
        """(sign, expression) of a maximal tree of + and -, in text order."""
        if number(e, self.cell.get_number) is not None:
            return [(sign, e)]
        if e[0] in ("add", "sub"):
            return self.terms(e[2], sign) + \
                self.terms(e[3], -sign if e[0] == "sub" else sign)
        if e[0] == "neg":
            return self.terms(e[2], -sign)
        return [(sign, e)]

    def sum(self, whole, terms):
        learned, others, first, later = [], [], [], []
        for i, (sign, e) in enumerate(terms):
            if e[0] != "mat":
                node = self.as_node(self.build(e))
                to = learned if node.kind == "param" else others
                to.append((sign, node, (self.number[id(whole)], i)))
                continue
            for p in self.products(e, sign, (self.number[id(whole)], i)):
                (later if p.node.stateful else first).append(p)
        node = Node("sum", learned=learned, others=others,
                    products=first + later, early=len(first))
        first = [e for _, e in terms if e[0] == "mat"][0]
        node.size = self.cell.shape(first[2])[1 if first[4] else 0]
        return self.keep(node, None)

    def products(self, e, sign, place):
        node, at, out = self.as_node(self.build(e[3])), 0, []
        parts = [n for n, _ in node.args] if node.kind == "cat" else [node]
        for n in parts:
            out.append(Product(e[2], (at, at + n.size), e[4], n, sign,
                               place + (at,)))
            out[-1].early_place = self.number[id(e)], at
            at += n.size
        return out


def parts_of(e):
    parts = e[3] if e[0] == "call" else e[2] if e[0] == "cat" else e[2:]
    return [p for p in parts if isinstance(p, tuple)]


def terms_of(e):
    """The terms of a maximal tree of + and -, signs left out."""
    if e[0] in ("add", "sub", "neg"):
        return [t for p in parts_of(e) for t in terms_of(p)]
    return [e]


def operator_numbers(cell):
    """{id(expression): its number in the order of computing}: arguments
    first, in text order; in a sum with products the products' before the
    other terms'."""
    numbers, count = {}, itertools.count()

    def walk(e):
        below = terms_of(e)
        if any(t[0] == "mat" for t in below):
            for t in sorted(below, key=lambda t: t[0] != "mat"):
                for part in parts_of(t):
                    walk(part)
                numbers[id(t)] = next(count)
        else:
            for part in parts_of(e):
                walk(part)
        numbers[id(e)] = next(count)
    for s in cell.flat(cell.items):
        walk(s[-1])
    return numbers


def drop_sites(cell):
    """{place in the text of a drop(): its number}; those in lines that are
    switched off count as well."""
    sites = []

    def walk(e):
        if e[0] == "call" and e[2] == "drop":
            sites.append(e[1])
        for part in parts_of(e):
            walk(part)
    for e in cell.all_exprs:
        walk(e)
    return {pos: i for i, pos in enumerate(sites)}


def step_kinds(cell):
    """Numbers that at blocks name, ascending; None: all others."""
    kinds = []
    for s in cell.items:
        if s[0] == "at":
            kinds += [n for n, _ in s[2] if n is not None and n not in kinds]
    return sorted(kinds) + [None]
