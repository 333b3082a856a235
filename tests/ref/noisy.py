"""The reference in double with noise of a float's rounding behind everything
that the contract rounds: what a gradient changes by then is as near as any
float can be.

    with noisy.noise(seed):
        net.run(...)

The noise is of each operator's result and, where a sum is rounded on the way,
of each of its terms: a sum that cancels is only known to a few last bits of
what it is made of, forward, in the adjoints, and over steps and rows.
"""
import contextlib

import numpy as np

import arith
import gradient
import layer
import losses

EXACT = "param", "number", "cat", "neg", "drop"
SIZE = 2.0 ** -23


class Touch:
    """Replacements for what rounds; `was`: what they take the place of."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.was = {}

    def touch(self, v):
        return v * (1 + self.rng.uniform(-SIZE, SIZE, np.shape(v)))

    def replace(self, owner, name, how):
        """how(plain function, its arguments) in place of owner.name."""
        plain = getattr(owner, name)
        self.was[owner, name] = owner.__dict__[name]

        def new(*args):
            return how(plain, *args)
        setattr(owner, name, staticmethod(new)
                if isinstance(self.was[owner, name], staticmethod) else new)

    def back(self):
        for (owner, name), plain in self.was.items():
            setattr(owner, name, plain)

    # ---- forward
    def value(self, plain, run, node, values, t):
        v = plain(run, node, values, t)
        return v if node.kind in EXACT or np.ndim(v) == 0 else self.touch(v)

    def sum(self, plain, run, node, values, t):
        terms = {n: self.touch(values[n])
                 for _, n, _ in node.learned + node.others}
        return plain(run, node, {**values, **terms}, t)

    def chain(self, plain, w, v, c):
        return plain(self.touch(w), v, c if c is None else self.touch(c))

    # ---- reverse
    def give(self, plain, step, node, place, dy):
        plain(step, node, place, self.touch(dy))

    def adjoint(self, plain, step, node):
        s = plain(step, node)
        return s if s is None else self.touch(s)

    def over_time(self, plain, *args):
        return self.touch(plain(*args))

    def spread(self, plain, a, node, dy, values, give):
        plain(a, node, dy, values,
              lambda n, place, d: give(n, place, self.touch(d)))

    def softmax(self, plain, x, exp):
        p, s, m = plain(x, exp)
        return self.touch(p), s, m


@contextlib.contextmanager
def noise(seed):
    t = Touch(seed)
    for owner, name in ((layer.Pass, "value"), (layer.Pass, "sum"),
                        (arith.Double, "chain"), (layer.Reverse, "give"),
                        (layer.Reverse, "adjoint"),
                        (gradient.Gradient, "over_time"),
                        (gradient, "spread"), (losses, "softmax")):
        t.replace(owner, name, getattr(t, name))
    try:
        yield
    finally:
        t.back()
