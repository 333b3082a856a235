"""layer.py - one layer over a window of steps, forward and in reverse."""
import numpy as np

import over

from graph import StepGraph, Statics, drop_sites, step_kinds


class Layer:
    """A cell in its place; `stateless_top`: behind the last layer that has a
    state, where only places that the loss counts are seen."""

    def __init__(self, name, cell, first_site):
        self.name, self.cell, self.stateless_top = name, cell, False
        self.sites, self.first_site = drop_sites(cell), first_site
        self.codes = None               # what tokens stand for
        self.statics, self.kinds = Statics(), step_kinds(cell)
        self.graphs = {k: StepGraph(cell, self.statics, k, self.sites)
                       for k in self.kinds}
        self.how = cell.how
        self.starts = [None if s.vector is None else
                       self.graphs[None].param(s.vector)
                       for s in cell.states]


class Pass:
    """A layer's forward pass over a window and what it leaves behind."""

    def __init__(self, layer, arith, weights, x, tokens, first_step,
                 carried, active, drop):
        """x (T, B, I); tokens (T, B) or None; active (T, B): rows that are
        there; carried: a list of (B, n), or None where sequences start."""
        self.layer, self.a, self.weights = layer, arith, weights
        self.x, self.tokens, self.active = x, tokens, active
        self.first_step, self.drop = first_step, drop
        self.steps, self.rows = x.shape[:2]
        self.fresh = carried is None
        self.static_values = {}
        for node in layer.statics.order:
            self.static_values[node] = self.value(
                node, self.static_values, None)
        self.state = self.start() if self.fresh else carried
        self.values, self.kept, out = [], {}, []
        for t in range(self.steps):
            out.append(self.forward_step(t))
        size = layer.cell.output_size
        self.out = np.array(out, arith.dtype).reshape(
            self.steps, self.rows, size)

    def graph(self, t):
        kind = self.first_step + t + 1
        graphs = self.layer.graphs
        return graphs[kind if kind in graphs else None]

    def kind(self, t):
        """The place of the step's kind in the text's order."""
        return self.layer.kinds.index(
            next(k for k, g in self.layer.graphs.items()
                 if g is self.graph(t)))

    def start(self):
        out = []
        for s, node in zip(self.layer.cell.states, self.layer.starts):
            value = self.a.number(s.number) if node is None \
                else self.static_values[node]
            out.append(self.full(value, s.size))
        return out

    def full(self, value, size):
        return np.array(np.broadcast_to(value, (self.rows, size)),
                        self.a.dtype)

    # ---- forward
    def forward_step(self, t):
        graph, there = self.graph(t), self.active[t][:, None]
        values = dict(self.static_values)
        for node in graph.nodes:
            if node.kind == "input":
                values[node] = self.x[t]
            elif node.kind == "state":
                values[node] = self.state[node.index]
            else:
                values[node] = self.value(node, values, t)
        self.values.append(values)
        self.state = [
            np.where(there, self.full(values[n], old.shape[1]), old)
            for n, old in zip(graph.after, self.state)]
        return self.full(values[graph.output], self.layer.cell.output_size)

    def value(self, node, values, t):
        a, kind = self.a, node.kind
        args = [values[n] for n, _ in node.args]
        if kind == "param":
            return self.weights[f"{self.layer.name}.{node.name}"]
        if kind == "number":
            value = a.number(node.value)
            return value if node.size is None else \
                np.full(node.size, value, a.dtype)
        if kind == "sum":
            return self.sum(node, values, t)
        if kind == "call":
            if node.function == "detach":
                return args[0]
            if node.function in ("min", "max"):
                return extreme(node.function, *args)
            if node.function in over.PLAIN:
                return over.value(node.function, args[0], node.heads)
            if node.function == "sign":
                return np.sign(args[0]) + a.number(0)
            return a.functions[node.function](np.asarray(args[0]))
        if kind == "drop":
            return self.dropped(node, args[0], t)
        if kind == "cat":
            lead = np.broadcast_shapes(*[v.shape[:-1] for v in args])
            return np.concatenate([np.broadcast_to(v, lead + v.shape[-1:])
                                   for v in args], -1)
        if kind == "slice":
            return args[0][..., node.first:node.last]
        if kind == "neg":
            return -args[0]
        if kind == "pow":
            return power(args[0], node.k, a)
        x, y = args
        return x + y if kind == "add" else x - y if kind == "sub" else \
            x * y if kind == "mul" else x / y

    def dropped(self, node, x, t):
        if self.drop is None:
            return x
        kept = self.drop(self.layer.first_site + node.site,
                         self.first_step + t, self.rows, node.size, node.p)
        self.kept[node, t] = kept
        return np.where(kept, x * self.a.keep_scale(node.p),
                        self.a.number(0))

    def matrix(self, p, signed=True):
        w = self.weights[f"{self.layer.name}.{p.matrix}"]
        if p.rows:
            w = w[slice(*p.rows)]
        w = (w.T if p.transposed else w)[:, p.columns[0]:p.columns[1]]
        return -w if signed and p.sign < 0 else w

    def looks_up(self, p):
        """Is the product a look-up of the token's column?"""
        return p.node.kind == "input" and self.tokens is not None \
            and not p.transposed and not self.layer.how(p.matrix)

    def sum(self, node, values, t):
        s = None
        for sign, n, _ in node.learned:
            v = values[n]
            s = (v if sign > 0 else -v) if s is None else \
                s + v if sign > 0 else s - v
        for i, p in enumerate(node.products):
            if i >= node.early:
                s = self.a.chain(self.matrix(p), values[p.node], s)
                continue
            if p.node.kind == "input" and self.layer.codes is not None:
                c = self.a.chain(self.matrix(p, False), values[p.node], None)
                c = -c if p.sign < 0 else c
            elif self.looks_up(p):
                c = self.a.lookup(self.matrix(p), self.tokens[t])
            else:
                c = self.a.chain(self.matrix(p), values[p.node], None)
            s = c if s is None else s + c
        for sign, n, _ in node.others:
            s = s + values[n] if sign > 0 else s - values[n]
        return s

    # ---- reverse
    def backward(self, above):
        """above (T, B, n): what the layer's outputs get from above."""
        a = self.a
        after = [np.zeros((self.rows, s.size), a.dtype)
                 for s in self.layer.cell.states]
        below = np.zeros(self.x.shape, a.dtype)
        self.static_adjoints = {}       # node -> {t: (B, n)}
        self.product_adjoints = {}      # Product -> {t: (B, n)}
        for t in reversed(range(self.steps)):
            graph, there = self.graph(t), self.active[t][:, None]
            step = Reverse(self, graph, t, after, above[t])
            dx = step.adjoint(graph.input)
            if dx is not None:
                below[t] = dx
            after = [np.where(there, 0 if s is None else s, old)
                     for s, old in zip([step.adjoint(n)
                                        for n in graph.states], after)]
        self.before = after
        return below


