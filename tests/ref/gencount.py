"""What a case covers, by name; and the table of a whole run.

ALL lists everything that must not be missing from a large run.
"""
import celltext
import gentext
import over

FUNCTIONS = list(celltext.FUNCTIONS)
OPTIMIZERS = "sgd momentum nesterov adagrad rmsprop rmsprop-momentum adam " \
    "adamw per_neuron hybrid".split()
LOSSES = "cross_entropy cross_entropy_sum mse_mean mse_sum".split()
NOT_FINITE = "log(x)", "1 / x", "x^-1", "x^-2", "sqrt(x)", "log(x * x)"
KINDS = "orthogonal xavier_uniform xavier_normal normal uniform constant " \
    "identity chrono uniform_fan =".split()

ALL = [f"function {f}" for f in FUNCTIONS] + [
    "operator +", "operator -", "operator *", "operator /", "unary minus",
    "power 0", "power > 0", "power < 0", "brackets in a sum",
    "concatenation", "named concatenation", "slice", "slice in a product", "matrix of a matrix",
    "matrix twice", "columns split in two ways", "matrix of a value",
    "transposed matrix", "matrix both ways", "transposed of a concatenation",
    "heads of a function", "matrix of heads",
    "matrix of heads, transposed", "matrix of heads twice",
    "derived by cayley", "derived by exp", "derived by householder",
    "learned vectors' expression", "of several levels", "named",
    "undeclared bias", "number of an option", "pi",
    "if", "else if", "and, or", "not", "first_layer, last_layer",
    "at", "at without otherwise", "at and if", "case blind to x",
    "case blind to h", "output in a case", "state again in a case",
    "two states", "three states", "state of a size of its own",
    "start at a number", "start at a learned vector", "no look at x",
    "no look at h", "no state", "output not the state", "name again",
    "width in a line", "size line", "option bool", "option number",
    "option word", "options set", "rate", "init list", "init glob"] + [
    f"init {k}" for k in KINDS] + [
    "encoder", "decoder", "two decoders", "own head", "decoder with a state",
    "head with a state", "two cells", "two layers", "sizes differ",
    "token", "65 tokens and more", "codebook", "vector", "classes", "numbers", "all places", "mask by step",
    "mask by row", "last place", "lengths", "stored set", "lines",
    "endless stream", "continuing set", "continuing stream",
    "continuing with lengths", "lengths that change", "own batch",
    "windows", "1 row", "2-8 rows", "9-62 rows", "63-70 rows",
    "more than 256 pairs", "twice more than 256 pairs",
    "padding not finite", "wide types", "17 classes and more",
    "dropout", "epochs", "start from a file", "start from tiny weights",
    "start drawn",
    "schedule linear", "schedule cosine", "schedule exponential", "warmup",
    "clip_norm", "clip_element", "stop_reduction", "epsilon_inside", "weight_decay",
    "average", "average_start"] + [
    f"optimizer {o}" for o in OPTIMIZERS] + [f"loss {x}" for x in LOSSES]


def of(case):
    """The set of names of what a case covers."""
    out = set()
    for c in case.cells.values():
        cell(c, out)
    net(case, out)
    data(case.data, out)
    if case.data["singular"] and any(
            w in gentext.cell_text(c.body) for c in case.cells.values()
            for w in NOT_FINITE):
        out.add("padding not finite")
    settings(case.config, case.data, out)
    out.add({"file": "start from a file", "tiny": "start from tiny weights",
             "drawn": "start drawn"}[case.initial])
    if "function drop" in out:
        out.add("dropout")
    return out


# ---- cells ----------------------------------------------------------------

def declared(body, word):
    return [s[1] for s in body if s[0] == "line" and
            s[1].split()[0] == word]


def cell(c, out):
    body = c.body
    lets = {s[1] for s in gentext.statements(body)
            if s[0] == "let" and not s[2]}
    params = {t.split()[1] for t in declared(body, "param")}
    states = {w.split()[0] for t in declared(body, "state")
              for w in t[6:].split(", ")}
    names = lets | states | {"x", "pi"}
    scan = Scan(out, names, params, states)
    scan.headed = {t.split()[1] for t in declared(body, "matrix") if ":" in t}
    out |= {f"derived by {t.split()[3].split('(')[0]}"
            for t in declared(body, "matrix") if "=" in t}
    for e in gentext.expressions(body):
        scan.expression(e)
    scan.finish()
    lines(body, states, out)
    blocks(body, out)
    if not states:
        out.add("no state")
    seen = scan.seen
    if "x" not in seen:
        out.add("no look at x")
    if states and not seen & states:
        out.add("no look at h")
    assigned = [s[1] for s in gentext.statements(body)
                if s[0] == "let" and not s[2]]
    if len(assigned) > len(set(assigned)):
        out.add("name again")
    if any(s[0] == "let" and s[3] for s in gentext.statements(body)):
        out.add("width in a line")
    for s in gentext.statements(body):
        if s[0] == "let" and s[4][0] == "cat":
            out.add("named concatenation")
        if s[0] == "output" and states and s[1][0] != "prime":
            out.add("output not the state")
        if s[0] == "let" and scan.learned(s[4]):
            out.add("named")
        if s[0] == "if" and any("layer" in t for t, _ in s[1]):
            out.add("first_layer, last_layer")


