"""Random numbers by counter, docs/numerics.md section 9: Philox 4x32-10."""
import math

import numpy as np

INIT, ORDER, DROPOUT = 1, 2, 3
LOW = np.uint64(0xffffffff)
S32 = np.uint64(32)


def philox(seed, low, high, step, purpose):
    """Blocks of four words; low and high are arrays (n), the result (n,4)."""
    n = len(low)
    c = [np.asarray(low, np.uint64) & LOW, np.asarray(high, np.uint64) & LOW,
         np.full(n, step & 0xffffffff, np.uint64),
         np.full(n, purpose, np.uint64)]
    k0, k1 = seed & 0xffffffff, seed >> 32
    for _ in range(10):
        p0 = c[0] * np.uint64(0xD2511F53)
        p1 = c[2] * np.uint64(0xCD9E8D57)
        c = [(p1 >> S32) ^ c[1] ^ np.uint64(k0), p1 & LOW,
             (p0 >> S32) ^ c[3] ^ np.uint64(k1), p0 & LOW]
        k0 = (k0 + 0x9E3779B9) & 0xffffffff
        k1 = (k1 + 0xBB67AE85) & 0xffffffff
    return np.stack(c, 1).astype(np.uint32)


class Draws:
    """One row of draws: (seed, step, purpose), index from 0."""

    def __init__(self, seed, step, purpose):
        self.key = seed, step, purpose
        self.index = 0
        self.words = []

    def take(self, n):
        """The next n words, a list of ints."""
        if len(self.words) < n:
            more = max(16, (n - len(self.words) + 3) // 4)
            i = np.arange(self.index, self.index + more, dtype=np.uint64)
            seed, step, purpose = self.key
            self.words += philox(seed, i & LOW, i >> S32, step,
                                 purpose).ravel().tolist()
            self.index += more
        got, self.words = self.words[:n], self.words[n:]
        return got

    def floats(self, n):
        """n floats in [0, 1), exact in double as well."""
        return [(w >> 8) * 2.0 ** -24 for w in self.take(n)]

    def double(self):
        a, b = self.take(2)
        return ((a >> 5) * 2.0 ** 26 + (b >> 6)) * 2.0 ** -53

    def normal(self):
        u, v = self.double(), self.double()
        return math.sqrt(-2 * math.log(1 - u)) * math.cos(2 * math.pi * v)

    def below(self, n):
        while True:
            m = self.take(1)[0] * n
            if m & 0xffffffff >= 2 ** 32 % n:
                return m >> 32

    def shuffle(self, n):
        a = list(range(n))
        for i in range(n, 1, -1):
            j = self.below(i)
            a[i - 1], a[j] = a[j], a[i - 1]
        return a


def keep(seed, update, site, t, rows, total, units, p):
    """Which units drop() number `site` of the net keeps at step t (from the
    sequence's start): bool (len(rows), units).  rows: numbers in the batch of
    `total` rows."""
    blocks = (units + 3) // 4
    low = np.repeat(np.asarray(rows, np.uint64) +
                    np.uint64(t * total & 0xffffffff), blocks)
    high = np.tile(np.arange(blocks, dtype=np.uint64) +
                   np.uint64(site << 16), len(rows))
    w = philox(seed, low, high, update, DROPOUT)
    return w.reshape(len(rows), blocks * 4)[:, :units] >= p * 2.0 ** 32
