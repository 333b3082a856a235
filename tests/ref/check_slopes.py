"""check_slopes.py - gradients of the reference beside central differences in
double, for cells that use what the compiled-in ones do not, and the contract's
arithmetic beside double.

usage: check_slopes.py; prints a line a cell, ends with 1 if one is off.
"""
import sys

import numpy as np

from net import Batch, Net

HEAD = "input x\nstate h\n"
CELLS = {
    "sums": HEAD + "param a\nh' = tanh(a - (W x - U h) - -b - h / 2)\n"
    "output h' * a\n",
    "functions": HEAD + "a = W x + U h\n"
    "h' = gelu(a) + swish(a) * softplus(a) - erf(a) / 2\n"
    "output sqrt(1 + h'^2) + log(2 + h' * h') + sin(h') * exp(-square(h'))\n",
    "powers": HEAD + "h' = tanh(W x + U h) ^ 3 + 0.3 * h^1 - h^0 / 9\n"
    "output (3 + h')^-2 * (h' + 1)^5\n",
    "two states": "input x\nstate h, c : 3 = b0, m = -1.5\n"
    "c' = sigmoid(A [h; x; c] + b1)\nh' = cos(B [x; c'; m]) * h\n"
    "m' = m * 0.5 + h'\noutput [h'; c'] * C c + [c'; m']\n",
    "learned start": HEAD.replace("h", "h = b0, c = b0") +
    "h' = tanh(W x + U h + b0)\nc' = c * sin(b0) + h'\noutput c' + b0\n",
    "expressions of learned vectors": HEAD + "param a\nparam c = 0.5\n"
    "d = exp(a + c) * c\ne = d * a - c / d\nh' = tanh(e * h + W x + V d)\n"
    "output h' * e + U a\n",
    "concatenations": HEAD + "c = [h; x]\nd = [c; h * h]\n"
    "h' = tanh(W d + b)\nt : 2*h + x = V c\noutput d * t * [h'; h; x]\n",
    "steps that differ": HEAD + "param a\ng : 5 = tanh(M x)\nat 2:\n"
    "h' = C x * a\nat 1:\nh' = D h + exp(a)\notherwise:\nh' = D h - a\nend\n"
    "output (h' + B g) * cos(h)\n",
    "one matrix in many places": HEAD + "z = tanh(W x + U h)\n"
    "at 3:\nu = U z\notherwise:\nu = U sin(U h)\nend\n"
    "h' = tanh(u - U (z * h))\noutput U [h'] - U z\n",
    "padding that is not finite": HEAD + "h' = tanh(U h + W log(x * x))\n"
    "output h' + V log(x * x)\n",
    "detach": HEAD + "h' = tanh(W x + U h)\n"
    "output detach(h') * h' + detach(W x)\n",
}
TOPS = [{}, {"decoder": "top:5", "layers": 2}, {"encoder": "top:3"}]
TOP_CELL = "input x\nparam a\nparam c\noutput sin(W x - a * c) * c\n"


def problem(text, more, length, windows):
    """A net's loss as a function of its weights, in the kind asked for."""
    rng = np.random.default_rng(5)
    rows, steps = 4, 5
    settings = {"cell": "mine", "size": 4, "cells": {
        "mine": text, "top": TOP_CELL}, **more}
    header = {"input": "vector", "input_size": 3, "target_size": 2}
    x = rng.uniform(-1, 1, (rows, steps, 3)).astype(np.float32)
    if length:
        x[np.arange(steps) >= np.array(length)[:, None]] = 0
    batch = Batch(x, None, length, [1, 0, 1, 1, 1])
    times = rng.uniform(-1, 1, (steps, rows, 2)).astype(np.float32)

    def loss(out, batch, window):
        r = times[slice(*window)].astype(out.dtype)
        on = batch.counted[slice(*window)][..., None]
        return np.where(on, out * r, 0).sum(), r

    def run(net, weights):
        total, gradient, carried = 0, {}, None
        for window in windows:
            r = net.run(weights, batch, window, carried, 0, None, loss)
            total, carried = total + r.loss, r.carried
            for name, g in r.gradient.items():
                gradient[name] = gradient.get(name, 0) + g
        return total, gradient
    return settings, header, run


def check(text, more, length=None):
    settings, header, run = problem(text, more, length, [(0, 5)])
    net = Net(settings, header, "double")
    rng = np.random.default_rng(6)
    weights = {p.name: rng.uniform(-.8, .8, p.shape).astype(np.float32)
               .astype(float) for p in net.params}
    _, gradient = run(net, weights)
    _, single = run(Net(settings, header, "contract"), weights)
    detached = "detach" in text
    far = []
    for name, g in gradient.items():
        top = np.abs(g).max() + 1e-3
        far.append(1e-3 * np.abs(single[name] - g).max() / top)
        if detached:
            continue
        way = rng.uniform(-1, 1, g.shape)
        ends = []
        for step in (1e-5, -1e-5):
            ends.append(run(net, {**weights, name: weights[name] +
                                  step * way})[0])
        slope = (ends[0] - ends[1]) / 2e-5
        far.append(abs(slope - (g * way).sum()) / top)
    return np.max(far)          # NaN if one is


def main():
    bad = 0
    for name, text in CELLS.items():
        tops = TOPS[:1] if "log(x" in text else TOPS    # log's own pole
        far = np.max([check(text, more, length) for more in tops
                      for length in (None, [5, 2, 1, 4])])
        print(f"{name}: {far:.1e}")
        bad += not far < 1e-7
    sys.exit(int(bad > 0))


if __name__ == "__main__":
    main()
