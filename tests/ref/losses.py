"""Losses of a window and their adjoints: docs/numerics.md sections 8 and 11.

    loss = losses.Loss("cross_entropy", arithmetic)
    (total, right, places), adjoint = loss(out, batch, (0, T))

out (T,B,K) are the window's outputs; batch.target (B,T,...), batch.counted
(T,B).  The total is that of the places, not their mean, as it is reported.
"""
import numpy as np


def tree16(e):
    """Sums of e (n,K) over K as 16 partial sums, folded by halves."""
    s = np.zeros((len(e), 16), e.dtype)
    for j in range(e.shape[1]):
        s[:, j % 16] = s[:, j % 16] + e[:, j]
    for half in 8, 4, 2, 1:
        s = s[:, :half] + s[:, half:]
    return s[:, 0]


def softmax(x, exp):
    """Probabilities of logits x (n,K), sums, largest; NaN rows where a logit
    is NaN or the largest is infinite."""
    with np.errstate(all="ignore"):
        m = np.max(x, axis=1)                     # NaN if any is
        e = exp(x - m[:, None])
        s = tree16(e)
        p = e / s[:, None]
        p[~np.isfinite(m)] = np.nan
    return p, s, m


class Loss:
    """kind: cross_entropy, cross_entropy_sum, mse_mean, mse_sum; a: the
    arithmetic."""

    def __init__(self, kind, a):
        self.kind, self.exp, self.trim = kind, a.functions["exp"], a.trim
        self.by_class = kind.startswith("cross")

    def __call__(self, out, batch, window):
        """((sum of the losses, places that are right, places), adjoint)."""
        F = out.dtype.type
        counted = batch.counted[window[0]:window[1]]
        places = int(counted.sum())
        target = np.swapaxes(np.asarray(batch.target), 0, 1)
        target = target[window[0]:window[1]][counted]
        x = out[counted]
        adjoint = np.zeros_like(out)
        with np.errstate(all="ignore"):    # outputs may be infinite
            if self.by_class:
                loss, right, dx = self.cross(F, x, target.astype(int), places)
            else:
                loss, right, dx = self.square(F, x, target.astype(F), places)
        adjoint[counted] = self.trim(dx)
        return (self.total(loss, counted), int(right.sum()), places), adjoint

    def cross(self, F, x, k, places):
        n = np.arange(len(k))
        p, s, m = softmax(x, self.exp)
        loss = np.log(s.astype(float)) - (x[n, k].astype(float) -
                                          m.astype(float))
        loss[~np.isfinite(m)] = np.nan
        dx = p.copy()
        dx[n, k] = p[n, k] - F(1)
        count = F(places if self.kind == "cross_entropy" else 1)
        right = (np.argmax(x, axis=1) == k) & np.isfinite(m)
        return loss, right, dx / count

    def square(self, F, x, y, places):
        d = x - y
        wide = d.astype(float)
        loss = tree16(wide * wide)
        n = F(1)
        if self.kind == "mse_mean":
            loss = loss / d.shape[1]
            n = F(places * d.shape[1])
        return loss, np.argmax(x, axis=1) == np.argmax(y, axis=1), (d + d) / n

    @staticmethod
    def total(loss, counted):
        """Rows in blocks of 64, a block's pairs (step, row) in chunks of 256,
        of a chunk 16 partial sums."""
        at = np.zeros(counted.shape)
        at[counted] = loss
        window = 0.0
        for r in range(0, counted.shape[1], 64):
            pairs, block = at[:, r:r + 64].ravel(), 0.0
            for c in range(0, len(pairs), 256):
                block = block + tree16(pairs[None, c:c + 256])[0]
            window = window + block
        return window
