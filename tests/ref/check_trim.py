"""check_trim.py - what is trimmed (docs/numerics.md, section 2) and what is
not: gradients of cells of one unit that powers of two make exact, worked out
by hand, beside those of the reference and of `train --gradient`.

usage: check_trim.py; programs from the path.  Prints a line a case, ends with
1 if one is off.
"""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

import tensors
import train
from net import Net

SAME = "input x\noutput x\n"
TIMES = "input x\noutput c * x\nparam c\n"
KEEP, GONE = 2.0 ** -100, 2.0 ** -101
BIG = 2.0 ** 30          # an input that brings what is not trimmed to light

# What it is about, cell, head, weights (the others are 0), inputs, the last
# step's target, the parameter looked at and its gradient.  Outputs are 0, and
# a target of -0.5 has the derivative 1.
CASES = []


def case(what, cell, weights, x, look, want, target=-0.5, head=SAME):
    CASES.append((what, "input x\n" + cell, head, weights, x, target, look,
                  want))


SUM = "state h\ng = W x\nh' = h + c * g\noutput h'\nparam c\n"
case("a sum with products, kept", SUM, {"layers.0.c": KEEP}, [BIG],
     "layers.0.W", KEEP * BIG)
case("a sum with products", SUM, {"layers.0.c": -GONE}, [BIG],
     "layers.0.W", 0)
OTHERS = "output c * (W x + p * x)\nparam c\nparam p\n"
case("a sum's other terms, kept", OTHERS, {"layers.0.c": KEEP}, [BIG],
     "layers.0.p", KEEP * BIG)
case("a sum's other terms", OTHERS, {"layers.0.c": GONE}, [BIG],
     "layers.0.p", 0)
STATE = "state h\nh' = c * h + s * x\noutput h'\nparam c\nparam s\n"
case("a state, kept", STATE, {"layers.0.c": 2.0 ** -33}, [BIG, 0, 0, 0],
     "layers.0.s", 2.0 ** -69)
case("a state", STATE, {"layers.0.c": 2.0 ** -40}, [BIG, 0, 0, 0],
     "layers.0.s", 0)
case("a state's first steps, none left of it", STATE,
     {"layers.0.c": 2.0 ** -40}, [0, BIG, 0, 0], "layers.0.s", 2.0 ** -50)
BACK = "v = p * x\noutput U v\nparam p\n"
case("a transposed product, kept", BACK, {"layers.0.U": KEEP}, [BIG],
     "layers.0.p", KEEP * BIG)
case("a transposed product", BACK, {"layers.0.U": GONE}, [BIG],
     "layers.0.p", 0)
LOOP = "state h\nh' = U h + s * x\noutput h'\nparam s\n"
case("products in a loop, kept", LOOP, {"layers.0.U": 2.0 ** -50},
     [BIG, 0, 0], "layers.0.s", 2.0 ** -70)
case("products in a loop", LOOP, {"layers.0.U": 2.0 ** -26},
     [BIG, 0, 0, 0, 0], "layers.0.s", 0)
LEARNED = "y : 1 = W p + z * x\noutput y\nparam p : 1\nparam z\n"
case("a learned vector's product, kept", LEARNED, {"layers.0.W": -KEEP}, [1],
     "layers.0.p", -KEEP)
case("a learned vector's product", LEARNED, {"layers.0.W": GONE}, [1],
     "layers.0.p", 0)
DOWN = "output p * x\nparam p\n"
case("what a layer hands down, kept", DOWN, {"head.c": KEEP}, [BIG],
     "layers.0.p", KEEP * BIG, head=TIMES)
case("what a layer hands down", DOWN, {"head.c": GONE}, [BIG],
     "layers.0.p", 0, head=TIMES)
case("the loss's derivative, kept", DOWN, {}, [BIG], "layers.0.p",
     KEEP * BIG, target=-KEEP / 2)
case("the loss's derivative", DOWN, {}, [BIG], "layers.0.p", 0,
     target=-GONE / 2)
case("no element-wise contribution", "y = p * x\noutput c * y\nparam c\n"
     "param p\n", {"layers.0.c": 2.0 ** -120}, [BIG], "layers.0.p", 2.0 ** -90)
case("no gradient", "y = p * x\noutput c * y\nparam c\nparam p\n",
     {"layers.0.c": 2.0 ** -120}, [1], "layers.0.p", 2.0 ** -120)
case("no value", "output W (c * x)\nparam c\n", {"layers.0.c": 2.0 ** -120},
     [1], "layers.0.W", 2.0 ** -120)


def by_reference(config, weights, row):
    header = {"input": "vector", "input_size": 1, "target": "vector",
              "target_size": 1}
    net = Net(config, header, "contract")
    full = {p.name: np.full(p.shape, weights.get(p.name, 0), np.float32)
            for p in net.params}
    feed = train.Rows([row], 1, 1)
    return full, train.Run(net, config, feed, full, False).gradient()[1]


def by_program(config, full, row):
    with open("config.json", "w") as f:
        json.dump(config, f)
    tensors.write("init.safetensors", full)
    with open("data.jsonl", "w") as f:
        json.dump({k: row[k].tolist() for k in ("input", "target")} | {
            "scored": [len(row["input"]) - 1]}, f)
    subprocess.run(["train", "-q", "-c", "config.json", "--init",
                    "init.safetensors", "--gradient", "out.safetensors",
                    "data.jsonl"], check=True, stdout=subprocess.DEVNULL)
    return tensors.read("out.safetensors")[0]


def check(what, cell, head, weights, x, target, look, want):
    config = {"cell": "mine", "size": 1, "head": "top", "loss": "mse_sum",
              "cells": {"mine": cell, "top": head}}
    steps = len(x)
    row = {"input": np.array(x, np.float32).reshape(steps, 1),
           "target": np.full((steps, 1), target, np.float32),
           "scored": np.arange(steps) == steps - 1}
    full, ours = by_reference(config, weights, row)
    got = by_program(config, full, row)
    values = [float(g[look].ravel()[0]) for g in (ours, got)]
    off = [v for v in values
           if np.float32(v).tobytes() != np.float32(want).tobytes()]
    print(f"{what}: " + (f"reference and program {values}, not {want}"
                         if off else "as by hand"))
    return bool(off)


def main():
    folder = tempfile.TemporaryDirectory()
    os.chdir(folder.name)
    sys.exit(int(sum([check(*c) for c in CASES]) > 0))


if __name__ == "__main__":
    main()
