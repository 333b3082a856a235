"""neurons.py - which weights touch which hidden unit: docs/numerics.md,
section 10, `per_neuron`.

    touches(net)    for each of net.params: (axis, units) or None; units[i] is
                    the hidden unit that row (axis 0) or column (axis 1) i
                    touches and no other
"""
import numpy as np

from celltext import Refused


class Vectors:
    """Vectors in sets: those whose units are the same."""

    def __init__(self, net):
        self.up, self.whole, self.parts = {}, {}, set()
        self.below = "input"
        for layer in net.layers:
            self.layer(layer)
        self.ends = {self.root("input"), self.root(self.below)}

    def root(self, a):
        while a in self.up:
            a = self.up[a]
        return a

    def same(self, a, b):
        a, b = self.root(a), self.root(b)
        if a != b:
            self.up[b] = a

    def layer(self, layer):
        name = layer.name
        for s, node in zip(layer.cell.states, layer.starts):
            if node is not None:
                self.same((name, "state", s.name), (name, node.name, 0))
        for graph in layer.graphs.values():
            self.step(layer, graph)
        self.below = name, "output"

    def key(self, layer, graph, node):
        if node.kind == "number":
            return None
        if node.kind == "input":
            return self.below
        if node.kind == "state":
            return (layer.name, "state",
                    layer.cell.states[node.index].name)
        if node.kind == "param":
            return layer.name, node.name, 0
        return layer.name, id(node)

    def step(self, layer, graph):
        def key(node):
            return self.key(layer, graph, node)
        for node in list(layer.statics.order) + graph.nodes:
            if node.kind in ("input", "state", "param", "number"):
                continue
            if node.kind in ("cat", "slice"):
                if all(self.root(key(n)) == self.root("input")
                       for n, _ in node.args):
                    self.same("input", key(node))
                else:
                    self.parts.add(key(node))
                continue
            for n in [n for n, _ in node.args] + [
                    n for _, n, _ in node.learned + node.others]:
                if n.kind != "number":
                    self.same(key(node), key(n))
            for p in node.products:
                self.product(layer, p, key(node), key(p.node), node.size)
        for s, node in zip(layer.cell.states, graph.after):
            if node.kind != "number":
                self.same((layer.name, "state", s.name), key(node))
        if graph.output.kind != "number":
            self.same((layer.name, "output"), key(graph.output))

    def product(self, layer, p, result, argument, size):
        """Rows and columns of a matrix go with whole vectors, or are mixed."""
        shape = layer.cell.shape(p.matrix)
        if p.transposed:
            ends = (argument, p.node.size), (result, size)
        else:
            ends = (result, size), (argument, p.node.size)
        for axis, (vector, n) in enumerate(ends):
            side = layer.name, p.matrix, axis
            if n == shape[axis]:
                self.same(side, vector)
            else:
                self.whole[side] = False

    def units(self, side):
        """The set of a matrix's side if it is one hidden vector's."""
        a = self.root(side)
        mixed = any(self.root(p) == a for p in self.parts)
        if not self.whole.get(side, True) or mixed or a in self.ends:
            return None
        return a

    def end(self, side):
        return self.whole.get(side, True) and self.root(side) in self.ends


def touches(net):
    v, out, first, count = Vectors(net), [], {}, 0
    for p in net.params:
        layer, name = p.name.rsplit(".", 1)
        sides = [(layer, name, axis) for axis in range(len(p.shape))]
        units = [v.units(s) for s in sides]
        axis = None
        if len(p.shape) == 1:
            axis = 0 if units[0] else None
        elif units[0] and v.end(sides[1]):
            axis = 0
        elif units[1] and v.end(sides[0]):
            axis = 1
        for i, u in enumerate(units):
            if u is not None and u not in first:
                first[u], count = count, count + p.shape[i]
        out.append(None if axis is None else
                   (axis, first[units[axis]] + np.arange(p.shape[axis])))
    return out


def check(net):
    """Refuse what the optimizer does not work on."""
    kind = net.settings.get("optimizer")
    if kind not in ("per_neuron", "hybrid"):
        return
    t = touches(net)
    if not any(t) or kind == "per_neuron" and None in t:
        raise Refused(0, f"{kind}: weights that touch no single unit")
