"""gradient.py - from adjoints at all steps to the gradient of the parameters:
docs/numerics.md, section 3."""
import numpy as np

import codes
from arith32 import fma
from layer import spread

BLOCK, CHUNK = 64, 256


class Pairs:
    """The pairs (step, row) of a window in their blocks and chunks."""

    def __init__(self, steps, rows):
        self.blocks, self.pick = [], []
        for r in range(0, rows, BLOCK):
            n = min(BLOCK, rows - r)
            number = np.arange(steps * n)
            place = number // n * rows + r + number % n
            chunks = []
            for c in range(0, steps * n, CHUNK):
                chunks.append(len(self.pick))
                part = place[c:c + CHUNK]
                self.pick.append(np.pad(part, (0, CHUNK - len(part)),
                                        constant_values=steps * rows))
            self.blocks.append(chunks)
        most = min(CHUNK, steps * min(BLOCK, rows))
        self.pick = np.array(self.pick)[:, :most].T     # (pair, chunk)

    def split(self, x):
        """(T, B, n) to (pair, chunk, n), +0 where there is no pair."""
        flat = x.reshape(-1, x.shape[-1])
        flat = np.concatenate([flat, np.zeros((1, x.shape[-1]), x.dtype)])
        return flat[self.pick]

    def add_up(self, chunks, begin):
        """Sums of the blocks, going on from `begin` (one a block)."""
        out = []
        for s, block in zip(begin, self.blocks):
            for c in block:
                s = s + chunks[c]
            out.append(s)
        return out


def total(blocks):
    s = np.zeros_like(blocks[0])
    for b in blocks:
        s = s + b
    return s


def chains(pairs, streams):
    """For each (dy, v), both (T, B, .), the chains of all chunks: (C, n, m)."""
    if not streams:
        return []
    dy = np.concatenate([pairs.split(d) for d, _ in streams], -1)
    v = np.concatenate([pairs.split(x) for _, x in streams], -1)
    rows, columns, i, j = [], [], 0, 0
    for d, x in streams:
        n, m = d.shape[-1], x.shape[-1]
        rows.append(np.repeat(np.arange(i, i + n), m))
        columns.append(np.tile(np.arange(j, j + m), n))
        i, j = i + n, j + m
    ends = np.cumsum([len(r) for r in rows])
    rows, columns = np.concatenate(rows), np.concatenate(columns)
    c = np.zeros((dy.shape[1], len(rows)), np.float32)
    dy, v = dy.astype(np.float64), v.astype(np.float64)
    # without a dy a pair adds +-0, but where its v is not finite a NaN
    for p in np.nonzero(dy.any((1, 2)) | ~np.isfinite(v).all((1, 2)))[0]:
        c = fma(dy[p][:, rows], v[p][:, columns], c)
    return [part.reshape(-1, d.shape[-1], x.shape[-1]) for part, (d, x)
            in zip(np.split(c, ends[:-1], 1), streams)]


def plain(pairs, vectors):
    """The same of plain sums: (C, n) for each (T, B, n)."""
    if not vectors:
        return []
    x = np.concatenate([pairs.split(v) for v in vectors], -1)
    c = np.zeros(x.shape[1:], np.float32)
    for p in range(len(x)):
        c = c + x[p]
    ends = np.cumsum([v.shape[-1] for v in vectors])
    return np.split(c, ends[:-1], 1)


class Gradient:
    """Of one layer, after Pass.backward."""

    def __init__(self, run):
        self.run, self.a = run, run.a
        self.coded = set()      # blocks of matrices that act on codes
        self.shape = (run.steps, run.rows)
        self.kinds = [run.kind(t) for t in range(run.steps)]

    def over_time(self, by_step, size, kind):
        """Adjoints of the steps of one kind as (T, B, n), else +0."""
        out = np.zeros(self.shape + (size,), self.a.dtype)
        for t, dy in by_step.items():
            if self.kinds[t] == kind:
                out[t] = dy
        return out

    def streams(self):
        """(matrix, its rows and columns, order, dy, v) of all products."""
        run, out = self.run, []
        for p, by_step in run.product_adjoints.items():
            t = next(iter(by_step))
            kind = self.kinds[t]
            n = next(iter(by_step.values())).shape[-1]
            dy = self.over_time(by_step, n, kind)
            coded = run.layer.codes is not None and p.node.kind == "input"
            size = len(run.layer.codes) if coded else p.node.size
            v = np.zeros(self.shape + (size,), self.a.dtype)
            for t in by_step:
                x = codes.one_hot(run.tokens[t], size, self.a.dtype) \
                    if coded else run.values[t][p.node]
                x = np.where(run.active[t][:, None], x, self.a.number(0))
                v[t] = -x if p.sign < 0 else x
            block = (0, n), p.columns
            if coded:
                self.coded.add((p.matrix, block))
            if p.transposed:
                block, dy, v = block[::-1], v, dy
            if p.rows:
                block = p.rows, block[1]
            out.append((p.matrix, block, (kind, p.place), dy, v))
        return sorted(out, key=lambda s: s[2])

    def vectors(self):
        """(node, kind, (T, B, n)) of all vectors that are not of a step."""
        out = []
        for node, by_step in self.run.static_adjoints.items():
            for kind in sorted({self.kinds[t] for t in by_step}):
                out.append((node, kind,
                            self.over_time(by_step, node.size, kind)))
        return out


