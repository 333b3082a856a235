"""Random lawful cells: declarations, equations, cases, output, init, rate.

    c = gencell.make(rnd, role, tag, singular, drops)
    c.body (gentext.py's statements), c.options (values to set, by name)

role: "stack" (with states mostly), "plain" (none), "head" (its output has the
layer's size, which is the target's).  tag tells its options from other
cells'.  A cell is lawful for any width of its input and any size.
"""
import genlaw
import gentext
from genexpr import Exprs, Val, top

INNER = "g u v z r n q k w s t y e a c d f".split()
VECTORS = "p1 p2 p3 p4 p5 p6 p7 p8 p9".split()


class Cell(Exprs):
    def __init__(self, rnd, role, tag, singular, drops):
        super().__init__(rnd)
        self.role, self.tag = role, tag
        self.singular, self.drops = singular, drops
        self.options, self.declared, self.head_lines = {}, {}, []
        self.states = {}           # name -> size
        self.widths = {}           # atom -> text of its width
        self.body = []
        self.serial = 0
        self.sized = set()         # learned vectors whose size is declared
        self.biases = set()        # learned because a sum adds them
        self.named = {}            # name -> its size
        self.order = list(INNER)
        rnd.shuffle(self.order)

    # ---- names -----------------------------------------------------------

    def fresh_matrix(self):
        self.serial += 1
        return self.r.choice("WUVMRCDFABK") + str(self.serial)

    def new_param(self, t, told=False, bias=False):
        sayable = self.width(t) is not None
        self.serial += 1
        if not told and self.chance(0.35):
            name = f"b{self.serial}"
            decl = None if bias and self.chance(0.6) else name
        else:
            name = self.r.choice(["theta", "p", "a", "c", "gain", "beta"]) + \
                str(self.serial)
            decl = name
        self.params[name] = t
        if decl:
            if sayable and (told or self.chance(0.4)):
                decl += f" : {self.width(t)}"
                self.sized.add(name)
            if self.chance(0.2):
                decl += f" = {self.r.choice(['0.9', '0.5', '1', '-0.4'])}"
            self.head_lines.append(["line", f"param {decl}"])
        else:
            self.biases.add(name)
        return name

    def sized_params(self):
        return self.sized

    def states_now(self):
        return self.states

    def fresh(self, t):
        """A name for something of size t; a name has one size in a text."""
        taken = set(self.env) | set(self.states)
        free = [n for n in self.order if n not in taken and
                self.named.get(n, t) == t]
        self.serial += 1
        name = free[0] if free and self.chance(0.8) else f"v{self.serial}"
        self.named[name] = t
        return name

    def width(self, t):
        """The size t as text, or None."""
        words = []
        for a in t:
            if a not in self.widths:
                return None
            words.append(self.widths[a])
        return " + ".join(words)

    def spare_size(self):
        return (self.r.choice(sorted(self.widths)),)

    # ---- declarations ----------------------------------------------------

    def declare(self):
        r = self.r
        self.head_lines.append(["line", "input x"])
        self.widths["x"] = "x"
        self.env["x"] = Val(("name", "x"), ("x",), 0.5 if self.singular
                            else -1.5, 2.0, True)
        self.put_options()
        if self.role == "stack" or self.role != "plain" and self.chance(0.12):
            self.put_states()
        self.put_sizes()
        if self.states:
            self.state_lines()

    def put_options(self):
        r = self.r
        if not self.chance(0.35):
            return
        for i in range(r.choice([1, 1, 2, 3])):
            kind = r.choice(["bool", "number", "word"])
            name = f"{dict(bool='use', number='k', word='how')[kind]}" \
                   f"_{self.tag}{i}"
            if kind == "bool":
                default, other = r.sample(["true", "false"], 2)
                value = other == "true"
            elif kind == "number":
                default, value = r.choice([("2", 3), ("3", 2), ("0.5", 0.75),
                                           ("1", 2)])
            else:
                default, value = "plain", "curved"
                other = value
            self.head_lines.append(["line", f"option {name} = {default}"])
            change = self.chance(0.5)
            now = value if change else \
                {"true": True, "false": False}.get(default, default)
            if kind == "number":
                now = value if change else float(default)
                self.numbers[name] = now
            if change:
                self.options[name] = value
            self.declared[name] = kind, now

    def put_states(self):
        r = self.r
        names = r.choice([["h"]] * 4 + [["h", "c"]] * 3 +
                         [["hr", "hi"], ["h", "m", "l"], ["s"]])
        for i, name in enumerate(names):
            size = (self.hidden(),) if i == 0 or self.chance(0.5) else None
            self.states[name] = size       # None: of its own, see below

    def hidden(self):
        return "h"

    def put_sizes(self):
        """Inner widths, and the states that have one of these."""
        r = self.r
        if self.states and any(s == ("h",) for s in self.states.values()):
            first = next(n for n, s in self.states.items() if s == ("h",))
            self.widths["h"] = first
        own = [n for n, s in self.states.items() if s is None]
        for i in range(max(r.choice([0, 1, 1, 2]), len(own) > 0)):
            atom = f"i{i}"
            says = [str(r.choice([1, 2, 3, 4, 5, 5, 7, 9, 17]))]
            if "h" in self.widths:
                h = self.widths["h"]
                says += [f"2*{h}", f"{h} + 1", f"({h} + 3)/1"]
            says.append("x + 1")
            for name, v in self.numbers.items():
                if float(v).is_integer():
                    says.append(f"{name}*2")
            how = r.choice(says)
            if how.isdigit():
                self.divisors[atom] = [k for k in range(1, int(how) + 1)
                                       if int(how) % k == 0]
            elif how.startswith("2*") or how.endswith("*2"):
                self.divisors[atom] = [2]
            if self.chance(0.5):
                name = f"size{self.tag}{i}"
                self.head_lines.append(["line", f"size {name} = {how}"])
                how = name
            elif "+" in how or "/" in how:
                how = f"({how})"
            self.widths[atom] = how
        for n in own:
            self.states[n] = (r.choice([a for a in self.widths
                                        if a.startswith("i")]),)

    def state_lines(self):
        r = self.r
        out = []
        for name, size in self.states.items():
            word = name
            if size != ("h",):
                word += f" : {self.widths[size[0]]}"
            elif name != self.widths["h"] and self.chance(0.2):
                word += f" : {self.widths['h']}"
            start = r.choice(["", "", "", "0.5", "-0.3", "1", "learned"])
            lo, hi = -1.0, 1.0
            if start == "learned":
                start = self.learned_start(name, size)
            if start:
                word += f" = {start}"
            self.env[name] = Val(("name", name), size, lo, hi, True)
            out.append(word)
        if self.chance(0.6):
            self.head_lines.append(["line", "state " + ", ".join(out)])
        else:
            self.head_lines += [["line", "state " + w] for w in out]

    def learned_start(self, name, size):
        self.serial += 1
        p = f"start{self.serial}"
        self.params[p] = size
        self.head_lines.append(["line", f"param {p}"])
        return p

    # ---- equations -------------------------------------------------------

    def let(self, name, v, primed=False):
        """The statement that names v, and the name's value from now on."""
        width = None
        if not primed:
            known = name in self.env
            say = self.width(v.t)
            if say and not known and \
                    (not self.derivable(v.e) or self.chance(0.25)):
                width = say
        self.told.update(self.heads(v.e))
        self.new_mats = []
        e = ("prime", name) if primed else ("name", name)
        self.env[name + "'" * primed] = Val(e, v.t, v.lo, v.hi, v.x)
        return ["let", name, primed, width, v.e]

    def heads(self, e):
        """Matrices whose rows are as many as the whole has."""
        if e[0] == "mat":
            return {e[1]} if len(e) == 3 else set()
        if e[0] in ("bin", "neg", "pow", "par") or e[0] == "fn":
            return set().union(*(self.heads(p) for p in gentext.parts(e)
                                 if p[0] != "num"))
        return set()

    def inner_size(self):
        atoms = sorted(self.widths)
        t = (self.r.choice(atoms),)
        if self.chance(0.08):
            t = tuple(sorted(self.r.choices(atoms, k=2)))
        if "h" in self.widths and self.chance(0.5):
            t = ("h",)
        return t

    def inner(self, depth=None):
        """A statement that names something, new or again."""
        r = self.r
        old = [n for n, v in self.env.items()
               if n not in self.states and n != "x" and not n.endswith("'")
               and self.may(n, v)]
        depth = depth or r.choice([1, 2, 2, 3])
        if old and self.chance(0.15):
            name = r.choice(old)
            v = self.expr(self.env[name].t, depth)
            v = self.join(r.choice("+*"), self.env[name], v)
            return self.let(name, v)
        t = self.inner_size()
        v = self.learned(t, r.choice([1, 2])) if self.chance(0.1) else \
            self.expr(t, depth)
        if self.chance(0.12) and len(self.names()) > 1:
            v = self.cat(r.sample(self.names(), 2))
        return self.let(self.fresh(v.t), v)

    def squashed(self, t, depth):
        return self.apply(self.r.choice(["tanh", "tanh", "sigmoid", "sin",
                                         "erf"]), self.total(t, depth))

    def next_state(self, name):
        """A new value for a state that stays in a tame range."""
        r, t = self.r, self.states[name]
        old = self.env[name]
        how = self.weighted({"squash": 8, "gate": 8 * (not self.no_h),
                             "leak": 4 * (not self.no_h), "linear": 3,
                             "most": 2 * (not self.no_h), "relu": 2,
                             "learned": 2 * (not self.no_h), "expr": 5,
                             "copy": 0.5 * (not self.no_h)})
        depth = r.choice([1, 2, 2])
        if how == "squash":
            v = self.squashed(t, depth)
        elif how == "gate":
            z = self.apply("sigmoid", self.total(t, depth))
            n = self.squashed(t, depth)
            keep = ("bin", "-", ("num", "1"), z.e)
            if z.e[0] != "name" and self.chance(0.5):
                # the other half has a gate of its own
                keep = self.apply("sigmoid", self.total(t, 1)).e
            pair = [("bin", "*", keep, old.e), ("bin", "*", z.e, n.e)]
            r.shuffle(pair)
            v = Val(("bin", "+", *pair), t, -1.5, 1.5, True)
        elif how == "leak":
            n = self.squashed(t, depth)
            k = r.choice([("num", "0.7"), ("num", "0.9"), ("num", "0.5")])
            v = Val(("bin", r.choice("+-"), ("bin", "*", k, old.e), n.e), t,
                    -2, 2, True)
        elif how == "learned":
            n = self.squashed(t, depth)
            k = self.apply(r.choice(["sigmoid", "cos", "sin", "tanh"]),
                           self.learned(t, r.choice([0, 0, 1])))
            v = Val(("bin", "+", ("bin", "*", k.e, old.e), n.e), t, -2, 2,
                    True)
        elif how == "most":
            n = self.bounded(self.expr(t, depth))
            f = r.choice(["max", "min"])
            v = Val(("fn", f, [("bin", "*", ("num", "0.8"), old.e), n.e]), t,
                    min(-1, n.lo), max(1, n.hi), True)
        elif how == "copy":
            v = old
        elif how == "relu":
            v = self.apply("relu", self.total(t, depth))
        elif how == "linear":
            v = self.total(t, 1)
        else:
            v = self.bounded(self.expr(t, depth), 2.0)
        return self.let(name, self.bounded(v, LIMIT2), True)

    def used(self, body):
        names = set()
        for e in gentext.expressions(body):
            for p in gentext.walk(e):
                if p[0] == "name":
                    names.add(p[1])
                elif p[0] == "prime":
                    names.add(p[1] + "'")
        return names

    def absorb(self, body, local):
        """Let the last equation of body use what nothing else uses."""
        used = self.used(body)
        lost = [n for n in local if n not in used]
        last = body[-1]
        for n in lost:
            v = self.env[n]
            if last[0] not in ("let", "output"):
                return
            if last[0] == "let" and last[1] == n:
                continue
            t = self.last_size(last)
            m = self.matrix(t, v.t)
            last[-1] = ("bin", "+", last[-1], ("mat", m, v.e))
            self.told.update(self.heads(last[-1]))

    def last_size(self, s):
        if s[0] == "output":
            return self.out_size
        return self.env[s[1] + "'" * s[2]].t

    # ---- blocks ----------------------------------------------------------

    def branch(self, jobs, flags):
        """Statements that do each of jobs (functions), in a scope of their
        own: names it makes are gone after it.  flags: (no_x, no_h)."""
        saved = dict(self.env), self.no_x, self.no_h
        self.no_x, self.no_h = flags
        body, local = [], []
        for _ in range(self.r.choice([0, 0, 1])):
            s = self.inner()
            body.append(s)
            if s[1] not in saved[0]:
                local.append(s[1])
        for job in jobs:
            body.append(job())
        self.absorb(body, local)
        made = {k: v for k, v in self.env.items() if k not in local}
        self.env, self.no_x, self.no_h = saved
        return body, made

    def joined(self, made):
        """What holds after branches: the widest of each name's ranges."""
        for name in set.intersection(*(set(m) for m in made)):
            vs = [m[name] for m in made]
            if len({v.t for v in vs}) == 1:
                self.env[name] = vs[0]._replace(
                    lo=min(v.lo for v in vs), hi=max(v.hi for v in vs),
                    x=any(v.x for v in vs))

    def blind(self, p):
        """Does a case not look at x, or at the states before it?"""
        if not self.states:
            return False, False
        return self.chance(p), self.chance(p)

    def cases(self, jobs, needs_all):
        """An `at` block in which each step does the jobs in its own way."""
        r = self.r
        steps = sorted(r.sample([1, 2, 3, 4, 5, 6], r.choice([1, 1, 2, 3])),
                       key=lambda s: s if self.chance(0.9) else -s)
        branches, made = [], []
        for step in steps:
            flags = self.blind(0.3)
            body, m = self.branch(jobs(), flags)
            branches.append((step, body))
            made.append(m)
        other = None
        if needs_all or self.chance(0.5):
            other, m = self.branch(jobs(), self.blind(0.2))
            made.append(m)
        else:
            made.append(dict(self.env))
        self.joined(made)
        return ["at", branches, other]

    def condition(self):
        """Text of a condition, and whether it holds."""
        r = self.r
        tests = []
        for name, (kind, now) in sorted(self.declared.items()):
            if kind == "bool":
                tests += [(name, now), (f"not {name}", not now),
                          (f"{name} == true", now)]
            elif kind == "number":
                tests += [(f"{name} > 1.5", now > 1.5),
                          (f"{name} < 2", now < 2), (f"{name} == 3",
                                                     now == 3),
                          (f"{name} != 2", now != 2)]
            else:
                tests += [(f"{name} == curved", now == "curved"),
                          (f"{name} != plain", now != "plain")]
        tests += [("true", True)]
        text, holds = r.choice(tests)
        if self.chance(0.2):
            other = r.choice(tests)
            both = self.chance(0.5)
            text = f"{text} {'and' if both else 'or'} {other[0]}"
            holds = (holds and other[1]) if both else (holds or other[1])
        return text, holds

    def choice(self, jobs):
        """An `if` whose branches do the jobs in their own ways."""
        r = self.r
        branches, made = [], []
        for _ in range(r.choice([1, 1, 2])):
            if self.chance(0.12) and self.role == "stack":
                text = r.choice(["first_layer", "last_layer",
                                 "not first_layer"])
            else:
                text, _ = self.condition()
            body, m = self.branch(jobs(), (False, False))
            branches.append((text, body))
            made.append(m)
        other, m = self.branch(jobs(), (False, False))
        made.append(m)
        self.joined(made)
        return ["if", branches, other]

    def block(self, jobs, out=None, needs_all=True):
        """Jobs as they are, in an `if`, or in an `at`."""
        out = self.body if out is None else out
        pick = self.weighted({
            "plain": 6, "if": 3 * bool(self.declared),
            "at": 2.2 * (self.role != "plain" or self.chance(0.3))})
        if pick == "plain":
            out += [job() for job in jobs()]
        elif pick == "if":
            out.append(self.choice(jobs))
        else:
            out.append(self.cases(jobs, needs_all))

    # ---- the whole -------------------------------------------------------

    def output(self, t, depth):
        self.out_size = t
        v = self.expr(t, depth)
        if t not in (("N",), ("h",)) and not self.derivable(v.e):
            v = self.join("+", v, self.sized_learned(t))
        self.told.update(self.heads(v.e))
        return ["output", v.e]

    def output_size(self):
        if self.role == "head" or not self.widths.get("h"):
            return ("h",) if "h" in self.widths else ("N",)
        if self.chance(0.65):
            return ("h",)
        return self.inner_size()

    def equations(self):
        r = self.r
        self.no_x = self.role == "stack" and self.chance(0.08)
        self.no_h = bool(self.states) and self.chance(0.08)
        for _ in range(r.choice([0, 1, 1, 2, 2, 3, 4])):
            if self.chance(0.12):
                t = self.inner_size()
                n = self.fresh(t)
                self.block(lambda: [lambda: self.let(
                    n, self.expr(t, r.choice([1, 2])))])
            else:
                self.body.append(self.inner())
        names = list(self.states)
        if len(names) > 1 and self.chance(0.4):
            self.block(lambda: [lambda n=n: self.next_state(n)
                                for n in names])
        else:
            for n in names:
                self.block(lambda: [lambda: self.next_state(n)])
        if names and self.chance(0.1):
            # the same once more, at some steps only
            n = r.choice(names)
            self.body.append(self.cases(lambda: [lambda: self.again(n)],
                                        False))
        t = self.output_size()
        self.out_size = t
        if names and ("h",) == t and self.chance(0.25):
            n = r.choice([n for n in names if self.states[n] == ("h",)])
            if self.env[n + "'"].t == t:
                self.body.append(["output", self.env[n + "'"].e])
                return
        depth = r.choice([1, 1, 2, 2, 3])
        self.block(lambda: [lambda: self.output(t, depth)])

    def again(self, name):
        v = self.env[name + "'"]
        w = self.expr(v.t, 1)
        v = self.bounded(self.join(self.r.choice("+-*"), v, w), 3.0)
        return self.let(name, v, True)

    def finish(self):
        """Use what is not used yet, init and rate lines."""
        r = self.r
        known = [n for n in self.env if n != "x" and n not in self.states
                 and not n.endswith("'")]
        if self.body[-1][0] == "output":
            self.absorb(self.body, known)
        else:
            lost = [n for n in known if n not in self.used(self.body)]
            if lost:
                s = self.body.pop()
                t = self.out_size
                name = self.fresh(self.env[lost[0]].t)
                self.body += [self.drain(name, lost)]
                self.body.append(s)
                for e in self.outputs(s):
                    e[-1] = ("bin", "+", e[-1],
                             ("mat", self.matrix(t, self.env[name].t),
                              ("name", name)))
        self.reach()
        used = self.used(self.body)
        gone = [p for p in self.params
                if p not in used and not p.startswith("start")]
        gone += [m for m in self.headed if m not in self.all_matrices()]
        self.head_lines = [s for s in self.head_lines
                           if not (s[1].split()[0] in ("param", "matrix") and
                                   s[1].split()[1] in gone)]
        texts = " ".join(c for s in gentext.statements(self.body)
                         if s[0] == "if" for c, _ in s[1])
        for name in list(self.options):
            if self.declared[name][0] == "word" and \
                    f"{name} == curved" not in texts:
                del self.options[name]     # nobody asks for the word
        self.inits()

    def reach(self):
        """Let an output read what would not reach any."""
        out = self.r.choice(self.outputs(self.body[-1]))
        for name in genlaw.unreached(self.body):
            if name in self.env:
                m = self.matrix(self.out_size, self.env[name].t)
                out[-1] = ("bin", "+", out[-1],
                           ("mat", m, ("name", name)))
        values = {s[1] for s in gentext.statements(self.body)
                  if s[0] == "let"} | set(self.states) | {"x"}
        for name in sorted(self.biases - genlaw.added(self.body, values)):
            if name in self.used(self.body):
                self.head_lines.append(["line", f"param {name}"])

    def outputs(self, s):
        return [o for o in gentext.statements([s]) if o[0] == "output"]

    def drain(self, name, lost):
        t = self.env[lost[0]].t
        v = self.env[lost[0]]
        for n in lost[1:]:
            m = self.matrix(t, self.env[n].t)
            v = Val(("bin", "+", v.e, ("mat", m, self.env[n].e)), t, v.lo - 2,
                    v.hi + 2, True)
        return self.let(name, v)

    def inits(self):
        r = self.r
        used = self.used(self.body)
        tail = []
        mats = sorted(m for m in self.mats if m in self.all_matrices())
        vecs = sorted(p for p in self.params if p in used or
                      p.startswith("start"))
        if (mats or vecs) and self.chance(0.15):
            tail.append(r.choice(["init * uniform(-0.4, 0.4)",
                                  "init * normal(0.3)",
                                  "init W* xavier_normal" if any(
                                      self.made.get(m, m)[0] == "W"
                                      for m in mats)
                                  else "init * uniform_fan"]))
        for m in mats:
            if self.chance(0.6 if m in self.headed else 0.25):
                tail.append(f"init {self.made.get(m, m)} " + r.choice(
                    ["orthogonal", "xavier_uniform", "xavier_normal",
                     "normal(0.3)", "uniform(-0.5, 0.5)", "constant(0.1)",
                     "identity", "uniform_fan"]))
        for p in vecs:
            if self.chance(0.25):
                tail.append(f"init {p} " + r.choice(
                    ["normal(0.3)", "uniform(-0.5, 0.5)", "constant(0.2)",
                     "chrono(5)", "-chrono(4)", "= (i + 1)/n",
                     "= sin(2*pi*i/n)", "uniform_fan"]))
        alike = {}
        for m in mats:
            if m not in self.headed:
                alike.setdefault(self.mats[m], []).append(m)
        alike = [a for a in alike.values() if len(a) > 1]
        if alike and self.chance(0.5):
            names = r.choice(alike)
            r.shuffle(names)
            tail.append(f"init [{' '.join(names)}] " + r.choice(
                ["orthogonal", "xavier_uniform", "xavier_normal",
                 "normal(0.3)", "uniform_fan"]))
        pairs = {}
        for p in vecs:
            pairs.setdefault(self.params[p], []).append(p)
        pairs = [a for a in pairs.values() if len(a) > 1]
        if pairs and self.chance(0.4):
            a, b = r.sample(r.choice(pairs), 2)
            tail.append(f"init [{a} -{b}] chrono(6)")
        for p in mats + vecs:
            if self.chance(0.06):
                tail.append(f"rate {self.made.get(p, p)} {r.choice(['0', '0.5', '2'])}")
        self.body += [["line", t] for t in tail]

    def all_matrices(self):
        return {p[1] for e in gentext.expressions(self.body)
                for p in gentext.walk(e) if p[0] == "mat"}


LIMIT2 = 3.0


def make(rnd, role, tag, singular=False, drops=True):
    while True:
        c = Cell(rnd, role, tag, singular, drops)
        c.declare()
        c.equations()
        c.finish()
        whole = c.head_lines + c.body
        if genlaw.all_learns(gentext.cell_text(whole), c.params) or \
                c.chance(0.02):
            c.body = whole
            return c
