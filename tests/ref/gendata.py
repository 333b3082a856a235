"""Random data of a spec (gencase.data): for the programs as a file, for the
reference as a feed.

    d = gendata.Data(spec)
    d.header; d.write(path); d.feed(batch, seed); d.chunks()

Behind a row's end and where nothing is scored stands rubbish in the file; the
reference never sees it.
"""
import json
import zlib

import numpy as np

import train
from net import Batch


def evaluated(spec):
    """The spec of a set to evaluate: fewer batches, others than those."""
    kind = {"endless": "stored", "going-on": "continuing"}
    return dict(spec, kind=kind.get(spec["kind"], spec["kind"]),
                seed=spec["seed"] + 1, batches=spec["batches"][:2])


class Data:
    def __init__(self, spec):
        self.spec = spec
        self.rng = np.random.default_rng(spec["seed"])
        self.continues = spec["kind"] in ("continuing", "going-on")
        self.counted = spec["kind"] not in ("endless", "going-on")
        self.batches = [self.batch(b, t) for b, t in spec["batches"]]
        if not any(b["scored"].any() for b in self.batches):
            self.batches[0]["scored"][0, 0] = True
            self.batches[0]["mask"] = "rows" if spec["mask"] else None
        self.header = {k: spec[k] for k in ("input", "input_size", "target",
                                            "target_size")}
        if spec.get("codebook"):
            width, seed = spec["codebook"]
            book = np.random.default_rng(seed).uniform(
                -1.5, 1.5, (spec["input_size"], width))
            self.header["codebook"] = book.astype(np.float32).tolist()

    # ---- drawing ---------------------------------------------------------

    def values(self, kind, size, B, T, positive=False):
        if kind == "token":
            return self.rng.integers(0, size, (B, T))
        shape = B, T, size
        if positive:
            x = self.rng.uniform(0.5, 2, shape)
        else:
            x = self.rng.uniform(-1.5, 1.5, shape)
            x[self.rng.random(shape) < 0.05] = 0
        return x.astype(np.float32)

    def batch(self, B, T):
        s = self.spec
        b = {"length": np.full(B, T), "mask": s["mask"]}
        if s["ragged"]:
            b["length"] = self.rng.integers(1, T + 1, B)
        b["input"] = self.values(s["input"], s["input_size"], B, T,
                                 s["singular"])
        b["target"] = self.values(s["target"], s["target_size"], B, T)
        within = np.arange(T) < b["length"][:, None]
        if s["mask"] == "steps":
            some = self.rng.random(T) < 0.6
        elif s["mask"] == "rows":
            some = self.rng.random((B, T)) < 0.6
        elif s["mask"] == "last":
            some = np.arange(T) == b["length"][:, None] - 1
        else:
            some = np.ones(T, bool)
        b["scored"] = within & some
        b["some"] = some
        b["within"] = within
        for name in ("input", "target"):      # the reference sees zeros
            b[name][~within] = 0
        return b

    # ---- for the programs ------------------------------------------------

    def write(self, path):
        with open(path, "wb") as f:
            if self.spec["kind"] == "lines":
                self.write_lines(f)
            else:
                self.write_stream(f)

    def write_stream(self, f):
        def line(o):
            f.write(json.dumps(o).encode() + b"\n")

        s = self.spec
        head = dict(self.header, unroll="stream", batch=s["rows"],
                    task={"name": "random", "seed": s["seed"]})
        if self.counted:
            head["count"] = len(self.batches)
        if self.continues:
            head["continues"] = True
        line(head)
        records = 0
        for i, b in enumerate(self.batches):
            for name, a in self.tensors(b):
                line({"name": name, "dtype": DTYPES[a.dtype.str[1:]],
                      "shape": a.shape, "index": i, "bytes": a.nbytes,
                      "crc32": zlib.crc32(a.tobytes())})
                f.write(a.tobytes() + b"\n")
                records += 1
        line({"end": True, "records": records, "batches": len(self.batches)})

    def tensors(self, b):
        s, wide = self.spec, self.spec["wide"]
        first = s["seed"] % 3 > 0          # else as it was written once
        given = "input", self.wire(b["input"], s["input"], ~b["within"],
                                   s["input_size"])
        if first:
            yield given
        if s["ragged"]:
            yield "length", b["length"].astype("<i4" if wide else "u1")
        if b["mask"]:
            some = b["some"] if b["mask"] == s["mask"] and \
                b["scored"].any() and b["mask"] == "steps" else b["scored"]
            yield "scored", some.astype("u1")
        if not first:
            yield given
        yield "target", self.wire(b["target"], s["target"], ~b["scored"],
                                  s["target_size"])

    def wire(self, a, kind, rubbish, size):
        """As it is written: another type, and rubbish where none counts."""
        a = a.copy()
        if kind == "token":
            wide = self.spec["wide"] or size > 251
            a = a.astype("<i8" if wide else "u1")
            a[rubbish] = -7 if wide else 251
        else:
            a = a.astype("<f8" if self.spec["wide"] else "<f4")
            a[rubbish] = np.nan if self.spec["seed"] % 2 else 1e30
        return a

    def write_lines(self, f):
        f.write(json.dumps(self.header).encode() + b"\n")
        for r in self.rows():
            n = len(r["scored"])
            line = {"input": r["input"].tolist()}
            if self.spec["mask"] == "last" and r["scored"][:-1].sum() == 0 \
                    and self.spec["target"] == "token":
                line["target"] = int(r["target"][-1])
            elif self.spec["wide"]:
                line["target"] = r["target"].tolist()
                line["scored"] = np.flatnonzero(r["scored"]).tolist()
            else:
                line["target"] = [r["target"][t].tolist() if r["scored"][t]
                                  else None for t in range(n)]
            f.write(json.dumps(line).encode() + b"\n")

    # ---- for the reference -----------------------------------------------

    def rows(self):
        out = []
        for b in self.batches:
            for i, n in enumerate(b["length"]):
                out.append({k: b[k][i, :n]
                            for k in ("input", "target", "scored")})
        return out

    def feed(self, batch, seed):
        if self.counted and not self.continues:
            rows = self.rows()
            batch = batch or (64 if self.spec["kind"] == "lines" else
                              self.spec["rows"])
            return train.Rows(rows, min(batch, len(rows)), seed)
        return train.Batches([self.whole(b) for b in self.batches],
                             self.counted, self.continues)

    def whole(self, b):
        return Batch(b["input"], b["target"], b["length"], b["scored"])

    def chunks(self):
        """As eval takes the set: 64 rows at a time, or its batches."""
        if self.continues:
            return [self.whole(b) for b in self.batches]
        rows = self.rows()
        return [train.join(rows[i:i + 64]) for i in range(0, len(rows), 64)]


DTYPES = {"u1": "u8", "i4": "i32", "i8": "i64", "f4": "f32", "f8": "f64"}
