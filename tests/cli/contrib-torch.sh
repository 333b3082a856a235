# contrib/torch_rnn.py: PyTorch's nets, their outputs, and weights brought back.
# PEERS_PYTHON: a Python that has torch, if python3 has not.
for python in "${PEERS_PYTHON:-}" "$TOP/build/peers/bin/python" python3; do
    [ -n "$python" ] && "$python" -c 'import torch' 2> /dev/null && break
    python=
done
[ -n "$python" ] || { echo 'no python3 with torch' >&2; exit 77; }
export PYTHONPATH="$TOP/contrib" PYTHONDONTWRITEBYTECODE=1
cd "$WORK" || exit 1
"$python" - <<'END'
import json
import numpy as np, torch, torch_rnn, unroll
from torch import nn

torch.manual_seed(1)
x = torch.randn(4, 9, 3)
t = torch.randint(0, 6, (4, 9))
near = lambda a, b: float((a - b).abs().max()) < 1e-6

def said(key, name):
    rows = unroll.run("eval", "--config", "c.json", "--outputs", "w.st", name)
    return torch.tensor([r[key] for r in rows]).view(4, 9, -1)

def check(name, rnn, embedding=None):
    head = nn.Linear(rnn.hidden_size, 5)
    torch_rnn.save("w.st", rnn, head, embedding)
    json.dump(torch_rnn.config(rnn, embedding), open("c.json", "w"))
    with torch.no_grad():
        if embedding is None and rnn.input_size == 3:
            want, key = head(rnn(x)[0]), "values"
            unroll.write("d.ts", [(x, np.zeros((4, 9, 5), "f4"))])
        else:
            v = embedding(t) if embedding else nn.functional.one_hot(t, 6) * 1.
            want, key = head(rnn(v)[0]).softmax(2), "probs"
            unroll.write("d.ts", [(t, np.zeros((4, 9), int))], classes=(6, 5))
    print(name, near(said(key, "d.ts"), want))
    unroll.run("train", "--config", "c.json", "--init", "w.st", "-q", "--lr",
               .01, "--steps", 3, "--save", "m.st", "d.ts")
    torch_rnn.load("m.st", rnn, head, embedding)
    v = x if key == "values" else v if embedding is None else embedding(t)
    want = head(rnn(v)[0])
    want = want.softmax(2) if key == "probs" else want
    rows = unroll.run("eval", "--outputs", "m.st", "d.ts")
    got = torch.tensor([r[key] for r in rows]).view(4, 9, -1)
    print("  trained, and back", near(got, want.detach()),
          not near(got, said(key, "d.ts")))

kw = {"batch_first": True}
check("LSTM, two layers", nn.LSTM(3, 7, 2, **kw))
check("GRU", nn.GRU(3, 7, **kw))
check("RNN", nn.RNN(3, 7, 2, **kw))
check("RNN, relu", nn.RNN(3, 7, nonlinearity="relu", **kw))
check("LSTM of tokens", nn.LSTM(6, 8, **kw))
check("GRU of an embedding", nn.GRU(4, 8, 2, **kw), nn.Embedding(6, 4))
try:
    torch_rnn.save("w.st", nn.LSTM(3, 7, bidirectional=True), nn.Linear(14, 2))
except ValueError as e:
    print(e)
END
echo "== what does not fit"
echo '{"input":[[1,2,3]],"target":[[1,2,3,4,5]]}' > d.jsonl
echo '{"cell":"gru","size":8}' > c.json
env eval --config c.json w.st d.jsonl
env eval w.st d.jsonl
env eval --config c.json --sample 3 w.st
echo "rc=$?"
