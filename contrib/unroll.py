"""Data of one's own to and from unroll, in Python (NumPy alone; MIT licence).

    import numpy as np, unroll
    x = np.random.default_rng(1).integers(0, 2, (256, 20))
    unroll.write("parity.ts", [(x, x.cumsum(1) % 2)], classes=(2, 2), batch=32)
    result = unroll.run("train", "--epochs", 10, "--save", "m.st", "parity.ts")
    for row in unroll.run("eval", "--outputs", "m.st", "parity.ts"): ...

docs/formats.md says what a tensor stream is.
"""
import gzip
import io
import json
import subprocess
import sys
import zlib

import numpy as np

TYPES = {"u8": "<u1", "i32": "<i4", "i64": "<i8", "f32": "<f4", "f64": "<f8"}


def _open(file, mode):
    if not isinstance(file, str):
        return file
    if file == "-":
        return sys.stdout.buffer if mode == "wb" else sys.stdin.buffer
    return gzip.open(file, mode) if file.endswith(".gz") else open(file, mode)


def _array(a):
    """Whole numbers as i32, others as f32: what a net is fed with."""
    a = np.asarray(a)
    whole = np.issubdtype(a.dtype, np.integer) or a.dtype == bool
    return np.ascontiguousarray(a, "<i4" if whole else "<f4")


def write(file, batches, classes=None, batch=None, **header):
    """A stream of (input, target) or (input, target, scored, length) arrays.

    Inputs and targets are whole numbers (rows, steps), which stand for classes,
    or vectors (rows, steps, width); target, scored (rows, steps, of 0 and 1)
    and length (rows) may be None.  A list of batches is one pass, which train
    may shuffle; an iterator is endless, unless the header says count=N.
    classes: how many there are of inputs and of
    targets, where they are whole numbers (else one more than the largest of the
    first batch).  batch: rows that an update takes (else the first batch's).
    header: anything else that a header may hold, as task={"name": "parity"}.
    The file may be open already (a pipe); names that end in .gz are packed.
    """
    out, records, index = _open(file, "wb"), 0, -1

    def line(o):
        out.write(json.dumps(o).encode() + b"\n")

    for index, parts in enumerate(batches):
        arrays = dict(zip(("input", "target", "scored", "length"), parts))
        arrays = {k: _array(a) for k, a in arrays.items() if a is not None}
        if index == 0:
            h = {"unroll": "stream", "batch": batch or len(arrays["input"])}
            if hasattr(batches, "__len__"):
                h["count"] = len(batches)
            for i, k in enumerate(("input", "target")):
                if k in arrays:
                    a, whole = arrays[k], arrays[k].ndim == 2
                    h[k] = "token" if whole else "vector"
                    h[k + "_size"] = a.shape[2] if not whole else \
                        classes[i] if classes else int(a.max()) + 1
            line({**h, **header})
        if "scored" in arrays:
            arrays["scored"] = arrays["scored"].astype("<u1")
        for name in "input", "length", "scored", "target":
            if name in arrays:
                a = arrays[name]
                data = a.tobytes()
                kind = next(k for k, v in TYPES.items() if v == a.dtype.str or
                            v[1:] == a.dtype.str[1:])
                line({"name": name, "dtype": kind, "shape": list(a.shape),
                      "index": index, "bytes": len(data),
                      "crc32": zlib.crc32(data)})
                out.write(data + b"\n")
                records += 1
    line({"end": True, "records": records, "batches": index + 1})
    out.close() if isinstance(file, str) and file != "-" else out.flush()


def read(file):
    """(header, tensors): a stream's first line, and each of its tensors as
    (name, index, array), one after the other."""
    data = _open(file, "rb")
    header = json.loads(data.readline())

    def tensors():
        while not (t := json.loads(data.readline())).get("end"):
            a = np.frombuffer(data.read(t["bytes"]), TYPES[t["dtype"]])
            if zlib.crc32(a.tobytes()) != t["crc32"]:
                raise ValueError(f"{t['name']} {t['index']}: damaged")
            data.read(1)
            yield t["name"], t["index"], a.reshape(t["shape"])
    return header, tensors()


def run(program, *args, input=None):
    """A program's lines of JSON.  input: bytes, or what write() takes, as
    (batches, keywords).  Raises RuntimeError with what it said if it fails."""
    if input is not None and not isinstance(input, bytes):
        stream = io.BytesIO()
        write(stream, input[0], **input[1])
        input = stream.getvalue()
    p = subprocess.run([program, *map(str, args)], input=input or b"",
                       capture_output=True)
    if p.returncode:
        raise RuntimeError(p.stderr.decode().strip())
    return [json.loads(x) for x in p.stdout.splitlines()]
