"""arith.py - two arithmetics of one interface: `Double`, where the order of
rounding does not matter, and `Contract`, docs/numerics.md's float bit by bit.
"""
import numpy as np

import arith32
import arith64


class Double:
    dtype = np.float64
    functions, slopes = arith64.FUNCTIONS, arith64.SLOPES

    @staticmethod
    def number(value):
        return np.float64(value)

    @staticmethod
    def chain(w, v, c):
        """c + sum over k of w[i][k] * v[..., k]; c may be None."""
        y = v @ w.T
        return y if c is None else c + y

    @staticmethod
    def lookup(w, tokens):
        return w[:, tokens].T

    @staticmethod
    def over_pairs(dy, v):
        """dy (S, T, B, n), v (S, T, B, m) -> (n, m): sums over the rest."""
        n, m = dy.shape[-1], v.shape[-1]
        return dy.reshape(-1, n).T @ v.reshape(-1, m)

    @staticmethod
    def trim(x):
        return x

    @staticmethod
    def keep_scale(p):
        return np.float64(1 / (1 - p))


class Contract:
    dtype = np.float32
    functions, slopes = arith32.FUNCTIONS, arith32.SLOPES

    @staticmethod
    def number(value):
        return np.float32(value)

    @staticmethod
    def chain(w, v, c):
        shape = np.broadcast_shapes(v.shape[:-1]) + (w.shape[0],)
        if c is None:
            c = np.zeros(shape, np.float32)
        w, v = w.astype(np.float64), v.astype(np.float64)
        for k in range(w.shape[1]):
            c = arith32.fma(w[:, k], v[..., k:k + 1], c)
        return c

    @staticmethod
    def lookup(w, tokens):
        return w[:, tokens].T

    @staticmethod
    def trim(x):
        return arith32.trim(x)

    @staticmethod
    def keep_scale(p):
        return np.float32(1) / (np.float32(1) - np.float32(p))
