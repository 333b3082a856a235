"""codes.py - tokens that stand for fixed vectors: docs/numerics.md,
"Codebooks"."""
import numpy as np

from cell import Cell
from celltext import Refused


def read(header):
    """(V, D) float32, or None."""
    rows = header.get("codebook")
    return None if rows is None else np.array(rows, np.float32)


def check(layer, text, options, sizes):
    """Refuse a first layer in which the input stands elsewhere than behind
    matrices, or its width is the size of anything else.  sizes: (layer's,
    width, number of tokens)."""
    blocks = {}
    for graph in layer.graphs.values():
        if graph.output is graph.input or graph.input in graph.after or \
                graph.input in graph.names.values():
            raise Refused(1, "the input, with a codebook")
        for node in graph.nodes:
            others = [n for n, _ in node.args] + \
                [n for _, n, _ in node.learned + node.others]
            if graph.input in others:
                raise Refused(1, "the input, with a codebook")
            for p in node.products:
                first = p.node is graph.input
                if first and p.transposed:
                    raise Refused(1, "the input, transposed")
                blocks.setdefault(p.matrix, set()).add((p.columns, first))
    for some in blocks.values():
        for columns, first in some:
            for other, too in some:
                apart = other[1] <= columns[0] or columns[1] <= other[0]
                if first and not apart and (other, too) != (columns, first):
                    raise Refused(1, "a matrix on the input and others")
    size, width, tokens = sizes
    try:
        twin = Cell(text, tokens, size, options, *layer.place)
    except Refused:
        raise Refused(1, "no twin of tokens") from None
    change = {m: sum(first for _, first in some) * (tokens - width)
              for m, some in blocks.items()}
    same = [p.shape[:1] + tuple(n + change.get(p.name, 0)
                                for n in p.shape[1:])
            for p in layer.cell.params]
    if same != [p.shape for p in twin.params] or \
            twin.output_size != layer.cell.output_size or \
            [s.size for s in twin.states] != \
            [s.size for s in layer.cell.states]:
        raise Refused(1, "the input's width is a size of its own")


def one_hot(tokens, count, dtype):
    out = np.zeros(tokens.shape + (count,), dtype)
    np.put_along_axis(out, tokens[..., None], 1, -1)
    return out
