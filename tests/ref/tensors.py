"""tensors.py - safetensors files, as docs/formats.md says."""
import json
import struct

import numpy as np

TYPES = {"F32": "<f4", "F64": "<f8", "I32": "<i4", "I64": "<i8", "U8": "u1"}


def read(path):
    """({name: array}, metadata)."""
    with open(path, "rb") as f:
        data = f.read()
    n, = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + n])
    meta = header.pop("__metadata__", {})
    out = {}
    for name, t in header.items():
        first, last = t["data_offsets"]
        out[name] = np.frombuffer(
            data[8 + n + first:8 + n + last],
            TYPES[t["dtype"]]).reshape(t["shape"])
    return out, meta


def write(path, tensors, metadata=None):
    """All as f32, in the dictionary's order."""
    header, at, parts = {}, 0, []
    if metadata:
        header["__metadata__"] = metadata
    for name, x in tensors.items():
        part = np.ascontiguousarray(x, "<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(np.shape(x)),
                        "data_offsets": [at, at + len(part)]}
        parts.append(part)
        at += len(part)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(parts))
