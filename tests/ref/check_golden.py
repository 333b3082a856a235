"""check_golden.py - the runs of tests/golden.txt by the reference in the
contract's float: weights drawn, six updates, the model's weights bit by bit.

usage: check_golden.py [WORDS]; programs from the path; WORDS in the flags
choose lines.  Prints a line a run, ends with 1 if one is off.  Runs that keep
the best of several validations are left out.
"""
import json
import os
import shlex
import subprocess
import sys
import tempfile

import numpy as np

import engine
import start
import tensors
import train
from net import TOP, Batch, Net

TASK = "gentask copy --len 5 --symbols 4"
ALWAYS = ["--batch", "70", "--steps", "6", "--size", "17",
          "--curve-every", "2"]


def run(words, **more):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, **more).stdout


def batches(folder, batch, count):
    path = os.path.join(folder, "data.ts")
    run([*TASK.split(), "--batch", str(batch), "--count", str(count), "-o",
         path])
    with open(path, "rb") as f:
        header = json.loads(f.readline())
    found, out = {}, []
    for name, array in engine.read_stream(path):
        found[name] = array
        if name == "target":
            out.append(Batch(found["input"], array, None, found["scored"]))
    return header, out


def feed(all_batches, config, seed):
    n = config.get("train_rows")
    if not n:
        return train.Batches(all_batches, False, False)
    rows = [{"input": b.input[r], "target": b.target[r],
             "scored": b.counted[:, r]}
            for b in all_batches for r in range(b.rows)]
    return train.Rows(rows[:n], config["batch"], seed)


def check(flags, folder):
    """(what is off, or nothing; updates)."""
    words = ["train", "--source", TASK + " --serve", *ALWAYS,
             *shlex.split(flags.replace('"', '\\"'))]
    config = json.loads(run([*words, "--dry-run"]))["config"]
    model = os.path.join(folder, "model")
    result = json.loads(run([*words, "-q", "--save", model]))
    header, data = batches(folder, config["batch"], 6)
    net = Net(config, header, "contract")
    seed = config.get("seed", 1)
    r = train.Run(net, config, feed(data, config, seed),
                  start.weights(net.params, seed), True)
    losses = {u.step: u.loss for u in r}
    if r.updates != result["updates"]:
        return f"{r.updates} updates, not {result['updates']}"
    for step, loss in zip(result["curve"]["step"], result["curve"]["loss"]):
        if not abs(loss - losses[step]) <= 1e-14 * abs(loss):
            return f"loss of update {step}: {losses[step]}, not {loss}"
    got, _ = tensors.read(model)
    for name, w in r.weights.items():
        off = got[name].view(np.int32) != w.view(np.int32)
        if off.any():
            return f"{name}: {off.sum()} of {off.size} differ"
    return None


def main():
    bad = seen = 0
    with open(os.path.join(TOP, "tests", "golden.txt")) as f:
        lines = [line.split(None, 1)[1].strip() for line in f]
    for flags in lines:
        if "--val-rows" in flags or not all(w in flags for w in sys.argv[1:]):
            continue
        with tempfile.TemporaryDirectory() as folder:
            off = check(flags, folder)
        print(f"{flags}: {off or 'the same bits'}", flush=True)
        bad, seen = bad + bool(off), seen + 1
    sys.exit(int(bad > 0 or not seen))


if __name__ == "__main__":
    main()
