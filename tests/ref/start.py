"""Starting weights: docs/numerics.md section 14.

    weights = start.weights(net.params, seed)       dict name -> float32 array
"""
import math

import numpy as np

from draws import INIT, Draws

NORMAL = "orthogonal", "xavier_normal", "normal"


def sets(params):
    """Lists of the numbers of parameters drawn together, in a list's order."""
    done = {}
    for i, p in enumerate(params):
        group = p.init.group if p.init else None
        layer = p.name.rsplit(".", 1)[0]
        key = ("alone", i) if group is None else (layer, group)
        done.setdefault(key, []).append(i)
    for members in done.values():
        members.sort(key=lambda i: params[i].init.place
                     if params[i].init and params[i].init.group is not None
                     else 0)
    return list(done.values())


def shape2(p):
    return p.shape if len(p.shape) == 2 else (p.shape[0], 1)


def weights(params, seed):
    out = {}
    for members in sets(params):
        ps = [params[i] for i in members]
        d = Draws(seed, members[0], INIT)
        for p, m in zip(ps, together(ps, d)):
            out[p.name] = m.reshape(p.shape).astype(np.float32)
    return {p.name: out[p.name] for p in params}


def together(ps, d):
    """The doubles of the parameters of one list."""
    kind = ps[0].init.kind if ps[0].init else "uniform_fan"
    args = ps[0].init.args if ps[0].init else ()
    size = math.prod(ps[0].shape)
    if kind == "constant":
        return [np.full(p.shape, float(p.init.args[0])) for p in ps]
    if kind == "identity":
        return [np.tile(np.eye(p.shape[0] // p.heads, p.shape[1]),
                        (p.heads, 1)) for p in ps]
    if kind == "=":
        return [np.array([float(p.init.formula(i, size))
                          for i in range(size)]) for p in ps]
    if kind == "chrono":
        u = d.floats(max(p.shape[0] for p in ps))
        return [np.array([p.init.sign * math.log(1 + (args[0] - 2) * x)
                          for x in u[:p.shape[0]]]) for p in ps]
    shapes = [shape2(p) for p in ps]
    below = len({c for _, c in shapes}) == 1
    R = sum(r for r, _ in shapes) if below else shapes[0][0]
    C = shapes[0][1] if below else sum(c for _, c in shapes)
    if kind in NORMAL:
        m = np.array([d.normal() for _ in range(R * C)])
    else:
        m = np.array(d.floats(R * C))
    if kind == "uniform_fan":
        return cut(scaled(kind, args, m.reshape(R, C), ps, shapes, below),
                   shapes, below)
    parts = [scaled(kind, args, part, ps, shapes, below)
             for part in np.split(m.reshape(R, C), ps[0].heads)]
    return cut(np.concatenate(parts), shapes, below)


def scaled(kind, args, m, ps, shapes, below):
    R, C = m.shape
    if kind == "orthogonal":
        return orthogonal(m)
    if kind == "xavier_uniform":
        lim = math.sqrt(6 / (R + C))
        return -lim + (2 * lim) * m
    if kind == "xavier_normal":
        return 0 + math.sqrt(2 / (R + C)) * m
    if kind == "normal":
        return 0 + args[0] * m
    if kind == "uniform":
        return args[0] + (args[1] - args[0]) * m
    assert kind == "uniform_fan", kind
    parts = []
    for p, part in zip(ps, cut(m, shapes, below)):
        lim = 1 / math.sqrt(p.fan_in)
        parts.append(-lim + (2 * lim) * part)
    return np.concatenate(parts, 0 if below else 1)


def cut(m, shapes, below):
    at, parts = 0, []
    for r, c in shapes:
        parts.append(m[at:at + r] if below else m[:, at:at + c])
        at += r if below else c
    return parts


def dot(a, b):
    """The sum of products, ascending, each product rounded."""
    s = 0.0
    for x, y in zip(a.tolist(), b.tolist()):
        s += x * y
    return s


def orthogonal(m):
    """Householder's QR of m, or of its transpose if it is wide."""
    if m.shape[0] < m.shape[1]:
        return orthogonal(m.T.copy()).T
    a = m.copy()
    R, C = a.shape
    taus, signs = [], []
    for k in range(C):
        norm = math.sqrt(dot(a[k:, k], a[k:, k]))
        alpha = norm if a[k, k] < 0 else -norm
        a[k, k] -= alpha
        vv = dot(a[k:, k], a[k:, k])
        taus.append(2 / vv if vv > 0 else 0.0)
        signs.append(-1.0 if alpha < 0 else 1.0)
        reflect(a, a[k:, k].copy(), taus[k], k, k + 1)
    q = np.eye(R, C)
    for k in range(C - 1, -1, -1):
        reflect(q, a[k:, k], taus[k], k, k)
    return q * np.array(signs)


def reflect(a, v, tau, k, first):
    """a[k:, first:] -= (tau v) (v' a), sums over rows ascending."""
    if first >= a.shape[1]:
        return
    w = np.zeros(a.shape[1] - first)
    for i, x in enumerate(v.tolist()):
        w = w + x * a[k + i, first:]
    for i, x in enumerate(v.tolist()):
        a[k + i, first:] = a[k + i, first:] - (tau * x) * w
