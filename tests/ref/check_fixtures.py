"""check_fixtures.py - the reference beside PyTorch: every net of
tests/fixtures, its outputs, loss, last states and gradients in double.

usage: check_fixtures.py [FOLDER]; prints a line a file, ends with 1 if one
is off by more than 1e-10.
"""
import glob
import json
import os
import sys

import numpy as np

import tensors
from net import TOP, Batch, Net


def loss_of(data, meta):
    """The fixture's mean loss over what is scored, and its adjoint."""
    def f(out, batch, window):
        on, n = batch.counted, batch.counted.sum()
        if int(meta["token"]):
            k = np.moveaxis(data["classes"], 1, 0)
            e = np.exp(out - out.max(-1, keepdims=True))
            p = e / e.sum(-1, keepdims=True)
            one = np.eye(out.shape[-1])[k]
            return -np.log((p * one).sum(-1))[on].mean(), (p - one) / n
        d = out - np.moveaxis(data["wanted"], 1, 0)
        n *= out.shape[-1]
        return (d[on] ** 2).sum() / n, 2 * d / n
    return f


def all_kept(site, t, rows, n, p):
    assert p == 0
    return np.ones((rows, n), bool)


def check(path):
    data, meta = tensors.read(path)
    token = int(meta["token"])
    settings = {"cell": meta["cell"], "size": int(meta["size"]),
                "layers": int(meta["layers"]),
                "options": json.loads(meta["options"])}
    header = {"input": "token" if token else "vector",
              "input_size": int(meta["input"]),
              "target_size": int(meta["head"])}
    net = Net(settings, header, "double")
    batch = Batch(data["tokens" if token else "vectors"], None, None,
                  data["scored"])
    weights = {n[8:]: w for n, w in data.items() if n.startswith("weights.")}
    run = net.run(weights, batch, drop=all_kept, loss=loss_of(data, meta))
    on = batch.counted
    far = [abs(run.loss - data["loss"][0]),
           np.abs(run.out - np.moveaxis(data["out"], 1, 0))[on].max()]
    state = [x for s in run.carried for x in s]
    if state:
        far.append(np.abs(np.concatenate(state, 1) - data["state"]).max())
    for name, g in run.gradient.items():
        far.append(np.abs(g - data["grad." + name]).max())
    return np.max(far)          # NaN if one is


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else \
        os.path.join(TOP, "tests", "fixtures")
    files, bad = sorted(glob.glob(os.path.join(folder, "*.safetensors"))), 0
    for path in files:
        far = check(path)
        print(f"{os.path.basename(path)[:-12]} {far:.1e}")
        bad += not far < 1e-10
    sys.exit(int(bad > 0 or not files))


if __name__ == "__main__":
    main()
