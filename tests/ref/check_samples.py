"""Samples of eval drawn again by docs/numerics.md, section 9, from the
probabilities that eval --probs tells of the same sequence: with and without a
text to go on from, the likeliest k, the nucleus."""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

from draws import Draws

SAMPLE = 5


def run(*args, stdin=None):
    return subprocess.run(args, input=stdin, check=True, text=True,
                          capture_output=True).stdout


def cut(p, k, share):
    """Probabilities (float32) with what is not drawn from at 0."""
    order = sorted(range(len(p)), key=lambda i: (-p[i], i))[:k or len(p)]
    if share < 1:
        sums = np.cumsum(np.array([p[i] for i in order], np.float64))
        order = order[:1 + int(np.argmax(sums >= share * sums[-1]))]
    return [p[i] if i in order else np.float32(0) for i in range(len(p))]


def draw(source, p):
    u = source.double() * float(np.cumsum(np.array(p, np.float64))[-1])
    last = 0
    for k, x in enumerate(p):
        if x > 0:
            last = k
        u -= float(x)
        if u < 0:
            break
    return last


def check(model, prime, n, seed, k, share):
    flags = ["--sample", str(n), "--rows", "3", "--seed", str(seed), "--json",
             "--top-k", str(k), "--top-p", str(share),
             "--sequence", " ".join(map(str, prime))]
    rows = run("eval", model, *flags).split()
    for r, line in enumerate(rows):
        got = json.loads(line)
        assert len(got) == n
        lines = run("eval", model, "--probs", "--sequence",
                    " ".join(map(str, prime + got))).splitlines()
        probs = [[np.float32(x) for x in json.loads(t)["probs"]]
                 for t in lines]
        assert len(probs) == len(prime) + n
        source = Draws(seed, r, SAMPLE)
        for i, token in enumerate(got):
            p = cut(probs[len(prime) - 1 + i], k, share)
            want = draw(source, p)
            assert token == want, (prime, k, share, r, i, token, want)
    return len(rows) * n


with tempfile.TemporaryDirectory() as folder:
    model = os.path.join(folder, "m.safetensors")
    lines = [json.dumps({"input": t[:-1], "target": t[1:]}) for t in
             np.random.default_rng(3).integers(0, 6, (20, 12)).tolist()]
    run("train", "--size", "7", "--epochs", "8", "--lr", "0.05", "-q",
        "--save", model, stdin="\n".join(lines) + "\n")
    count = 0
    for prime in [0], [4, 2], [1, 3, 5, 0, 2, 2, 1]:
        for k, share in (0, 1), (1, 1), (3, 1), (0, .5), (4, .7), (9, .999):
            count += check(model, prime, 8, 11 + k, k, share)
print(count, "tokens drawn")
