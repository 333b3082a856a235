# contrib/unroll.py: streams written and read, programs run.
. tests/ref/python.sh
[ -n "$PYTHON" ] || { echo 'no python3 with numpy' >&2; exit 77; }
export PYTHONPATH="$TOP/contrib" PYTHONDONTWRITEBYTECODE=1
cd "$WORK" || exit 1
"$PYTHON" - <<'END'
import numpy as np, unroll

rng = np.random.default_rng(1)
x = rng.integers(0, 2, (3, 64, 12))
y = x.cumsum(2) % 2
print("== learned from Python, and answered without targets")
unroll.write("p.ts.gz", list(zip(x, y)), classes=(2, 2), task={"name": "parity"})
result = unroll.run("train", "--cell", "lstm", "--size", 12, "--lr", .03,
                    "--epochs", 60, "-q", "--save", "m.st", "p.ts.gz")[-1]
print(result["status"], result["updates"], result["train_loss"] < .1)
said = unroll.run("eval", "--outputs", "m.st",
                  input=([(x[0], None)], {"classes": (2, 2)}))
right = sum(s["class"] == y[0, s["row"], s["t"]] for s in said)
print(len(said), right > 700, said[0]["target"])
print("== back as it went")
header, tensors = unroll.read("p.ts.gz")
print(header["input"], header["input_size"], header["batch"])
for name, index, a in tensors:
    assert np.array_equal(a, (x if name == "input" else y)[index])
    print(name, index, a.shape, a.dtype)
print("== rows of different length, vectors, places that count")
v = rng.normal(size=(4, 5, 3)).astype("f4")
scored = np.zeros((4, 5), "u1")
scored[:, 1] = 1
unroll.write("v.ts", [(v, v[:, :, :2], scored, [5, 2, 3, 4])])
header, tensors = unroll.read("v.ts")
got = {name: a for name, _, a in tensors}
print(header["target"], header["target_size"], list(got))
assert np.array_equal(got["input"], v) and np.array_equal(got["scored"], scored)
print(unroll.run("train", "--size", 2, "-q", "--steps", 2, "v.ts")[-1]["status"])
print("== what gentask writes")
import subprocess
subprocess.run(["gentask", "copy", "--len", "3", "--count", "2", "--batch", "5",
                "-o", "c.ts"])
header, tensors = unroll.read("c.ts")
print(header["task"]["name"], [(n, i, a.shape) for n, i, a in tensors])
print("== what goes wrong")
try:
    unroll.run("train", "nosuch.ts")
except RuntimeError as e:
    print(e)
END
