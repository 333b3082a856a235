"""Clipping, optimizers, schedules: docs/numerics.md sections 10, 12, 13.

F is np.float32, with the contract's order and one rounding an operator, or
np.float64, the same formulas without its roundings.
"""
import math

import numpy as np

from losses import tree16

BEYOND = 1e30


def diverged(loss, grads):
    return not math.isfinite(loss) or any(
        not np.all(np.abs(g) <= BEYOND) for g in grads)


def clip(F, grads, cfg):
    """The gradients cut element by element, and the factor of their norm."""
    c = F(cfg["clip_element"])
    if c > 0:
        grads = [np.where(g < -c, -c, np.where(g > c, c, g)) for g in grads]
    if cfg["clip_norm"] > 0:
        norm = math.sqrt(squares(grads))
        if norm > cfg["clip_norm"]:
            return grads, F(cfg["clip_norm"] / norm)
    return grads, F(1)


def squares(grads):
    """The sum of all squares, in double: segments of 4096 in order, of each 16
    partial sums."""
    flat = np.concatenate([g.ravel() for g in grads] + [np.zeros(0)])
    flat, whole = flat.astype(np.float64), 0.0
    for i in range(0, len(flat), 4096):
        part = flat[i:i + 4096]
        whole = whole + tree16((part * part)[None, :])[0]
    return whole


def below(F, x, limit):
    """+0 where |x| is below the limit: of the contract's float alone."""
    return x if F is np.float64 else np.where(np.abs(x) < F(limit), F(0), x)


def rate(cfg, update, part):
    """The rate of update number `update` (from 0); part: what is done of the
    run where it has no number of steps."""
    lr, end = cfg["lr"], cfg["lr_end"]
    p = update / cfg["steps"] if cfg["steps"] else part
    kind = cfg["schedule"]
    if kind == "linear":
        lr = lr + (end - lr) * p
    elif kind == "cosine":
        lr = end + (lr - end) * (0.5 * (1 + math.cos(math.pi * p)))
    elif kind == "exponential":
        lr = lr * math.exp(p * math.log(end / lr))
    if update < cfg["warmup"]:
        lr = lr * ((update + 1) / cfg["warmup"])
    return lr


class Optimizer:
    """The optimizer's arrays beside those of the weights."""

    def __init__(self, F, cfg, weights, touches=()):
        """touches: neurons.touches(), for the rules by hidden units."""
        self.F, self.cfg, self.touches = F, cfg, touches
        self.m = [np.zeros_like(w) for w in weights]
        self.v = [np.zeros_like(w) for w in weights]
        self.power1 = self.power2 = 1.0

    def update(self, weights, grads, lr, rates):
        """New weights; lr and rates (one a parameter) are doubles."""
        grads, scale = clip(self.F, grads, self.cfg)
        self.power1 *= self.cfg["beta1"]
        self.power2 *= self.cfg["beta2"]
        with np.errstate(all="ignore"):
            if self.cfg["optimizer"] in ("per_neuron", "hybrid"):
                return self.scaled(weights, grads, lr, rates, scale)
            return [self.one(i, w, g, self.F(lr * r), scale)
                    for i, (w, g, r) in enumerate(zip(weights, grads, rates))]

    def scaled(self, weights, grads, lr, rates, scale):
        """By the norms of hidden units; the rest by adam."""
        F, decay, out = self.F, self.F(self.cfg["weight_decay"]), []
        power = self.powers(weights)
        for i, (w, g, r) in enumerate(zip(weights, grads, rates)):
            if self.touches[i] is None:
                out.append(self.one(i, w, g, F(lr * self.cfg["adam_rate"] * r),
                                    scale, "adam"))
                continue
            axis, units = self.touches[i]
            eta = (lr * r * power[units]).astype(F)
            if w.ndim == 2 and axis == 0:
                eta = eta[:, None]
            out.append(w - eta * (g * scale + decay * w))
        return out

    def powers(self, weights):
        """Each unit's norm to the power `scaling`, in double."""
        units = [t[1] for t in self.touches if t is not None]
        s = np.zeros(max(u.max() for u in units) + 1)
        for w, t in zip(weights, self.touches):
            if t is None:
                continue
            w = w.astype(np.float64).reshape(len(w), -1)
            for x in w.T if t[0] == 0 else w:
                s[t[1]] = s[t[1]] + x * x
        q, e = np.sqrt(s + 1e-12), self.cfg["scaling"]
        p = q
        for _ in range(abs(e) - 1):
            p = p * q
        return np.ones_like(q) if e == 0 else p if e > 0 else 1 / p

    def one(self, i, w, g, lr, scale, kind=None):
        F, cfg = self.F, self.cfg
        kind = kind or cfg["optimizer"]
        decay, mu = F(cfg["weight_decay"]), F(cfg["momentum"])
        eps = F(cfg["epsilon"])
        a, b = (eps, F(0)) if cfg["epsilon_inside"] else (F(0), eps)
        if kind == "adamw":
            w = w - (lr * decay) * w
            decay = F(0)
        d = g * scale + decay * w
        if kind == "sgd":
            return w - lr * d
        d = below(F, d, 2 ** -50)
        if kind == "momentum":
            m = self.keep_m(i, mu * self.m[i] + d)
            return w - lr * (d + mu * m if cfg["nesterov"] else m)
        if kind == "adagrad":
            self.v[i] = v = self.v[i] + d * d
            return w - (lr * d) / (np.sqrt(v + a) + b)
        if kind == "rmsprop":
            alpha, mu = F(cfg["alpha"]), F(cfg["rmsprop_momentum"])
            rest = F(1 - cfg["alpha"])
            v = self.keep_v(i, alpha * self.v[i] + rest * (d * d))
            q = d / (np.sqrt(v + a) + b)
            if mu == 0:
                return w - lr * q
            return w - lr * self.keep_m(i, mu * self.m[i] + q)
        b1, b2 = F(cfg["beta1"]), F(cfg["beta2"])
        rest1, rest2 = F(1 - cfg["beta1"]), F(1 - cfg["beta2"])
        c1, c2 = F(1 - self.power1), F(1 - self.power2)
        m = self.keep_m(i, b1 * self.m[i] + rest1 * d)
        v = self.keep_v(i, b2 * self.v[i] + rest2 * (d * d))
        return w - (lr / c1) * (m / (np.sqrt(v) / np.sqrt(c2) + eps))

    def keep_m(self, i, m):
        self.m[i] = below(self.F, m, 2 ** -100)
        return self.m[i]

    def keep_v(self, i, v):
        self.v[i] = below(self.F, v, 2 ** -124)
        return self.v[i]
