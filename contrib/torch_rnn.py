"""PyTorch's recurrent nets to unroll and back (needs torch; MIT licence).

    lstm, head = nn.LSTM(3, 64, num_layers=2), nn.Linear(64, 1)
    torch_rnn.save("w.safetensors", lstm, head)
    json.dump(torch_rnn.config(lstm), open("c.json", "w"))
      $ eval --config c.json --outputs w.safetensors data.jsonl
      $ train --config c.json --init w.safetensors --save m.safetensors ...
    torch_rnn.load("m.safetensors", lstm, head)

Takes nn.LSTM, nn.GRU and nn.RNN (tanh or relu) of one direction, any number of
layers, with biases; the read-out is an nn.Linear, tokens go through an
nn.Embedding (embedding=...), or, without one, stand for themselves as one-hot
vectors.  Which gate is which: docs/from-pytorch.md.
"""
import json
import struct

import torch
from torch import nn

# PyTorch stacks the gates' rows in this order.
GATES = {nn.LSTM: "ifgo", nn.GRU: "rzn"}


def config(rnn, embedding=None, **settings):
    """The settings that say the same net to train and eval."""
    cell = {nn.LSTM: "lstm-torch", nn.GRU: "gru-torch", nn.RNN: "rnn"}
    c = {"cell": cell[type(rnn)], "size": rnn.hidden_size,
         "layers": rnn.num_layers}
    if getattr(rnn, "nonlinearity", None) == "relu":
        c["options"] = {"relu": True}
    if embedding is not None:
        c["encoder"] = f"embed:{embedding.embedding_dim}"
    return {**c, **settings}


def tensors(rnn, head, embedding=None):
    """(name in unroll, what it is of PyTorch's), in the net's order; a name
    that comes twice is the sum of both."""
    if rnn.bidirectional or not rnn.bias or getattr(rnn, "proj_size", 0):
        raise ValueError("one direction, with biases, without projections")
    if embedding is not None:
        yield "encoder.0.E", embedding.weight.T
    for n in range(rnn.num_layers):
        w = {k: getattr(rnn, f"{k}_l{n}") for k in
             ("weight_ih", "bias_ih", "weight_hh", "bias_hh")}
        at, gates = f"layers.{n}.", GATES.get(type(rnn))
        if not gates:
            yield at + "W", w["weight_ih"]
            yield at + "U", w["weight_hh"]
            yield at + "b", w["bias_ih"]
            yield at + "b", w["bias_hh"]
            continue
        for k, g in enumerate(gates):
            rows = slice(k * rnn.hidden_size, (k + 1) * rnn.hidden_size)
            for part, name in (("weight_ih", "Wi"), ("bias_ih", "bi"),
                               ("weight_hh", "Wh"), ("bias_hh", "bh")):
                yield at + name + g, w[part][rows]
    yield "head.W", head.weight
    yield "head.b", head.bias


def save(file, rnn, head, embedding=None):
    """A plain safetensors file with the names that unroll gives them."""
    all = {}
    for name, t in tensors(rnn, head, embedding):
        t = t.detach().to(torch.float32).cpu()
        all[name] = all[name] + t if name in all else t
    header, data = {}, b""
    for name, t in all.items():
        raw = t.contiguous().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(t.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(file, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


@torch.no_grad()
def load(file, rnn, head, embedding=None):
    """Weights of a model of unroll's into these modules; of two biases that are
    one there, the second becomes 0."""
    with open(file, "rb") as f:
        n, = struct.unpack("<Q", f.read(8))
        header, data = json.loads(f.read(n)), f.read()
    seen = set()
    for name, t in tensors(rnn, head, embedding):
        at = header[name]
        a, b = at["data_offsets"]
        if list(t.shape) != at["shape"] or at["dtype"] != "F32":
            raise ValueError(f"{name}: {at['dtype']} {at['shape']}, not "
                             f"F32 {list(t.shape)}")
        value = torch.frombuffer(bytearray(data[a:b]), dtype=torch.float32)
        t.copy_(value.view(t.shape) if name not in seen else
                torch.zeros_like(t))
        seen.add(name)
