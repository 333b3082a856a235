"""over.py - functions over a vector's units, or over those of each of its heads:
docs/cells.md says what each is, docs/numerics.md section 18 to the bit.

A function that is spelt out is a list of steps, each (kind, more, operands): a
node's kind and what else it has, and what it is of: "x", a number, or the
place of an earlier step.
"""
import numpy as np

PLAIN = "sum", "amax", "cumsum", "cumprod"
SPELT = "mean", "softmax", "layernorm", "rmsnorm"
FUNCTIONS = PLAIN + SPELT
UNITS = "units"                 # a number: the units of a head
EPSILON = 1e-5


def call(function):
    return "call", {"function": function}


def mean(of, at):
    """Steps of the mean of `of`; the first is number `at`."""
    return [(*call("sum"), [of]), ("div", {}, [at, UNITS])]


def scaled(of, at):
    """of / sqrt(mean(of^2) + EPSILON)"""
    return [(*call("square"), [of]), *mean(at, at + 1),
            ("add", {}, [at + 2, EPSILON]), (*call("sqrt"), [at + 3]),
            ("div", {}, [of, at + 4])]


STEPS = {
    "mean": mean("x", 0),
    "softmax": [(*call("amax"), ["x"]), (*call("detach"), [0]),
                ("sub", {}, ["x", 1]), (*call("exp"), [2]),
                (*call("sum"), [3]), ("div", {}, [3, 4])],
    "layernorm": [*mean("x", 0), ("sub", {}, ["x", 1]), *scaled(2, 3)],
    "rmsnorm": scaled("x", 0),
}
STEPS.update({f: [(*call(f), ["x"])] for f in PLAIN})


def split(x, heads):
    return np.reshape(x, np.shape(x)[:-1] + (heads, -1))


def total(x):
    """The sum over the last axis: 16 partial sums, then the tree."""
    s = np.zeros(x.shape[:-1] + (16,), x.dtype)
    for j in range(0, x.shape[-1], 16):
        part = x[..., j:j + 16]
        s[..., :part.shape[-1]] = s[..., :part.shape[-1]] + part
    for half in 8, 4, 2, 1:
        s = s[..., :half] + s[..., half:2 * half]
    return s


def largest(x):
    return x.max(-1, keepdims=True) + x.dtype.type(0)


def running(x, step):
    y = x.copy()
    for j in range(1, x.shape[-1]):
        y[..., j] = step(y[..., j - 1], x[..., j])
    return y


def value(function, x, heads):
    x = split(np.asarray(x), heads)
    if function == "cumsum":
        y = running(x, np.add)
    elif function == "cumprod":
        y = running(x, np.multiply)
    else:
        one = total(x) if function == "sum" else largest(x)
        y = np.broadcast_to(one, x.shape)
    return y.reshape(y.shape[:-2] + (-1,))


def slope(function, x, y, d, heads):
    """What the adjoint d of the value y makes of the argument's."""
    shape = np.broadcast_shapes(np.shape(x), np.shape(d))
    x, y, d = (split(np.broadcast_to(v, shape), heads) for v in (x, y, d))
    out = np.zeros(d.shape, d.dtype)
    if function == "sum":
        out[:] = total(d)
    elif function == "amax":
        here = x == largest(x)
        first = here & (np.cumsum(here, -1) == 1)
        out = np.where(first, total(d), d.dtype.type(0))
    else:
        n = x.shape[-1]
        s = d[..., n - 1]
        for j in range(n - 1, -1, -1):
            out[..., j] = s if function == "cumsum" or j == 0 \
                else s * y[..., j - 1]
            if j:
                s = d[..., j - 1] + (s if function == "cumsum" else
                                     x[..., j] * s)
    return out.reshape(shape)
