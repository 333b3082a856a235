"""A random case: cells, settings, data, each a function of (seed, number).

    case = gencase.make(seed, number)
    case.cells {name: Cell}, case.config, case.data (gendata.py's spec),
    case.environment
"""
import math
import random
from types import SimpleNamespace

import gencell
import gendata
import gentext
from celltext import Refused
from net import Net

OPTIMIZERS = "sgd momentum nesterov adagrad rmsprop rmsprop-momentum adam " \
    "adamw".split()
FEW = [2, 3, 4, 5, 7, 12]              # classes of an input
MOST_WEIGHTS = 60000


def make(seed, number):
    r = random.Random(f"{seed}/{number}")
    case = SimpleNamespace(seed=seed, number=number, cells={}, options={})
    case.data = data(r)
    case.config = config = {"seed": r.randrange(1 << r.choice([3, 20, 45]))}
    net(r, case, config)
    settings(r, case.data, config)
    config["options"] = case.options
    case.threads = r.choice([1, 1, 2])
    case.isa = r.choice(["sse2", "avx2", "avx512", None])
    case.initial = r.choice(["drawn", "drawn", "drawn", "file", "file",
                             "tiny"])
    if case.data["input_size"] > FEW[-1] and heavy(case):
        case.data["input_size"] = r.choice(FEW)
    if case.data["input"] == "token" and r.random() < 0.5:
        case.data["codebook"] = r.choice([1, 2, 3, 5, 17]), r.randrange(99)
        if not takes(case) and r.random() < 0.95:
            del case.data["codebook"]
    return case


def takes(case):
    try:
        net_of(case)
    except Refused:
        return False
    return True


def net_of(case):
    texts = {n: gentext.cell_text(c.body) for n, c in case.cells.items()}
    return Net({**case.config, "cells": texts},
               gendata.Data(case.data).header, "double")


def heavy(case):
    """More weights than the reference gets through in seconds: matrices with
    the vocabulary on both sides."""
    try:
        net = net_of(case)
    except Refused:
        return False
    return sum(math.prod(p.shape) for p in net.params) > MOST_WEIGHTS


# ---- the data -------------------------------------------------------------

def data(r):
    d = {"input": r.choice(["token", "vector", "vector"]),
         "target": r.choice(["token", "token", "vector"]),
         "seed": r.randrange(1 << 30)}
    d["input_size"] = r.choice([1, 2, 3, 4, 5, 6, 9] if d["input"] == "vector"
                               else FEW + [90, 900])
    d["target_size"] = r.choice([1, 2, 3, 4] if d["target"] == "vector" else
                                [2, 3, 4, 5, 8, 16, 17, 20])
    d["kind"] = r.choice(["stored", "stored", "lines", "endless", "endless",
                          "continuing", "continuing", "going-on"])
    d["ragged"] = r.random() < 0.42
    d["mask"] = r.choice([None, None, None, "steps", "rows", "last"])
    d["singular"] = d["input"] == "vector" and d["ragged"] and \
        r.random() < 0.55
    big = r.random()
    rows = r.choice([1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8]) if big < 0.78 else \
        r.choice([9, 15, 16, 17, 18, 31, 33]) if big < 0.9 else \
        r.choice([63, 64, 65, 66, 66, 70, 70]) if big < 0.975 else \
        r.choice([128, 129, 134])
    T = r.choice([1, 2, 3, 3, 4, 4, 5, 6, 7, 9]) if rows < 9 else \
        r.choice([5, 5, 6]) if rows > 70 else \
        r.choice([1, 2, 3, 4, 4, 5, 6] + [9] * (rows < 40))
    d["rows"], d["steps"] = rows, T
    d["wide"] = r.random() < 0.4       # bigger numbers on the wire
    d["batches"] = batches(r, d, rows, T)
    return d


def batches(r, d, rows, T):
    """(rows, steps) of each batch."""
    kind = d["kind"]
    if kind in ("stored", "lines"):
        n = r.choice([1, 2, 3, 4]) if rows < 9 else 1
        some = [(rows, T if r.random() < 0.6 else r.randint(1, T + 2))
                for _ in range(n)]
        if r.random() < 0.4:
            some.append((r.randint(1, rows), T))
        return some
    if kind == "continuing":
        n = r.choice([1, 2, 3, 4])
    else:
        n = 80 if d["mask"] else 40    # endless: as many as windows need
    same = r.random() < 0.4
    out = []
    for _ in range(n):
        t = T if same else r.choice([T, T, r.randint(1, T + 2)])
        b = rows
        out.append((b, t))
    return out


# ---- the net --------------------------------------------------------------

def cell(r, case, role, first):
    tag = "abcdefg"[len(case.cells)]
    name = f"c{tag}"
    singular = case.data["singular"] and first
    c = gencell.make(r, role, tag, singular, r.random() < 0.6)
    case.cells[name] = c
    case.options.update(c.options)
    return name


def sized(r, name, wide):
    return name if r.random() < 0.5 else f"{name}:{size(r, wide)}"


def size(r, wide):
    return r.choice([1, 2, 3, 3, 4, 5, 6, 7, 8] + [16, 17, 33] * wide)


