"""check_arith.py - arith32.py beside exact fractions (fma) and beside double
(the functions, within the errors that docs/numerics.md names).

usage: check_arith.py; prints a line a function, ends with 1 if one is off.
"""
import math
import sys
from fractions import Fraction

import numpy as np

import arith32
import arith64

# Beside those that are correctly rounded.
ULPS = {"exp": 1.0, "sigmoid": 1.6, "swish": 1.9, "tanh": 1.8, "log": 0.8,
        "softplus": 1.7, "sin": 1.6, "cos": 1.6, "erf": 1.1, "gelu": 2.0}


def round_to_float(q):
    """A fraction to the nearest float, ties to even; a Python float."""
    if q == 0:
        return 0.0
    e = math.frexp(float(abs(q)))[1]
    while abs(q) >= Fraction(2) ** e:
        e += 1
    while abs(q) < Fraction(2) ** (e - 1):
        e -= 1
    unit = Fraction(2) ** max(e - 24, -149)
    value = round(q / unit) * unit            # round() takes ties to even
    return math.copysign(math.inf, q) if abs(value) >= Fraction(2) ** 128 \
        else float(value)


def triples(rng, n):
    """Arguments of fma whose sums cancel, tie or are subnormal."""
    def some(low, high):
        return (rng.choice([-1, 1], n) * (1 + rng.integers(0, 1 << 23, n) /
                2.0 ** 23) * 2.0 ** rng.integers(low, high, n)
                ).astype(np.float32)
    few = [(1 + rng.integers(0, 8, n) * 2.0 ** -23).astype(np.float32)
           for _ in range(3)]
    x, y = some(-4, 4), some(-4, 4)
    yield x, y, some(-8, 8)
    yield x, y, -(x.astype(float) * y).astype(np.float32)
    yield few[0], few[1], (few[2] * 2.0 ** rng.integers(-30, 30, n)
                           ).astype(np.float32)
    yield some(-90, -60), some(-80, -60), some(-149, -120)
    yield some(-75, -70), some(-80, -74), some(-149, -140)
    yield some(60, 64), some(60, 66), some(120, 127)
    yield few[0], few[1] * np.float32(2.0 ** -24), -few[2]
    # a hair below half a unit: ties of the double but not of the sum
    one = np.float32(2.0 ** -24)
    for sign in 1, -1:
        yield few[0], (2 - few[0]) * one, few[2] * np.float32(sign)


def check_fma(rng):
    bad = 0
    for x, y, z in triples(rng, 400):
        got = arith32.fma(x, y, z)
        for i in range(len(x)):
            want = round_to_float(Fraction(float(x[i])) *
                                  Fraction(float(y[i])) +
                                  Fraction(float(z[i])))
            bad += float(got[i]) != want
    return bad


def arguments(rng):
    """Floats of all magnitudes, and many from -20 to 20."""
    bits = rng.integers(0, 1 << 32, 40000, dtype=np.uint32)
    x = bits.view(np.float32)
    return np.concatenate([x[np.isfinite(x)], rng.uniform(
        -20, 20, 40000).astype(np.float32), np.linspace(
        -1, 1, 20001).astype(np.float32)])


def in_ulps(got, want):
    near = want.astype(np.float32)
    unit = np.maximum(np.spacing(np.abs(near)).astype(float), 2.0 ** -149)
    same = got.astype(float) == near
    return np.nanmax(np.where(same | np.isinf(near), 0,
                              np.abs(got - want) / unit))


def main():
    rng, bad = np.random.default_rng(1), 0
    with np.errstate(all="ignore"):
        wrong = check_fma(rng)
    print("fma:", wrong, "wrong")
    bad += wrong > 0
    x = arguments(rng)
    wide = x.astype(float)
    with np.errstate(all="ignore"):
        for name in arith64.FUNCTIONS:
            limit = ULPS.get(name, 0.5)
            want = arith64.FUNCTIONS[name](wide)
            got = arith32.FUNCTIONS[name](x)
            worst = in_ulps(got, want)
            odd = np.isnan(got) != np.isnan(want)
            print(f"{name}: {worst:.2f} ulp of {limit}")
            bad += not worst <= limit or odd.any()
        for name, got, want, limit in (
                ("gelu'", arith32.gelu_d(x), arith64.gelu_d(wide), 2.1),
                ("swish'", arith32.swish_d(x), arith64.swish_d(wide), 2.6)):
            worst = np.nanmax(np.abs(got - want)) * 2.0 ** 24
            print(f"{name}: {worst:.2f} * 2^-24 of {limit}")
            bad += not worst <= limit
    sys.exit(int(bad > 0))


if __name__ == "__main__":
    main()
