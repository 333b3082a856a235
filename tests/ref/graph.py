"""graph.py - a cell's equations at one kind of step, as nodes in the order of
the text: what is computed of what, and where in the text each use stands.

A node's `kind`, its operands `args` as (node, pos), and what else it needs:

    input, state (index), param (name), number (value)
    call (function), drop (p, site), mul, div, add, sub, neg, pow (k), cat
    sum     learned: [(sign, node, pos)]    its learned vectors
            products: [Product]             in the order of their chains
            others: [(sign, node, pos)]     terms after the chains

`static` nodes come of learned vectors alone and are computed once an update;
`stateful` ones of the layer's own states.
"""
from celltext import Refused
from cell import number


class Product:
    """sign * (columns first..last of matrix) of node."""

    def __init__(self, matrix, columns, node, sign, pos, split):
        self.matrix, self.columns, self.node = matrix, columns, node
        self.sign, self.pos, self.split = sign, pos, split


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
            and kind not in ("drop", "input", "state"))

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
        kind, pos = e[0], e[1]
        if kind == "name":
            return self.named(e)
        if kind in ("add", "sub", "neg", "mat"):
            terms = self.terms(e, 1)
            if any(t[0] == "mat" for _, t in terms):
                return self.sum(terms, pos)
        if kind == "call" and e[2] == "drop":
            return self.drop(e)
        if kind == "call":
            return self.op("call", pos, e[3], function=e[2])
        if kind == "cat":
            node = self.op("cat", pos, e[2])
            node.size = sum(n.size for n, _ in node.args)
            return node
        if kind == "neg":
            return self.op("neg", pos, [e[2]])
        if kind == "pow":
            return self.op("pow", pos, [e[2]], k=e[3])
        return self.op(kind, pos, [e[2], e[3]])

    def named(self, e):
        name, primed = e[2], e[3]
        if (name, primed) in self.env:
            return self.env[name, primed]
        if self.cell.learned(name) and not primed:
            return self.param(name)
        raise Refused(0, f"'{name}' is used before it is assigned")

    def place(self, e):
        """Where an operand stands: a name's own place in the text."""
        return e[1]

    def op(self, kind, pos, operands, **more):
        args = [(self.as_node(self.build(e)), self.place(e))
                for e in operands]
        node = Node(kind, args, **more)
        node.size_of(*[n.size for n, _ in args])
        return self.keep(node, (kind, pos, tuple(id(n) for n, _ in args)))

    def drop(self, e):
        p = 0.5
        if len(e[3]) == 2:
            p = number(e[3][1], self.cell.get_number)
        arg = self.as_node(self.build(e[3][0]))
        node = Node("drop", [(arg, self.place(e[3][0]))], p=p,
                    site=self.sites[e[1]])
        return self.keep(node.size_of(arg.size), None)

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

    def sum(self, terms, pos):
        learned, others, first, later = [], [], [], []
        for sign, e in terms:
            if e[0] != "mat":
                node = self.as_node(self.build(e))
                to = learned if node.static and node.kind != "number" \
                    else others
                to.append((sign, node, self.place(e)))
                continue
            for p in self.products(e, sign):
                (later if p.node.stateful else first).append(p)
        node = Node("sum", learned=learned, others=others,
                    products=first + later, early=len(first))
        node.size = self.cell.shape(
            [e for _, e in terms if e[0] == "mat"][0][2])[0]
        key = ("sum", pos, tuple(id(n) for _, n, _ in learned + others),
               tuple(id(p.node) for p in first + later))
        return self.keep(node, key)

    def products(self, e, sign):
        parts, at, out = self.parts(self.as_node(self.build(e[3]))), 0, []
        split = tuple(n.size for n in parts)
        for n in parts:
            out.append(Product(e[2], (at, at + n.size), n, sign,
                               (e[1], at), split))
            at += n.size
        return out

    def parts(self, node):
        if node.kind != "cat":
            return [node]
        return [p for n, _ in node.args for p in self.parts(n)]


def drop_sites(cell):
    """Places of drop() in the text's order, and their chances."""
    sites = []

    def walk(e):
        if e[0] == "call" and e[2] == "drop":
            sites.append(e[1])
        for part in (e[3] if e[0] == "call" else e[2] if e[0] == "cat"
                     else e[2:]):
            if isinstance(part, tuple):
                walk(part)
    for s in cell.flat(cell.items):
        walk(s[-1])
    return {pos: i for i, pos in enumerate(sites)}


def step_kinds(cell):
    """Numbers that at blocks name, in the text's order; None: all others."""
    kinds = []
    for s in cell.items:
        if s[0] == "at":
            kinds += [n for n, _ in s[2] if n is not None and n not in kinds]
    return kinds + [None]