class Reverse:
    """One step in reverse, section 2."""

    def __init__(self, run, graph, t, after, above):
        self.run, self.a, self.graph, self.t = run, run.a, graph, t
        self.values, self.above, self.after = run.values[t], above, after
        self.there = run.active[t][:, None]
        self.terms, self.chains, self.statics = {}, {}, {}
        for node in reversed(graph.nodes):
            if node.kind not in ("input", "state"):
                dy = self.adjoint(node)
                if dy is not None:
                    self.spread(node, dy)
        for node in self.statics_met():
            dy = self.adjoint(node)
            if dy is not None:
                run.static_adjoints.setdefault(node, {})[t] = dy

    def statics_met(self):
        ends = [n for n in self.graph.after + [self.graph.output]
                if n.static and n.kind != "number"]
        return set(ends) | {n for n in list(self.terms) + list(self.chains)
                            if n.static}

    def adjoint(self, node):
        s = None
        for n, dy in zip(self.graph.after, self.after):
            if n is node:
                s = dy if s is None else s + dy
        if node is self.graph.output:
            s = self.above if s is None else s + self.above
        for _, dy in sorted(self.terms.get(node, []), key=lambda c: c[0]):
            s = dy if s is None else s + dy
        for _, w, dy in sorted(self.chains.get(node, []),
                               key=lambda c: c[0]):
            s = self.a.chain(w.T, dy, s)
        if s is None:
            return None
        if node.kind in ("sum", "state", "input") or node in self.chains:
            s = self.a.trim(s)
        return np.where(self.there, s, self.a.number(0))

    def give(self, node, pos, dy):
        if node.kind != "number":
            self.terms.setdefault(node, []).append((pos, dy))

    def spread(self, node, dy):
        if node.kind == "sum":
            for sign, n, pos in node.learned + node.others:
                self.give(n, pos, dy if sign > 0 else -dy)
            for p in node.products:
                self.run.product_adjoints.setdefault(p, {})[self.t] = dy
                if p.node.static:
                    dv = self.a.chain(self.run.matrix(p).T, dy, None)
                    self.give(p.node, p.early_place, self.a.trim(dv))
                elif p.node.kind != "input" or self.run.tokens is None:
                    self.chains.setdefault(p.node, []).append(
                        (p.place, self.run.matrix(p), dy))
            return
        if node.kind == "drop":
            kept = self.run.kept[node, self.t]
            arg, pos = node.args[0]
            self.give(arg, pos, np.where(
                kept, dy * self.a.keep_scale(node.p), self.a.number(0)))
            return
        spread(self.a, node, dy, self.values, self.give)


def extreme(function, x, y):
    first = x <= y if function == "min" else x >= y
    return np.where(first | np.isnan(x), x, y)


def power(x, k, a):
    if k == 0:
        return np.ones_like(x)
    p = x
    for _ in range(abs(k) - 1):
        p = p * x
    return a.number(1) / p if k < 0 else p


def spread(a, node, dy, values, give):
    """The element-wise contributions of section 6."""
    kind, args = node.kind, node.args
    v = [values[n] for n, _ in args]
    y = values[node]

    def to(i, contribution):
        give(args[i][0], args[i][1], contribution)
    if kind == "call":
        f = node.function
        if f in ("detach", "sign"):
            return
        if f in over.PLAIN:
            to(0, over.slope(f, v[0], y, dy, node.heads))
            return
        if f in ("min", "max"):
            first = v[0] <= v[1] if f == "min" else v[0] >= v[1]
            to(0, np.where(first, dy, a.number(0)))
            to(1, np.where(first, a.number(0), dy))
        else:
            to(0, a.slopes[f](v[0], y, dy))
    elif kind == "cat":
        at = 0
        for i, (n, _) in enumerate(args):
            to(i, dy[..., at:at + n.size])
            at += n.size
    elif kind == "slice":
        whole = np.zeros(dy.shape[:-1] + (args[0][0].size,), a.dtype)
        whole[..., node.first:node.last] = dy
        to(0, whole)
    elif kind == "neg":
        to(0, -dy)
    elif kind == "pow":
        if node.k != 0:
            to(0, dy * (a.number(node.k) * power(v[0], node.k - 1, a)))
    elif kind == "mul":
        to(0, dy * v[1])
        to(1, dy * v[0])
    elif kind == "div":
        to(0, dy / v[1])
        to(1, -((dy * y) / v[1]))
    else:
        to(0, dy)
        to(1, dy if kind == "add" else -dy)
