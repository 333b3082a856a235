"""derived.py - matrices made of learned ones: docs/numerics.md, section 20; in
double, operation by operation in its order."""
import math

import numpy as np

KINDS = "cayley", "exp", "householder"


def rows_off(x, k, rows, by):
    """Take row k of x, times by[i], off each row i."""
    for i, f in zip(rows, by):
        x[i] = x[i] - f * x[k]


def multiply(x, y):
    z = np.zeros_like(x)
    for k in range(len(x)):
        z = z + x[:, k:k + 1] * y[k]
    return z


def solve(m, x):
    """m^-1 x, by Gauss without exchanges."""
    m, x, n = m.copy(), x.copy(), len(m)
    for k in range(n):
        below = range(k + 1, n)
        f = [m[i, k] / m[k, k] for i in below]
        rows_off(m, k, below, f)
        rows_off(x, k, below, f)
    for k in reversed(range(n)):
        x[k] = x[k] / m[k, k]
        rows_off(x, k, range(k), m[:k, k])
    return x


def skew(a):
    return (a - a.T) / 2


def cayley(s):
    one = np.eye(len(s))
    return solve(one + s, one - s)


def cayley_back(s, g):
    t = solve(np.eye(len(s)) - s, g)
    return -(multiply(t, cayley(s).T) + t)


def back(dz, x, y, dx, dy):
    """z = x y; added to dx and dy in place."""
    dx += multiply(dz, y.T)
    dy += multiply(x.T, dz)


def exponential(s, g=None):
    """e^s, or with the gradient g by it that by s."""
    most, by, halved = 0.0, 1.0, 0
    for row in np.abs(s):
        most = max(most, sum(row.tolist()))
    while halved < 60 and most > 0.5:
        most, by, halved = most / 2, by / 2, halved + 1
    f = [float(math.factorial(k)) for k in range(13)]
    x = [None, s * by]
    x.append(multiply(x[1], x[1]))
    x += [multiply(x[2], x[1]), multiply(x[2], x[2])]
    b = []
    for k in range(3):
        b.append(np.eye(len(s)) / f[4 * k])
        for j in range(1, 5 if k == 2 else 4):
            b[k] = b[k] + x[j] / f[4 * k + j]
    q = multiply(x[4], b[2]) + b[1]
    y = [multiply(x[4], q) + b[0]]
    for k in range(halved):
        y.append(multiply(y[k], y[k]))
    if g is None:
        return y[halved]
    for k in reversed(range(halved)):
        z = np.zeros_like(g)
        back(g, y[k], y[k], z, z)
        g = z
    d = [np.zeros_like(g) for _ in range(5)]
    db = [g.copy(), np.zeros_like(g), np.zeros_like(g)]
    back(g, x[4], q, d[4], db[1])
    back(db[1], x[4], b[2], d[4], db[2])
    for k in range(3):
        for j in range(1, 5 if k == 2 else 4):
            d[j] = d[j] + 1 / f[4 * k + j] * db[k]
    back(d[4], x[2], x[2], d[2], d[2])
    back(d[3], x[2], x[1], d[2], d[1])
    back(d[2], x[1], x[1], d[1], d[1])
    return d[1] * by


def times(v, u):
    """v^T u, rows ascending."""
    w = np.zeros(len(v))
    for i, c in enumerate(v):
        w = w + c * u[i]
    return w


def dot(x, y):
    s = 0.0
    for a, b in zip(x, y):
        s = s + a * b
    return s


def factor(v):
    vv = dot(v, v)
    return 2 / vv if vv > 0 else 0.0


def reflected(v, u):
    return u - (factor(v) * v)[:, None] * times(v, u)


def householder(v):
    u = np.eye(len(v))
    for k in reversed(range(len(v))):
        u = reflected(v[:, k], u)
    return u


def householder_back(vs, g):
    y, d = householder(vs), np.zeros_like(vs)
    for k in range(len(vs)):
        v = vs[:, k]
        f = factor(v)
        y = reflected(v, y)
        w, h = times(v, y), times(v, g)
        hw = dot(h, w)
        for i in range(len(v)):
            d[i, k] = f * f * hw * v[i] - f * (dot(g[i], w) + dot(y[i], h))
        g = g - (f * v)[:, None] * h
    return d


def made(kind, a):
    a = np.asarray(a, np.float64)
    return householder(a) if kind == "householder" else \
        {"cayley": cayley, "exp": exponential}[kind](skew(a))


def gradient(kind, a, g):
    a, g = np.asarray(a, np.float64), np.asarray(g, np.float64)
    if kind == "householder":
        return householder_back(a, g)
    return skew({"cayley": cayley_back, "exp": exponential}[kind](skew(a), g))
