"""Training by the reference: docs/numerics.md sections 11 to 15 and the
settings of docs/config.md.

    run = train.Run(net, config, feed, weights, by_class)
    for u in run: u.step, u.loss, u.accuracy, u.lr, run.weights
"""
import math
from collections import namedtuple

import numpy as np

import draws
import losses
import neurons
import optim
from net import Batch

DEFAULTS = {
    "steps": 0, "epochs": 0, "bptt": 0, "batch": 0, "loss": "auto",
    "optimizer": "adam", "lr": 0.001, "momentum": 0.9, "nesterov": False,
    "rmsprop_momentum": 0, "alpha": 0.99, "beta1": 0.9, "beta2": 0.999,
    "epsilon": 1e-8, "epsilon_inside": False, "weight_decay": 0,
    "schedule": "constant", "lr_end": 0, "warmup": 0, "clip_norm": 0,
    "clip_element": 0, "seed": 1, "average": 0.95, "average_start": -1,
    "scaling": -1, "adam_rate": 1, "stop_reduction": 0,
}

Update = namedtuple("Update", "step loss accuracy average lr")


class Batches:
    """Batches in their order: of an endless stream (count 0), or of a set
    that continues (then again and again)."""

    def __init__(self, batches, stored, continues):
        self.all, self.continues = batches, continues
        self.count = len(batches) if stored else 0

    def get(self, epoch, index):
        return self.all[index] if index < len(self.all) else None


class Rows:
    """A stored set of sequences, in a fresh order each epoch; a row is a dict
    of input (T,..), target (T,..), scored (T)."""

    continues = False

    def __init__(self, rows, batch, seed):
        self.rows, self.batch, self.seed = rows, batch, seed
        self.count = (len(rows) + batch - 1) // batch

    def get(self, epoch, index):
        order = draws.Draws(self.seed, epoch, draws.ORDER) \
            .shuffle(len(self.rows))
        at = index * self.batch
        return join([self.rows[i] for i in order[at:at + self.batch]])


def join(rows):
    """A batch as long as its longest row."""
    lengths = [len(r["scored"]) for r in rows]
    T = max(lengths)

    def pad(key):
        a = [np.asarray(r[key]) for r in rows]
        out = np.zeros((len(a), T) + a[0].shape[1:], a[0].dtype)
        for i, r in enumerate(a):
            out[i, :len(r)] = r
        return out

    return Batch(pad("input"), pad("target"), np.array(lengths),
                 pad("scored").astype(bool))


def loss_name(config, by_class):
    name = config.get("loss", "auto")
    if name != "auto":
        return name
    return "cross_entropy" if by_class else "mse_mean"


class Run:
    """weights: dict name -> array, in the net's order.  limit: updates at
    most.  After the last, self.weights are what is left, and self.diverged
    the update that could not be made (or None)."""

    def __init__(self, net, config, feed, weights, by_class):
        self.net, self.feed = net, feed
        self.cfg = dict(DEFAULTS, **{k: v for k, v in config.items()
                                     if k in DEFAULTS})
        if not self.cfg["steps"] and not self.cfg["epochs"]:
            self.cfg["epochs" if feed.count else "steps"] = \
                10 if feed.count else 10000
        self.loss = losses.Loss(loss_name(config, by_class), net.a)
        self.F = net.a.dtype
        self.names = [p.name for p in net.params]
        self.rates = [p.rate for p in net.params]
        self.weights = {n: np.asarray(weights[n], np.float32).astype(self.F)
                        for n in self.names}
        self.optim = optim.Optimizer(self.F, self.cfg,
                                     list(self.weights.values()),
                                     neurons.touches(net))
        self.updates, self.diverged, self.average = 0, None, None
        self.first, self.down = None, False
        self.total = self.places = 0        # since the epoch began

    def windows(self):
        """(batch, window, where it stands in the run, first of a sequence,
        steps its rows have seen before the batch)."""
        epoch = index = seen = 0
        while not self.cfg["epochs"] or epoch < self.cfg["epochs"]:
            batch = self.feed.get(epoch, index)
            if batch is None:
                return
            if not self.feed.continues or index == 0:
                seen = 0             # their sequences start here
            k = self.cfg["bptt"] or batch.steps
            for t in range(0, batch.steps, k):
                n, every = self.feed.count, self.cfg["epochs"]
                done = (epoch * n + index) / (every * n) if n and every else 0
                fresh = t == 0 and (not self.feed.continues or index == 0)
                yield (batch, (t, min(t + k, batch.steps)), min(done, 1),
                       fresh, seen)
            seen += batch.steps
            index += 1
            if self.feed.count and index == self.feed.count:
                epoch, index = epoch + 1, 0
                self.look(self.total / max(self.places, 1))
                self.total = self.places = 0
                if self.down:
                    return

    def measure(self, windows):
        """Loss and gradient of the next window with a scored place, as
        (result of net.run, done); None after the last."""
        for batch, window, done, fresh, seen in windows:
            scored = batch.counted[window[0]:window[1]].any()
            r = self.net.run(self.weights, batch, window=window,
                             carried=None if fresh else self.carried,
                             drop=self.drop, offset=seen,
                             loss=self.loss if scored else None)
            self.carried = r.carried
            if scored:
                return r, done
        return None

    def drop(self, s, t, B, n, p):
        return draws.keep(self.cfg["seed"], self.updates, s, t, range(B), B,
                          n, p)

    def gradient(self):
        """Mean loss and gradient of the first window that counts."""
        r, _ = self.measure(self.windows())
        return r.loss[0] / r.loss[2], r.gradient, r

    def __iter__(self):
        windows = self.windows()
        while not self.down and (
                not self.cfg["steps"] or self.updates < self.cfg["steps"]):
            got = self.measure(windows)
            if got is None:
                return
            r, done = got
            total, right, places = r.loss
            grads = [r.gradient[n] for n in self.names]
            if optim.diverged(total, grads):
                self.diverged = self.updates + 1
                return
            lr = optim.rate(self.cfg, self.updates, done)
            new = self.optim.update(list(self.weights.values()), grads, lr,
                                    self.rates)
            self.weights = dict(zip(self.names, new))
            self.updates += 1
            if self.first is None:
                self.first = total / places
            self.total, self.places = self.total + total, self.places + places
            if not self.feed.count:
                self.look(total / places)
            yield Update(self.updates, total / places, right / places,
                         self.mean(total / places), lr)

    def look(self, loss):
        """Is the loss down by as much as is asked for?"""
        part = self.cfg["stop_reduction"]
        if part > 0 and self.first and 1 - loss / self.first >= part:
            self.down = True

    def mean(self, loss):
        """The averaged curve."""
        a, start = self.cfg["average"], self.cfg["average_start"]
        if self.average is None:
            self.average = loss if start < 0 else start
        self.average = a * self.average + (1 - a) * loss
        return self.average
