"""arith64.py - the functions of a cell in double, from their definitions."""
import math

import numpy as np

ROOT_2PI, ROOT_PI = math.sqrt(2 * math.pi), math.sqrt(math.pi)
erf = np.vectorize(math.erf, otypes=[np.float64])
erfc = np.vectorize(math.erfc, otypes=[np.float64])


def sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e, 1.0) / (1 + e)


def phi(x):
    return erfc(-x / math.sqrt(2)) / 2


def gelu_d(x):
    return phi(x) + x * np.exp(-x * x / 2) / ROOT_2PI


def swish_d(x):
    s = sigmoid(x)
    return s + x * s * sigmoid(-x)


FUNCTIONS = {"exp": np.exp, "sigmoid": sigmoid, "tanh": np.tanh,
             "log": np.log, "sin": np.sin, "cos": np.cos, "erf": erf,
             "gelu": lambda x: x * phi(x), "swish": lambda x: x * sigmoid(x),
             "softplus": lambda x: np.maximum(x, 0)
             + np.log1p(np.exp(-np.abs(x))),
             "relu": lambda x: np.where(x <= 0, 0.0, x),
             "square": lambda x: x * x, "sqrt": np.sqrt, "abs": np.abs}
SLOPES = {
    "sigmoid": lambda x, y, d: d * (sigmoid(x) * sigmoid(-x)),
    "tanh": lambda x, y, d: d / np.square(np.cosh(x)),
    "exp": lambda x, y, d: d * y,
    "log": lambda x, y, d: d / x,
    "sin": lambda x, y, d: d * np.cos(x),
    "cos": lambda x, y, d: d * -np.sin(x),
    "erf": lambda x, y, d: d * 2 / ROOT_PI * np.exp(-x * x),
    "gelu": lambda x, y, d: d * gelu_d(x),
    "swish": lambda x, y, d: d * swish_d(x),
    "softplus": lambda x, y, d: d * sigmoid(x),
    "relu": lambda x, y, d: d * (x > 0),
    "square": lambda x, y, d: d * 2 * x,
    "sqrt": lambda x, y, d: d / (2 * y),
    "abs": lambda x, y, d: d * np.sign(x),
}
