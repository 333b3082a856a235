"""check_golden.py - the runs of tests/golden.txt by the reference in the
contract's float: weights drawn, six updates, the model's weights bit by bit.

usage: check_golden.py [WORDS]; programs from the path; WORDS in the flags
choose lines.  Prints a line a run, ends with 1 if one is off.  Runs that keep
the best of several validations are left out.
"""
import glob
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


def stream(path):
    """(header, batches) of a file of gentask's."""
    with open(path, "rb") as f:
        header = json.loads(f.readline())
    found, out = {}, []
    for name, array in engine.read_stream(path):
        found[name] = array
        if name == "target":
            out.append(Batch(found["input"], array, None, found.get("scored")))
    return header, out


def lines(path):
    """(header, rows) of lines of vectors; targets that are null do not count.
    """
    rows = []
    with open(path) as f:
        for line in map(json.loads, f):
            y = line["target"]
            zero = [0.0] * len(next(filter(None, y)))
            rows.append({"input": np.array(line["input"], np.float32),
                         "target": np.array([t or zero for t in y],
                                            np.float32),
                         "scored": np.array([t is not None for t in y])})
    return {"input": "vector", "input_size": rows[0]["input"].shape[1],
            "target": "vector", "target_size": len(zero)}, rows


def rows_of(all_batches):
    return [{"input": b.input[r], "target": b.target[r],
             "scored": b.counted[:, r]}
            for b in all_batches for r in range(b.rows)]


def feed(operand, config, seed):
    """(header, feed) of what a line is trained on."""
    batch = config["batch"]
    if operand.endswith(".jsonl"):
        header, rows = lines(operand)
        return header, train.Rows(rows, batch, seed)
    if not operand:
        run([*TASK.split(), "--batch", str(batch), "--count", "6", "-o",
             "copy.ts"])
    header, data = stream(operand or "copy.ts")
    if operand and header.get("continues"):
        return header, train.Batches(data, True, True)
    if operand:
        return header, train.Rows(rows_of(data), batch, seed)
    n = config.get("train_rows")
    if not n:
        return header, train.Batches(data, False, False)
    return header, train.Rows(rows_of(data)[:n], batch, seed)


def trained(words, flags):
    """(config, result, path of the model) of a line; of a fleet its second."""
    if "--fleet" not in flags:
        config = json.loads(run([*words, "--dry-run"]))["config"]
        return config, json.loads(run([*words, "-q", "--save", "model"])), \
            "model"
    for old in glob.glob("fleet?.*"):
        os.remove(old)
    run([*words, "-q"])
    alone = [w for w in words if w not in ("--fleet", "fleet")]
    config = json.loads(run([*alone, "-c", "2.json", "--dry-run"]))["config"]
    with open("fleet2.json") as f:
        return config, json.load(f), "fleet2.st"


def check(flags):
    """What is off, or nothing."""
    last = flags.split()[-1]
    operand = last if last.endswith((".ts", ".jsonl")) else ""
    source = [] if operand else ["--source", TASK + " --serve"]
    words = ["train", *source, *ALWAYS, *shlex.split(flags.replace('"',
                                                                   '\\"'))]
    config, result, model = trained(words, flags)
    seed = config.get("seed", 1)
    header, data = feed(operand, config, seed)
    net = Net(config, header, "contract")
    r = train.Run(net, config, data, start.weights(net.params, seed),
                  header["target"] == "token")
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
    folder = tempfile.TemporaryDirectory()
    os.chdir(folder.name)
    os.environ["UNROLL_CELLS"] = os.path.join(TOP, "configs", "cells")
    run([os.path.join(TOP, "tests", "golden_data.sh")])
    for flags in lines:
        if "--val-rows" in flags or not all(w in flags for w in sys.argv[1:]):
            continue
        off = check(flags)
        print(f"{flags}: {off or 'the same bits'}", flush=True)
        bad, seen = bad + bool(off), seen + 1
    sys.exit(int(bad > 0 or not seen))


if __name__ == "__main__":
    main()
