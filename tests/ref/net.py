"""net.py - a net from a config's text to numbers, forward and in reverse.

An independent reference for lib/: written from docs/cells.md and
docs/numerics.md, it shares nothing with the engine.  In two arithmetics:
kind "double" is plain float64; kind "contract" is float32 in the order that
docs/numerics.md fixes, to be compared bit by bit.

    net = Net(settings, header, kind)
        settings  a config as `train --dry-run` prints it; cells by name, with
                  texts in settings["cells"], else from configs/cells
        header    of the stream: input, input_size, target, target_size
    net.params    [Param]: name "layers.0.Uz", shape, rate, init, fan_in, in
                  the order of the table
    net.states    [(layer's name, cell.State)]
    net.drops     [(layer's name, p)] by number

    run = net.run(weights, Batch(...), window=(0, T), carried=None,
                  offset=0, drop=None, loss=None)
        weights   {name: array}
        carried   what the run of the window or batch before left; None where
                  sequences start
        offset    steps that the rows have seen before this batch
        drop      f(site, t, B, n, p) -> (B, n) bool: units kept in training
        loss      f(out, batch, window) -> (anything, adjoint): out and the
                  adjoint are (T, B, K) of the window's steps
    run.out run.loss run.gradient {name: array} run.carried
    run.values()  {(layer, name): (T, B, n)}, NaN where a step has none
"""
import os

import numpy as np

import codes
import derived
import neurons
from arith import Contract, Double
from cell import Cell
from gradient import Pairs, layer_gradients
from layer import Layer, Pass

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


class Batch:
    """input (B, T) whole numbers or (B, T, I); length (B); scored (B, T)."""

    def __init__(self, input, target=None, length=None, scored=None):
        self.input, self.target = np.asarray(input), target
        self.rows, self.steps = self.input.shape[:2]
        self.length = np.full(self.rows, self.steps) if length is None \
            else np.asarray(length)
        self.there = np.arange(self.steps)[:, None] < self.length   # (T, B)
        self.counted = self.there.copy()
        if scored is not None:
            scored = np.asarray(scored, bool)
            self.counted &= np.broadcast_to(
                scored, (self.rows, self.steps)).T


class Net:
    def __init__(self, settings, header, kind="double"):
        self.a = {"double": Double, "contract": Contract}[kind]
        self.settings, self.header = settings, header
        size = settings.get("size", 128)
        stack = self.split(settings.get("cell", "gru")) \
            * settings.get("layers", 1)
        parts = [("encoder.%d", self.split(settings.get("encoder", ""))),
                 ("layers.%d", stack),
                 ("decoder.%d", self.split(settings.get("decoder", ""))),
                 ("head", self.split(settings.get("head", "linear")))]
        self.codes = codes.read(header)
        self.layers, site = [], 0
        width = header["input_size"] if self.codes is None else \
            self.codes.shape[1]
        for part, cells in parts:
            for i, (name, units) in enumerate(cells):
                if part == "head":
                    units = header["target_size"]
                stacked = part == "layers.%d"
                cell = Cell(self.text(name), width, units or size,
                            settings.get("options", {}), stacked and i == 0,
                            stacked and i == len(cells) - 1)
                layer = Layer(part % i if "%" in part else part, cell, site)
                layer.place = (stacked and i == 0,
                               stacked and i == len(cells) - 1)
                if self.codes is not None and not self.layers:
                    layer.codes = self.codes
                    codes.check(layer, self.text(name),
                                settings.get("options", {}),
                                (units or size, width, len(self.codes)))
                self.layers.append(layer)
                width, site = cell.output_size, site + len(layer.sites)
        for layer in reversed(self.layers):
            if layer.cell.states:
                break
            layer.stateless_top = True
        self.output_size = width
        self.params = [p._replace(name=f"{x.name}.{p.name}")
                       for x in self.layers for p in x.cell.params]
        self.states = [(x.name, s) for x in self.layers
                       for s in x.cell.states]
        neurons.check(self)

    def split(self, cells):
        out = []
        for part in filter(None, cells.split(",")):
            name, _, units = part.partition(":")
            out.append((name, int(units) if units else None))
        return out

    def text(self, name):
        texts = self.settings.get("cells", {})
        short = os.path.basename(name)
        short = short[:-5] if short.endswith(".cell") else short
        if short in texts:
            return texts[short]
        path = name if "/" in name or name.endswith(".cell") else \
            os.path.join(TOP, "configs", "cells", name + ".cell")
        with open(path) as f:
            return f.read()

    def run(self, weights, batch, window=None, carried=None, offset=0,
            drop=None, loss=None):
        with np.errstate(all="ignore"):
            return Run(self, weights, batch, window or (0, batch.steps),
                       carried, offset, drop, loss)


class Run:
    def __init__(self, net, weights, batch, window, carried, offset, drop,
                 loss):
        self.net, self.batch, self.window = net, batch, window
        a, steps = net.a, slice(*window)
        learned = {n: np.asarray(w, a.dtype) for n, w in weights.items()}
        weights = dict(learned)
        for p in net.params:
            if p.how:
                weights[p.name] = derived.made(
                    p.how, learned[p.name]).astype(a.dtype)
        x, tokens = self.inputs(batch, steps)
        there, counted = batch.there[steps], batch.counted[steps]
        self.passes, self.carried = [], []
        for layer in net.layers:
            run = Pass(layer, a, weights, x, tokens, window[0] + offset,
                       carried and carried[len(self.passes)],
                       counted if layer.stateless_top else there, drop)
            self.passes.append(run)
            self.carried.append(run.state)
            x, tokens = run.out, None
        self.out, self.loss, self.gradient = x, None, None
        if loss is None:
            return
        self.loss, above = loss(x, batch, window)
        above = np.where(counted[..., None], np.asarray(above, a.dtype),
                         a.number(0))
        for run in reversed(self.passes):
            above = run.backward(above)
        got = layer_gradients(self.passes, Pairs(*x.shape[:2]))
        self.gradient = {p.name: got[p.name] if not p.how else
                         derived.gradient(p.how, learned[p.name],
                                          got[p.name]).astype(a.dtype)
                         for p in net.params}

    def inputs(self, batch, steps):
        """Dense (T, B, I), and (T, B) tokens if they are tokens."""
        a, header = self.net.a, self.net.header
        x = np.moveaxis(batch.input, 1, 0)[steps]
        if header["input"] != "token":
            return np.asarray(x, np.float32).astype(a.dtype), None
        there = batch.there[steps]
        tokens = np.where(there, x, 0).astype(np.int64)
        if self.net.codes is not None:
            return self.net.codes[tokens].astype(a.dtype), tokens
        return codes.one_hot(tokens, header["input_size"], a.dtype), tokens

    def values(self):
        out = {}
        for run in self.passes:
            for t in range(run.steps):
                for name, node in run.graph(t).names.items():
                    v = run.values[t][node]
                    key = run.layer.name, name
                    if key not in out:
                        out[key] = np.full(
                            (run.steps, run.rows, node.size), np.nan,
                            run.a.dtype)
                    out[key][t] = v
        return out
