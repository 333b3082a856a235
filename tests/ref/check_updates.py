"""check_updates.py - the reference's updates by hidden units beside PyTorch:
the weights of tests/fixtures/updates after 25 updates, in double.

usage: check_updates.py; prints a line a file, ends with 1 if one is off by
more than 1e-10.
"""
import glob
import json
import os
import sys

import numpy as np

import tensors
import train
from net import TOP, Batch, Net


class Same:
    """An endless stream of one batch."""

    count, continues = 0, False

    def __init__(self, batch):
        self.batch = batch

    def get(self, epoch, index):
        return self.batch


def check(path):
    data, meta = tensors.read(path)
    settings = json.loads(meta["settings"])
    width = data["vectors"].shape[-1]
    net = Net(settings, {"input": "vector", "input_size": width,
                         "target_size": data["wanted"].shape[-1]}, "double")
    batch = Batch(data["vectors"], data["wanted"], None, data["scored"])
    start = {n[6:]: w for n, w in data.items() if n.startswith("start.")}
    run = train.Run(net, settings, Same(batch), start, False)
    updates = sum(1 for _ in run)
    far = [np.abs(run.weights[n[4:]] - w).max() for n, w in data.items()
           if n.startswith("end.")]
    return max(far) if updates == settings["steps"] else np.nan


def main():
    files = sorted(glob.glob(os.path.join(
        TOP, "tests", "fixtures", "updates", "*.safetensors")))
    bad = 0
    for path in files:
        far = check(path)
        print(f"{os.path.basename(path)[:-12]} {far:.1e}")
        bad += not far < 1e-10
    sys.exit(int(bad > 0 or not files))


if __name__ == "__main__":
    main()