class Scan:
    def __init__(self, out, names, params, states):
        self.out, self.names, self.params = out, names, params
        self.states, self.seen, self.acts = states, set(), {}
        self.ways = {}

    def learned(self, e):
        """Is e made of learned vectors alone, and more than one name?"""
        leaves = [p for p in gentext.walk(e)
                  if p[0] in ("name", "prime", "mat", "num")]
        vectors = [p for p in leaves if p[0] == "name" and
                   p[1] not in self.names and "_" not in p[1]]
        return e[0] in ("bin", "fn", "pow") and bool(vectors) and all(
            p[0] == "num" or p in vectors or p == ("name", "pi")
            for p in leaves)

    def expression(self, e, inside=False, in_sum=False):
        out, kind = self.out, e[0]
        alone = self.learned(e)
        if alone:
            out.add("learned vectors' expression")
            if inside:
                out.add("of several levels")
        if kind == "name":
            self.name(e[1])
        elif kind == "prime":
            self.seen.add(e[1] + "'")
        elif kind == "mat":
            self.acts.setdefault(e[1], []).append(gentext.text(e[2]))
            if e[2][0] == "slice":
                out.add("slice in a product")
            self.ways.setdefault(e[1], set()).add(len(e))
            if e[1] in self.headed:
                out.add("matrix of heads, transposed" if len(e) > 3 else
                        "matrix of heads")
            if len(e) > 3:
                out.add("transposed matrix")
            if len(e) > 3 and e[2][0] == "cat":
                out.add("transposed of a concatenation")
            if e[2][0] == "mat":
                out.add("matrix of a matrix")
            elif e[2][0] not in ("name", "prime", "cat"):
                out.add("matrix of a value")
        elif kind == "fn":
            out.add(f"function {e[1]}")
            if e[1] in over.FUNCTIONS and len(e[2]) > 1:
                out.add("heads of a function")
        elif kind == "bin":
            out.add(f"operator {e[1]}")
        elif kind == "slice":
            out.add("slice")
        elif kind == "neg":
            out.add("unary minus")
        elif kind == "cat":
            out.add("concatenation")
        elif kind == "par":
            out.add("brackets in a sum")
        elif kind == "pow":
            out.add("power 0" if e[2] == 0 else
                    "power < 0" if e[2] < 0 else "power > 0")
        for p in gentext.parts(e):
            self.expression(p, alone)

    def name(self, n):
        self.seen.add(n)
        if n == "pi":
            self.out.add("pi")
        elif n.startswith("k_"):
            self.out.add("number of an option")
        elif n not in self.names and n not in self.params:
            self.out.add("undeclared bias")

    def finish(self):
        if any(len(w) > 1 for w in self.ways.values()):
            self.out.add("matrix both ways")
        if any(len(self.acts.get(m, [])) > 1 for m in self.headed):
            self.out.add("matrix of heads twice")
        for uses in self.acts.values():
            if len(uses) > 1:
                self.out.add("matrix twice")
            if len({u.count(";") for u in uses}) > 1 or len(
                    {u for u in uses if ";" in u}) > 1:
                self.out.add("columns split in two ways")


def lines(body, states, out):
    if len(states) > 1:
        out.add("two states" if len(states) == 2 else "three states")
    for t in declared(body, "state"):
        for w in t[6:].split(", "):
            if ":" in w and w.split()[2] not in states:
                out.add("state of a size of its own")
            if "= start" in w:
                out.add("start at a learned vector")
            elif "=" in w:
                out.add("start at a number")
    for t in declared(body, "option"):
        out.add({"use": "option bool", "k": "option number",
                 "how": "option word"}[t.split()[1].split("_")[0]])
    if declared(body, "size"):
        out.add("size line")
    if declared(body, "rate"):
        out.add("rate")
    for t in declared(body, "init"):
        if "[" in t:
            out.add("init list")
        if "*" in t.split()[1]:
            out.add("init glob")
        for k in KINDS:
            if k in t.replace("(", " ").split() or f"-{k}" in \
                    t.replace("(", " ").split():
                out.add(f"init {k}")