def composed(r, config):
    """A net whose weights touch a hidden unit each."""
    name = r.choice(["two-layer", "power", "quadratic"])
    config["cell"] = sized(r, name, False)
    config["head"] = "readout"
    config["options"] = o = {"init_scale": r.choice([0.3, 0.7, 1])}
    if name == "two-layer":
        o["activation"] = r.choice(["square", "relu", "tanh", "gelu",
                                    "linear"])
        o["output_scale"] = r.choice([1, 0.5])
    elif name == "power":
        o["k"] = r.choice([2, 2, 3])
    else:
        o["multiply"] = r.random() < 0.5
    if name != "quadratic":
        o["flat"] = r.random() < 0.3
        o["fan"] = r.choice(["in", "out"])


def net(r, case, config):
    d = case.data
    if r.random() < 0.07:
        config["size"] = size(r, False)
        composed(r, config)
        case.options = config["options"]
        return
    wide = d["rows"] < 9 and d["steps"] < 6 and r.random() < 0.25
    config["size"] = size(r, wide)
    first = True
    if r.random() < 0.22:
        n = r.choice([1, 1, 2])
        names = [sized(r, cell(r, case, "plain", i == 0), wide)
                 for i in range(n)]
        config["encoder"] = ",".join(names)
        first = False
    n = r.choice([1, 1, 1, 1, 2])
    repeat = r.random() < 0.18
    kinds = ["stack" if r.random() < 0.93 or n == 1 else "plain"
             for _ in range(n)]
    names = [sized(r, cell(r, case, k, first and i == 0 and not repeat), wide)
             for i, k in enumerate(kinds)]
    config["cell"] = ",".join(names)
    if repeat:
        config["layers"] = 2
    if r.random() < 0.3:
        n = r.choice([1, 1, 2])
        names = []
        for _ in range(n):
            role = "plain" if r.random() < 0.85 else "stack"
            names.append(sized(r, cell(r, case, role, False), wide))
        config["decoder"] = ",".join(names)
    if r.random() < 0.35:
        config["head"] = cell(r, case, "head", False)


# ---- the settings ---------------------------------------------------------

def settings(r, d, config):
    if r.random() < 0.85:
        config["steps"] = 25
    else:
        config["epochs" if d["kind"] in ("stored", "lines", "continuing")
               else "steps"] = 6
    T = d["steps"]
    if T > 1 and r.random() < 0.3:
        config["bptt"] = r.randint(1, T)
    if d["kind"] in ("stored", "lines") and r.random() < 0.35:
        total = sum(rows for rows, _ in d["batches"])
        config["batch"] = r.randint(1, total)
    if r.random() < 0.7:
        config["loss"] = r.choice(
            ["cross_entropy", "cross_entropy_sum"] if d["target"] == "token"
            else ["mse_mean", "mse_sum"])
    optimizer(r, config)
    if r.random() < 0.1:
        config["stop_reduction"] = r.choice([0.01, 0.1, 0.5])
    if r.random() < 0.4:
        config["schedule"] = r.choice(["linear", "cosine", "exponential"])
        config["lr_end"] = config["lr"] * r.choice([0.1, 0.5, 1])
        if config["schedule"] != "exponential" and r.random() < 0.3:
            del config["lr_end"]
    if r.random() < 0.2:
        config["warmup"] = r.choice([1, 3, 10, 30])
    if r.random() < 0.25:
        config["clip_norm"] = r.choice([0.01, 0.1, 1, 5])
    if r.random() < 0.2:
        config["clip_element"] = r.choice([0.001, 0.01, 0.1, 1])
    if r.random() < 0.3:
        config["average"] = r.choice([0, 0.5, 0.9])
    if r.random() < 0.2:
        config["average_start"] = r.choice([0, 3])


def optimizer(r, config):
    name = r.choice(OPTIMIZERS)
    if config.get("head") == "readout":
        name = "hybrid" if config["cell"].startswith("quadratic") else \
            r.choice(["per_neuron", "per_neuron", "hybrid"])
    elif r.random() < 0.05:
        name = "hybrid"
    if name in ("per_neuron", "hybrid"):
        config["scaling"] = r.choice([-1, -1, -2, -3, 0, 1])
        if name == "hybrid":
            config["adam_rate"] = r.choice([1, 0.1, 3])
    config["optimizer"] = {"nesterov": "momentum", "rmsprop-momentum":
                           "rmsprop"}.get(name, name)
    fast = r.random() < 0.06            # on the way to divergence
    if name in ("sgd", "momentum", "nesterov"):
        config["lr"] = 1000 if fast else r.choice([0.01, 0.05, 0.1])
    else:
        config["lr"] = 100 if fast else r.choice([0.001, 0.003, 0.01])
    if name == "nesterov":
        config["nesterov"] = True
    if name in ("momentum", "nesterov") and r.random() < 0.5:
        config["momentum"] = r.choice([0.5, 0.99, 0.3])
    if name == "rmsprop-momentum":
        config["rmsprop_momentum"] = r.choice([0.5, 0.9])
    if name.startswith("rmsprop") and r.random() < 0.5:
        config["alpha"] = r.choice([0.9, 0.5, 0.999])
    if name.startswith("adam"):
        if r.random() < 0.4:
            config["beta1"] = r.choice([0, 0.5, 0.95])
        if r.random() < 0.4:
            config["beta2"] = r.choice([0.9, 0.99, 0.9999])
    if name not in ("sgd", "momentum", "nesterov"):
        if r.random() < 0.4:
            config["epsilon"] = r.choice([1e-6, 1e-3, 0.1])
        if r.random() < 0.4 and not name.startswith("adam"):
            config["epsilon_inside"] = True
    if r.random() < 0.35:
        config["weight_decay"] = r.choice([0.001, 0.01, 0.1])
