"""The programs on a case: what they say and what they write.

    e = engine.Engine(bin folder, case, scratch folder)    case.device: on it
    e.gradient(); e.train(); e.activations(); e.probabilities()

Each gives a Result: .status, .error (the last line of standard error), .lines
(JSON), .tensors, .command.
"""
import json
import os
import shlex
import subprocess
import zlib
from types import SimpleNamespace

import numpy as np

import tensors

DTYPES = {"u8": "u1", "i32": "<i4", "i64": "<i8", "f32": "<f4", "f64": "<f8"}


def read_stream(path):
    """A stream's tensors: [(name, array)] in order."""
    out = []
    with open(path, "rb") as f:
        f.readline()
        while True:
            head = json.loads(f.readline())
            if "end" in head:
                return out
            raw = f.read(head["bytes"])
            assert zlib.crc32(raw) == head["crc32"]
            f.read(1)
            out.append((head["name"], np.frombuffer(
                raw, DTYPES[head["dtype"]]).reshape(head["shape"])))


class Engine:
    def __init__(self, programs, case, folder):
        self.bin, self.case, self.folder = programs, case, folder
        os.makedirs(folder, exist_ok=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, program, *args):
        words = [os.path.join(self.bin, program), *args]
        if self.case.device:
            words += ["--device", self.case.device]
        env = dict(os.environ)
        if self.case.isa:
            env["UNROLL_ISA"] = self.case.isa
        command = " ".join(shlex.quote(w) for w in words)
        if self.case.isa:
            command = f"UNROLL_ISA={self.case.isa} {command}"
        got = subprocess.run(words, env=env, stdin=subprocess.DEVNULL,
                             capture_output=True, timeout=300)
        error = got.stderr.decode(errors="replace").strip()
        if got.returncode == 3 and self.case.isa:
            self.case.isa = None       # this machine has not got it
            return self.run(program, *args)
        lines = [json.loads(s) for s in got.stdout.decode().splitlines()
                 if s.startswith("{")]
        return SimpleNamespace(status=got.returncode, error=error,
                               lines=lines, tensors=None, command=command)

    def train_run(self, *args):
        first = ["--init", self.path("init.safetensors")] \
            if self.case.initial != "drawn" else []
        return self.run("train", "-c", self.path("config.json"), *first,
                        "--threads", str(self.case.threads), *args,
                        self.path(self.case.file))

    def gradient(self):
        out = self.path("gradient.safetensors")
        r = self.train_run("-q", "--gradient", out)
        if not r.status:
            r.tensors = tensors.read(out)[0]
        return r

    def start(self):
        """The starting weights: one update at rate 0, of plain descent."""
        out = self.path("start.safetensors")
        r = self.train_run("-q", "--optimizer", "sgd", "--lr", "0", "--steps",
                           "1", "--weight-decay", "0", "--schedule",
                           "constant", "--save", out)
        if not r.status and os.path.exists(out):
            r.tensors = tensors.read(out)[0]
        return r

    def train(self):
        out = self.path("model.safetensors")
        r = self.train_run("--log-every", "1", "--save", out)
        if not r.status:
            r.tensors = tensors.read(out)[0]
        return r

    def evaluate(self, *what):
        out = self.path("eval.out")
        r = self.run("eval", *what, "-o", out, self.path("model.safetensors"),
                     self.path(self.case.eval_file))
        if r.status:
            return r
        if what:
            r.tensors = read_stream(out)
        else:
            with open(out) as f:
                r.lines = [json.loads(f.readline())]
        return r

    def activations(self):
        return self.evaluate("--tensors", "--activations")

    def probabilities(self):
        return self.evaluate("--tensors", "--probs")
