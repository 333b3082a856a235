"""cuda.py - the updates of bench_steps in PyTorch with cuDNN, on a GPU.

    make bench-cuda [ROUNDS=5] [BENCH='lstm-128 gru-128']

usage: cuda.py [ROUNDS [NAME...]]

JSON lines, one for each way to write an update and each precision: f32 (no
TF32 anywhere), tf32, bf16 (autocast).  Seconds are by the clock, the device
waited for before and after; the median of the rounds, each of updates enough
for 0.15 seconds.
"""
import json
import statistics
import sys
import time
import warnings

import torch
import peers_torch


def seconds(update):
    times = 1
    while True:
        torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(times):
            update()
        torch.cuda.synchronize()
        spent = time.perf_counter() - start
        if spent > 0.15:
            return spent / times
        times *= 2


def set_precision(kind):
    torch.backends.cuda.matmul.allow_tf32 = kind == "tf32"
    torch.backends.cudnn.allow_tf32 = kind == "tf32"


def within(update, kind):
    def cast():
        with torch.autocast("cuda", torch.bfloat16):
            update()
    return cast if kind == "bf16" else update


def measure(name, way, kind, update, rounds):
    line = {"bench": name, "peer": f"PyTorch {torch.__version__}",
            "device": torch.cuda.get_device_name(), "way": way, "math": kind}
    try:
        update()
        update()
        line["seconds"] = statistics.median(seconds(update)
                                            for _ in range(rounds))
    except Exception as error:
        line["failed"] = f"{type(error).__name__}: {error}".split("\n")[0]
    print(json.dumps(line), flush=True)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    names = sys.argv[2:]
    warnings.simplefilter("ignore")
    torch.set_default_device("cuda")
    for job in peers_torch.JOBS:
        if names and job.name not in names:
            continue
        for kind in "f32", "tf32", "bf16":
            set_precision(kind)
            for way, update in peers_torch.variants(job).items():
                if "oneDNN" not in way:
                    measure(job.name, way, kind, within(update, kind), rounds)


main()
