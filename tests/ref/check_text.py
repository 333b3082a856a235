"""check_text.py - what a text means: cells of one step beside the same written
out in numpy.

usage: check_text.py; prints a line a cell, ends with 1 if one is off.
"""
import sys

import numpy as np

from celltext import Refused
from net import Batch, Net

# (text after `input x`, options, its output of x and the weights in order)
CELLS = [
    ("output a - (b - x) - -b * 2\nparam a\nparam b\n", {},
     lambda x, a, b: a - b + x + 2 * b),
    ("output -(W x - -b - x) - (x - b)\n", {},
     lambda x, W, b: -(x @ W.T + b - x) - x + b),
    ("output -x^2 + 3 * x^-1 - x^3 / 2\n", {},
     lambda x: -x * x + 3 / x - x ** 3 / 2),
    ("y : x = V x^2\nv : 5 = U x\nsize k = 2\nt : k = W2 v\n"
     "output W1 t * y\n", {},
     lambda x, V, U, W2, W1: ((x @ U.T @ W2.T) @ W1.T) * (x @ V.T) ** 2),
    ("output x - x / x / 2 * x - 1 - 2\n", {},
     lambda x: x - 0.5 * x - 3),
    ("y = x  # once\ny = y * y\noutput min(y, 0.5) +\n  max(\n0.1, x)\n", {},
     lambda x: np.minimum(x * x, .5) + np.maximum(.1, x)),
    ("c = [x; x * 2]\nd = [c; x]\nz : 4 = W2 c\n"
     "output W [d; z] + [b1; b2]\nparam b1 : 1\nparam b2\n", {},
     lambda x, W2, W, b1, b2: np.concatenate(
         [x, 2 * x, x, np.concatenate([x, 2 * x], -1) @ W2.T], -1) @ W.T
     + np.concatenate([b1, b2])),
    ("option k = 1\nc = [x; 2 * x; x[k:x]]\ny = c[k:k + x]\n"
     "output W y[0 : 1] + V [c[x:2*x]; y[x - 1:x]]\n", {},
     lambda x, W, V: x[:, 1:] @ W.T + np.concatenate(
         [2 * x, 2 * x[:, :1]], -1) @ V.T),
    ("option k = 2\noption on = false\noption how = plain\n"
     "if not on and (k > 1 or how == odd)\noutput k * x\n"
     "else if how != plain\noutput V x\nelse\noutput 9 * x\nend\n", {},
     lambda x: 2 * x),
    ("option k = 2\noption on = false\noption how = plain\n"
     "if not on and (k > 1 or how == odd)\noutput k * x\n"
     "else if how != plain\noutput 7 * x\nelse\noutput 9 * x\nend\n",
     {"on": True, "how": "odd"}, lambda x: 7 * x),
    ("at 1: output 2 * pi * x\nat 2: output x\notherwise: output -x\nend\n",
     {}, lambda x: 2 * np.pi * x),
    ("if first_layer and last_layer\noutput relu(x) - abs(x)\nend\n", {},
     lambda x: np.maximum(x, 0) - np.abs(x)),
    ("param a\nn = square(a)\noutput x * (b8 + n)\n", {},
     lambda x, a, b8: x * (b8 + a * a)),
    ("output softplus(x) - swish(x) + gelu(-x) + erf(x)\n", {},
     lambda x: np.log1p(np.exp(x)) - x / (1 + np.exp(-x))
     - x * np.vectorize(phi)(-x) + 2 * np.vectorize(phi)(2 ** .5 * x) - 1),
]


def phi(z):
    """The normal distribution function by Simpson's rule."""
    t = np.linspace(0, z, 2001)
    w = np.ones(2001)
    w[1:-1:2], w[2:-1:2] = 4, 2
    return 0.5 + (w * np.exp(-t * t / 2)).sum() * z / 6000 / (2 * np.pi) ** .5


REFUSED = ["output y\n", "output x +\n", "h = W x\noutput h\n"
           "state h\n".replace("state h\n", "") + "output\n",
           "output [x; x] * x\n", "if k\noutput x\n", "output W * x\n",
           "output tahn(x) + V (\n", "state h\nh' = x * h\noutput h'\n",
           "param a\noutput (a - beta) * x\n", "output x\ninit * normal(1)\n",
           "state m\nm' = A m\noutput x\n",
           "state m = b0\nm' = 0.5 * m\noutput x\n",
           "g = V x\nh = V x\ng = A g\noutput h\n",
           "output x[0:3]\n", "output x[1:1]\n", "output x[-1:1]\n",
           "output x[0:0.5]\n", "output x[0:k]\n", "output x[0]\n",
           "output W x[0:1] + x[0:1] * x\n",
           "option k = 3\noutput k[0:1] * x\n",
           "g = V x\nat 1: g = U x\notherwise: g = x\nend\noutput g\n"]


def check(text, options, formula, kind):
    net = Net({"cell": "mine", "size": 4, "head": "same", "options": options,
               "cells": {"mine": "input x\n" + text,
                         "same": "input x\noutput x\n"}},
              {"input": "vector", "input_size": 2, "target_size": 2}, kind)
    rng = np.random.default_rng(3)
    x = rng.uniform(.2, 1, (3, 1, 2)).astype(np.float32)
    weights = {p.name: rng.uniform(-1, 1, p.shape).astype(np.float32)
               for p in net.params}
    want = formula(x[:, 0].astype(float), *[w.astype(float)
                                            for w in weights.values()])
    return np.abs(net.run(weights, Batch(x)).out[0] - want).max()


def main():
    bad = 0
    for text, options, formula in CELLS:
        far = [check(text, options, formula, kind)
               for kind in ("double", "contract")]
        print(text.split("\n")[0], "...: %.0e %.0e" % tuple(far))
        bad += not (far[0] < 1e-11 and far[1] < 3e-6)
    for text in REFUSED:
        try:
            check(text, {}, lambda x: x, "double")
            print("taken:", text)
            bad += 1
        except Refused:
            pass
    sys.exit(int(bad > 0))


if __name__ == "__main__":
    main()