def blocks(body, out, inside=None):
    for s in body:
        if s[0] == "if":
            out.add("if")
            if len(s[1]) > 1:
                out.add("else if")
            for t, _ in s[1]:
                if " and " in t or " or " in t:
                    out.add("and, or")
                if "not " in t:
                    out.add("not")
        if s[0] == "at":
            out.add("at")
            if s[2] is None:
                out.add("at without otherwise")
            cases(s, out)
    have = {s[0] for s in body}
    if {"if", "at"} <= have:
        out.add("at and if")


def cases(s, out):
    bodies = [b for _, b in s[1]] + ([s[2]] if s[2] is not None else [])
    for b in bodies:
        names = set()
        for e in gentext.expressions(b):
            names |= {p[1] for p in gentext.walk(e) if p[0] == "name"}
        if "x" not in names:
            out.add("case blind to x")
        if not names & {"h", "c", "hr", "hi", "m", "l", "s"}:
            out.add("case blind to h")
        for t in b:
            if t[0] == "output":
                out.add("output in a case")
            if t[0] == "let" and t[2] and any(
                    p == ("prime", t[1]) or list(p) == ["prime", t[1]]
                    for p in gentext.walk(t[4])):
                out.add("state again in a case")


# ---- the rest -------------------------------------------------------------

def cells_of(config, key):
    return [w.split(":")[0] for w in config.get(key, "").split(",") if w]


def net(case, out):
    config = case.config
    for key in "encoder", "decoder":
        if config.get(key):
            out.add(key)
    if len(cells_of(config, "decoder")) > 1:
        out.add("two decoders")
    if "head" in config:
        out.add("own head")
    for key, label in ("decoder", "decoder with a state"), \
            ("head", "head with a state"):
        for n in cells_of(config, key):
            if n in case.cells and declared(case.cells[n].body, "state"):
                out.add(label)
    if len(cells_of(config, "cell")) > 1:
        out.add("two cells")
    if config.get("layers", 1) > 1:
        out.add("two layers")
    if ":" in config.get("cell", ""):
        out.add("sizes differ")
    if config.get("options"):
        out.add("options set")


def data(d, out):
    out.add(d["input"])
    if d.get("codebook"):
        out.add("codebook")
    if d["input"] == "token" and d["input_size"] > 64:
        out.add("65 tokens and more")
    out.add("classes" if d["target"] == "token" else "numbers")
    out.add({None: "all places", "steps": "mask by step",
             "rows": "mask by row", "last": "last place"}[d["mask"]])
    out.add({"stored": "stored set", "lines": "lines", "endless":
             "endless stream", "continuing": "continuing set",
             "going-on": "continuing stream"}[d["kind"]])
    if d["ragged"]:
        out.add("lengths")
        if d["kind"] in ("continuing", "going-on"):
            out.add("continuing with lengths")
    if len({t for _, t in d["batches"]}) > 1:
        out.add("lengths that change")
    n = d["rows"]
    out.add("1 row" if n == 1 else "2-8 rows" if n < 9 else
            "9-62 rows" if n < 63 else "63-70 rows" if n < 71 else
            "more rows")
    if any(min(b, 64) * t > 256 for b, t in d["batches"]):
        out.add("more than 256 pairs")
    if any(b >= 128 and t > 4 for b, t in d["batches"]):
        out.add("twice more than 256 pairs")
    if d["wide"]:
        out.add("wide types")
    if d["target"] == "token" and d["target_size"] > 16:
        out.add("17 classes and more")


def settings(config, d, out):
    for key, label in (("bptt", "windows"), ("batch", "own batch"),
                       ("epochs", "epochs"), ("warmup", "warmup"),
                       ("clip_norm", "clip_norm"),
                       ("clip_element", "clip_element"),
                       ("epsilon_inside", "epsilon_inside"),
                       ("weight_decay", "weight_decay"),
                       ("stop_reduction", "stop_reduction")):
        if config.get(key):
            out.add(label)
    for key in "average", "average_start":
        if key in config:
            out.add(key)
    if config.get("schedule", "constant") != "constant":
        out.add(f"schedule {config['schedule']}")
    name = config.get("optimizer", "adam")
    if config.get("nesterov"):
        name = "nesterov"
    if config.get("rmsprop_momentum"):
        name = "rmsprop-momentum"
    out.add(f"optimizer {name}")
    default = "cross_entropy" if d["target"] == "token" else "mse_mean"
    out.add(f"loss {config.get('loss', default)}")


def table(counts, n):
    """The table's lines, and the names that stand in less than 1 %."""
    out, rare = [], []
    for name in ALL:
        k = counts.get(name, 0)
        if k * 100 < n:
            rare.append(name)
        out.append(f"{name:<30} {k:6d} {100 * k / n:6.1f} %")
    return out, rare