def matrix_sums(streams, chunks, pairs):
    """Gradient of each matrix from its streams' chains, in float."""
    blocks = {}
    for (matrix, block, *_), c in zip(streams, chunks):
        key = matrix, block
        zero = np.zeros(c.shape[1:], np.float32)
        blocks[key] = pairs.add_up(c, blocks.get(
            key, [zero] * len(pairs.blocks)))
    return {key: total(b) for key, b in blocks.items()}


def layer_gradients(runs, pairs):
    """{name: gradient} of all layers."""
    layers = [Gradient(run) for run in runs]
    streams = [g.streams() for g in layers]
    vectors = [g.vectors() for g in layers]
    out = {}
    double = runs[0].a.dtype == np.float64
    if not double:
        all_chains = iter(chains(pairs, [s[3:] for x in streams for s in x]))
        all_sums = iter(plain(pairs, [v[2] for x in vectors for v in x]))
    for g, ss, vs in zip(layers, streams, vectors):
        if double:
            sums = {}
            for matrix, block, _, dy, v in ss:
                made = np.einsum("tbi,tbj->ij", dy, v)
                key = matrix, block
                sums[key] = sums.get(key, 0) + made
            direct = {}
            for node, kind, x in vs:
                direct.setdefault(kind, {})[node] = x.sum((0, 1))
        else:
            sums = matrix_sums(ss, [next(all_chains) for _ in ss], pairs)
            direct = {}
            for node, kind, _ in vs:
                c = next(all_sums)
                begin = [np.zeros(node.size, np.float32)] * len(pairs.blocks)
                direct.setdefault(kind, {})[node] = \
                    total(pairs.add_up(c, begin))
        for key in g.coded:             # by token so far
            c = g.run.layer.codes.T.astype(g.a.dtype)
            sums[key] = g.a.chain(sums[key], c, None).T
        finish(g.run, sums, direct, pairs, out)
    return out


def start_sums(run):
    """Learned initial values: {node: [gradient, a state each]}, of a chunk a
    block of rows."""
    out = {}
    if not run.fresh:
        return out
    for node, x in zip(run.layer.starts, run.before):
        if node is None:
            continue
        blocks = []
        for r in range(0, run.rows, BLOCK):
            s = np.zeros(x.shape[1], x.dtype)
            for row in x[r:r + BLOCK]:
                s = s + row
            blocks.append(np.zeros_like(s) + s)
        out.setdefault(node, []).append(total(blocks))
    return out


def finish(run, sums, direct, pairs, out):
    """Blocks of matrices joined; expressions of learned vectors."""
    a, layer = run.a, run.layer
    grads = {p.name: np.zeros(p.shape, a.dtype) for p in layer.cell.params}
    for (matrix, (rows, columns)), g in sums.items():
        part = grads[matrix][slice(*rows), slice(*columns)]
        part[:] = part + g
    for kind in sorted(direct):
        for name, g in of_case(run, direct[kind]).items():
            grads[name] = grads[name] + g
    for node, parts in start_sums(run).items():
        for g in parts:
            grads[node.name] = grads[node.name] + g
    for name, g in grads.items():
        out[f"{layer.name}.{name}"] = g


def of_case(run, direct):
    """{name: gradient} of learned vectors from one case's sums: what stands
    in the steps, then what comes of expressions."""
    terms, out = {}, {}

    def give(node, place, dy):
        if node.kind != "number":
            terms.setdefault(node, []).append((place, dy))
    for node in reversed(run.layer.statics.order):
        if node not in direct and node not in terms:
            continue
        s = direct.get(node, np.zeros(node.size or 1, run.a.dtype))
        for _, dy in sorted(terms.get(node, []), key=lambda c: c[0]):
            s = s + dy
        if node.kind == "param":
            out[node.name] = s
        else:
            spread(run.a, node, s, run.static_values, give)
    return out
