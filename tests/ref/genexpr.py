"""Random expressions, of a wanted size and in a tame range.

A size is a tuple of sorted atoms: ("h",) is that of h, ("h", "x") that of
[x; h], or [h; x], or of a vector of width x + h.  A value is a Val: its tree,
its size, between which numbers it will lie more or less, and whether it
depends on the input.
"""
from collections import namedtuple

import numpy as np

import arith64
import celltext
import derived
import over

Val = namedtuple("Val", "e t lo hi x")
LIMIT = 4.0
# What the net's own functions are drawn from, some of them more often; log
# and sqrt come of something positive.
FUNCTIONS = ["sigmoid", "sigmoid", "tanh", "tanh", "exp", "sin", "cos",
             "relu", "gelu", "swish", "softplus", "square", "abs", "erf"]
FUNCTIONS += [f for f in arith64.FUNCTIONS
              if f not in FUNCTIONS + ["log", "sqrt"]]
PAIRS = [f for f, n in celltext.FUNCTIONS.items() if n == (2, 2)]


def top(v):
    return max(abs(v.lo), abs(v.hi))


def mul(a, b):
    c = [p * q for p in (a.lo, a.hi) for q in (b.lo, b.hi)]
    return min(c), max(c)


class Exprs:
    """What grows expressions; Cells (gencell.py) gives it names to use."""

    def __init__(self, rnd):
        self.r = rnd
        self.env = {}             # name or name' -> Val
        self.mats = {}            # name -> (rows, cols)
        self.params = {}          # learned vector -> size
        self.told = set()         # matrices whose rows are told elsewhere
        self.new_mats = []        # of this statement
        self.no_x = self.no_h = False
        self.singular = False     # x is above 0 in rows, 0 behind them
        self.drops = True
        self.numbers = {}         # numeric options
        self.divisors = {}        # atom -> numbers that divide it
        self.headed = set()       # matrices of heads, and derived ones
        self.made = {}            # derived matrix -> of which
        self.new_params = []

    # ---- small choices ---------------------------------------------------

    def chance(self, p):
        return self.r.random() < p

    def weighted(self, table):
        names = [k for k, w in table.items() if w > 0]
        return self.r.choices(names, [table[k] for k in names])[0]

    def number(self, lo=0.1, hi=2.0):
        """A number's tree and value."""
        if self.numbers and self.chance(0.15):
            name = self.r.choice(sorted(self.numbers))
            v = self.numbers[name]
            if lo <= v <= hi:
                return ("name", name), v
        v = self.r.choice([0.25, 0.5, 0.3, 0.7, 0.75, 0.1, 0.9, 1, 2, 1.5,
                           1.25, 0.125])
        v = min(max(v, lo), hi)
        if self.chance(0.06) and lo <= 0.785398 <= hi:
            return ("bin", "/", ("name", "pi"), ("num", "4")), 0.785398
        if self.chance(0.1) and v - 0.125 > 0:
            return ("par", ("bin", "+", ("num", repr(v - 0.125)),
                            ("num", "0.125"))), v
        return ("num", self.r.choice([f"{v:g}", f"{v:g}", f"{v:e}"])), v

    def names(self, t=None):
        """Names that may stand here, those not used yet first."""
        out = []
        for name, v in self.env.items():
            if (t is None or v.t == t) and self.may(name, v):
                out.append(v)
        return out

    def may(self, name, v):
        return not (self.no_x and v.x) and \
            not (self.no_h and name in self.states_now())

    def states_now(self):
        return ()

    # ---- sizes -----------------------------------------------------------

    def derivable(self, e):
        """Do e's own parts tell its size?"""
        kind = e[0]
        if kind == "name":
            v = self.env.get(e[1])
            return bool(v) or e[1] in self.sized_params()
        if kind == "prime":
            return True
        if kind == "num":
            return False
        if kind == "mat":
            return e[1] in self.told and len(e) == 3
        if kind == "cat":
            return all(self.derivable(p) for p in e[1])
        if kind == "bin":
            return self.derivable(e[2]) or self.derivable(e[3])
        if kind == "fn":
            args = e[2][:1] if e[1] in ("drop", *over.FUNCTIONS) else e[2]
            return any(self.derivable(p) for p in args)
        return self.derivable(e[1])

    def sized_params(self):
        return ()

    # ---- leaves ----------------------------------------------------------

    def learned_name(self, t, bias=False):
        old = sorted(p for p, s in self.params.items() if s == t and
                     (bias or p not in self.biases))
        if old and self.chance(0.45):
            return self.r.choice(old)
        return self.new_param(t, bias=bias)

    def learned(self, t, depth):
        """An expression of learned vectors alone."""
        r = self.r
        if depth <= 0:
            return Val(("name", self.learned_name(t)), t, -1, 1, False)
        a = self.learned(t, depth - 1)
        pick = self.weighted({"fn": 4, "bin": 5, "scale": 1, "div": 1})
        if pick == "fn":
            f = r.choice(["exp", "sin", "cos", "tanh", "sigmoid", "softplus",
                          "square", "erf", "abs", "relu", "gelu", "swish"])
            return self.apply(f, a)
        if pick == "scale":
            n, v = self.number(0.25, 1.5)
            return self.bounded(Val(("bin", "*", n, a.e), t, a.lo * v,
                                    a.hi * v, False))
        b = self.learned(t, depth - 1)
        if pick == "div":
            return self.divide(a, b)
        return self.join(r.choice("++-**"), a, b)

    def matrix(self, rows, cols):
        """A matrix of that size, an old one now and then."""
        old = sorted(m for m, s in self.mats.items() if s == (rows, cols))
        if old and self.chance(0.3):
            return self.r.choice(old)
        name = self.fresh_matrix()
        self.mats[name] = (rows, cols)
        self.new_mats.append(name)
        return name

    def argument(self, depth):
        """Something for a matrix to act on, whose size is told."""
        pool = self.names()
        sizes = sorted({v.t for v in pool}) or [self.spare_size()]
        for _ in range(8):
            t = self.r.choice(sizes)
            if self.chance(0.05):
                v = self.slice(t)
                if v:
                    return v
            if self.chance(0.25) and len(pool) > 1:
                parts = self.r.sample(pool, 2)
                if self.chance(0.2) and len(pool) > 2:
                    parts = self.r.sample(pool, 3)
                return self.cat(parts)
            if depth > 0 and self.chance(0.35):
                told = sorted(m for m in self.told if self.mats[m][0] == t)
                if told and self.chance(0.5):
                    v = self.act(self.r.choice(told), depth - 1)
                else:
                    v = self.expr(t, depth - 1)
                if v and self.derivable(v.e):
                    return v
            elif pool:
                return self.r.choice([v for v in pool if v.t == t])
            else:
                v = self.sized_learned(t)
                return v
        return self.r.choice(pool) if pool else self.sized_learned(sizes[0])

    def sized_learned(self, t):
        return Val(("name", self.new_param(t, True)), t, -1, 1, False)

    def act(self, m, depth, *transposed):
        """m times something of its columns' size, or None."""
        rows, cols = self.mats[m][::-1] if transposed else self.mats[m]
        v = self.of_size(cols, depth)
        if v is None:
            return None
        reach = 1.3 * max(top(v), 0.3)
        return Val(("mat", m, v.e, *transposed), rows, -reach, reach, v.x)

    def part(self, t, depth):
        """Of a concatenation: its size must be told."""
        v = self.expr(t, depth)
        if self.derivable(v.e):
            return v
        pool = self.names(t)
        return self.r.choice(pool) if pool else self.sized_learned(t)

    def of_size(self, t, depth):
        """A told value of size t: a name, or names after one another."""
        pool = self.names(t)
        if pool and self.chance(0.6):
            return self.r.choice(pool)
        if len(t) > 1:
            atoms = list(t)
            self.r.shuffle(atoms)
            parts = []
            for a in atoms:
                one = self.names((a,))
                if not one:
                    return self.r.choice(pool) if pool else None
                parts.append(self.r.choice(one))
            return self.cat(parts)
        if depth > 0 and pool:
            v = self.expr(t, depth - 1)
            if self.derivable(v.e):
                return v
        return self.r.choice(pool) if pool else None

    def cat(self, parts):
        t = tuple(sorted(a for p in parts for a in p.t))
        return Val(("cat", [p.e for p in parts]), t,
                   min(p.lo for p in parts), max(p.hi for p in parts),
                   any(p.x for p in parts))

    def product(self, t, depth):
        """A matrix times something."""
        if self.chance(0.25):
            for m in sorted(m for m, s in self.mats.items() if s[0] == t):
                if self.chance(0.5):
                    v = self.act(m, depth)
                    if v:
                        return v
        if self.chance(0.08):
            for m in sorted(m for m, s in self.mats.items() if s[1] == t):
                v = self.act(m, depth, "^T")
                if v:
                    return v
        a = self.argument(depth)
        reach = 1.3 * max(top(a), 0.3)
        if self.chance(0.04):
            m = self.matrix(a.t, t)
            return Val(("mat", m, a.e, "^T"), t, -reach, reach, a.x)
        many = [k for k in self.heads_of(t) if k in self.heads_of(a.t)
                and 1 < k <= 16]
        if t == a.t == ("h",) and self.chance(0.08):
            m, of = self.fresh_matrix(), self.fresh_matrix()
            self.made[m], self.mats[m] = of, (t, t)
            self.headed.add(m)
            self.head_lines.append(
                ["line", f"matrix {m} = {self.r.choice(derived.KINDS)}({of})"])
        elif many and self.chance(0.6):
            m, k = self.fresh_matrix(), self.r.choice(many)
            self.headed.add(m)
            self.head_lines.append(["line", f"matrix {m} : heads({k})"])
            if self.chance(0.3):
                self.mats[m] = a.t, t
                return Val(("mat", m, a.e, "^T"), t, -reach, reach, a.x)
            self.mats[m] = t, a.t
        else:
            m = self.matrix(t, a.t)
        return Val(("mat", m, a.e), t, -reach, reach, a.x)

    def leaf(self, t):
        if self.chance(0.05):
            v = self.slice(t)
            if v:
                return v
        pool = self.names(t)
        if self.singular and t == ("x",) and not self.no_x and \
                self.chance(0.5):
            return self.at_zero()
        if pool and self.chance(0.75):
            return self.r.choice(pool)
        if self.chance(0.25):
            return self.learned(t, self.r.choice([0, 0, 1, 2]))
        return self.product(t, 0)

    def slice(self, t):
        """Some units of a name, as many as t says, or None.  A vector of two
        sizes has units of each beside at least one other."""
        w = self.width(t) if len(t) == 1 else None
        pool = [v for v in self.names() if v.e[0] in ("name", "prime")
                and self.width(v.t)
                and (v.t == t or len(v.t) == 2 and t[0] in v.t
                     or w == "1")]
        if w is None or not pool:
            return None
        v = self.r.choice(pool)
        ends = [("0", w)]
        if len(v.t) == 2 and t[0] in v.t:
            other = self.width((v.t[v.t[0] == t[0]],))
            ends += [("1", f"{w} + 1"), (other, f"{other} + {w}")] * 2
        elif w == "1":
            ends += [(f"{self.width(v.t)} - 1", self.width(v.t))] * 2
        return v._replace(e=("slice", v.e, *self.r.choice(ends)), t=t)

    def at_zero(self):
        """Of x, which lies in 0.5..2, but is 0 where a row has ended."""
        x = ("name", "x")
        e, lo, hi = self.r.choice([
            (("fn", "log", [x]), -0.7, 0.7), (("fn", "sqrt", [x]), 0.7, 1.5),
            (("bin", "/", ("num", "1"), x), 0.5, 2), (("pow", x, -1), 0.5, 2),
            (("pow", x, -2), 0.25, 4),
            (("fn", "log", [("bin", "*", x, x)]), -1.4, 1.4)])
        return Val(e, ("x",), lo, hi, True)

    # ---- operators -------------------------------------------------------

    def bounded(self, v, limit=LIMIT):
        if top(v) <= limit:
            return v
        f = self.r.choice(["tanh", "sigmoid", "sin", "cos", "erf", "clamp",
                           "scale"])
        if f == "clamp":
            e = ("fn", "min", [("fn", "max", [v.e, ("neg", ("num", "2"))]),
                               ("num", "2")])
            return Val(e, v.t, -2, 2, v.x)
        if f == "scale":
            k = limit / (2 * top(v))
            return Val(("bin", "*", ("num", f"{k:.3g}"), v.e), v.t, v.lo * k,
                       v.hi * k, v.x)
        return self.apply(f, v)

    def apply(self, f, v):
        lo, hi = v.lo, v.hi
        if f == "exp":
            if hi > 2:
                v = self.apply(self.r.choice(["tanh", "sin", "erf"]), v)
            lo, hi = 2.7 ** v.lo, 2.7 ** v.hi
        elif f in ("tanh", "sin", "cos", "erf"):
            lo, hi = -1, 1
        elif f == "sigmoid":
            lo, hi = (0.02, 0.98) if top(v) < 4 else (0, 1)
        elif f == "relu":
            lo, hi = 0, max(v.hi, 0)
        elif f in ("gelu", "swish"):
            lo, hi = -0.3, max(v.hi, 0.1)
        elif f == "softplus":
            lo, hi = 0.02 if v.lo > -4 else 0, max(v.hi, 0) + 0.7
        elif f == "square":
            lo, hi = 0, top(v) ** 2
        elif f == "abs":
            lo, hi = 0, top(v)
        else:
            v, lo, hi = self.looked_at(f, v)
        return self.bounded(Val(("fn", f, [v.e]), v.t, lo, hi, v.x))

    def looked_at(self, f, v):
        """v, made positive if f has no value in its range; f's range."""
        for v in v, self.lift(v):
            with np.errstate(all="ignore"):
                y = arith64.FUNCTIONS[f](np.linspace(v.lo, v.hi, 99))
            if np.isfinite(y).all():
                break
        return v, float(y.min()), float(y.max())

    def join(self, op, a, b):
        if op == "*":
            lo, hi = mul(a, b)
        elif op == "+":
            lo, hi = a.lo + b.lo, a.hi + b.hi
        else:
            lo, hi = a.lo - b.hi, a.hi - b.lo
        return self.bounded(Val(("bin", op, a.e, b.e), a.t, lo, hi,
                                a.x or b.x))

    def positive(self, t, depth):
        """Something of size t that stays above 0.2."""
        return self.lift(self.expr(t, depth - 1))

    def lift(self, v):
        """v made positive."""
        if v.lo >= 0.2:
            return v
        n, k = self.number(0.25, 1)
        how = self.r.choice(["sigmoid", "square", "softplus", "abs", "exp",
                             "max", "sqrt"])
        if how == "max":
            return Val(("fn", "max", [v.e, n]), v.t, k, max(v.hi, k), v.x)
        if how == "exp":
            w = self.apply("exp", self.apply("tanh", v))
            return Val(w.e, v.t, 0.36, 2.8, v.x)
        if how == "sqrt":
            w = self.lift(v)
            return Val(("fn", "sqrt", [w.e]), v.t, w.lo ** 0.5,
                       max(w.hi, 0.05) ** 0.5, v.x)
        w = self.apply(how, v)
        if w.lo < 0:              # bounded() went below again
            w = self.apply("sigmoid", v)
        return Val(("bin", "+", w.e, n), v.t, max(w.lo, 0) + k, w.hi + k, v.x)

    def divide(self, a, b):
        b = self.lift(b)
        reach = top(a) / b.lo
        return self.bounded(Val(("bin", "/", a.e, b.e), a.t, -reach, reach,
                                a.x or b.x))

    def total(self, t, depth):
        """A sum of products, learned vectors and other terms, as text may
        group them."""
        out = None
        for i in range(self.r.choice([1, 2, 2, 3, 3, 4])):
            kind = self.weighted({"product": 6, "learned": 2, "other": 2})
            if kind == "product":
                v = self.product(t, depth - 1)
            elif kind == "learned":
                v = self.learned(t, 1) if self.chance(0.25) else \
                    Val(("name", self.learned_name(t, True)), t, -1, 1, False)
            else:
                v = self.expr(t, depth - 1)
            minus = self.chance(0.2)
            if out is None:
                e = ("neg", v.e) if minus else v.e
                lo, hi = (-v.hi, -v.lo) if minus else (v.lo, v.hi)
                out = Val(e, t, lo, hi, v.x)
                continue
            lo, hi = (-v.hi, -v.lo) if minus else (v.lo, v.hi)
            pair = [out.e, v.e]
            if self.chance(0.15):
                pair[1] = ("par", pair[1])
            if not minus and self.chance(0.25):
                pair.reverse()
            out = Val(("bin", "-" if minus else "+", *pair), t, out.lo + lo,
                      out.hi + hi, out.x or v.x)
        return self.bounded(out, 6.0)

    def power(self, t, depth):
        k = self.r.choice([0, 1, 2, 2, 3, 3, 4, 5, -1, -1, -2, -3])
        if k < 0:
            v = self.positive(t, depth)
            lo, hi = max(v.hi, v.lo) ** k, v.lo ** k
        else:
            v = self.bounded(self.expr(t, depth - 1), 2.0)
            lo, hi = -top(v) ** k, top(v) ** k
        return self.bounded(Val(("pow", v.e, k), t, lo, hi, v.x))

    def drop(self, v):
        p = self.r.choice([None, "0.25", "0.3", "0.1", "0.75"])
        args = [v.e] + ([("num", p)] if p else [])
        scale = 1 / (1 - float(p or 0.5))
        return self.bounded(Val(("fn", "drop", args), v.t, min(v.lo, 0) *
                                scale, max(v.hi, 0) * scale, v.x))

    def heads_of(self, t):
        """Numbers of heads that divide the size t for sure."""
        if len(t) == 1:
            return self.divisors.get(t[0], [])
        return [2] if all(t.count(a) % 2 == 0 for a in t) else []

    def over(self, v):
        """A function over v's units, or its heads'."""
        f = self.r.choice(over.FUNCTIONS)
        if f == "cumprod":
            v = self.apply(self.r.choice(["sigmoid", "cos"]), v)
        elif f in ("softmax", "layernorm"):
            v = self.bounded(v)
        lo, hi = {"sum": (8 * v.lo, 8 * v.hi), "cumsum": (8 * v.lo, 8 * v.hi),
                  "softmax": (0, 1), "layernorm": (-2, 2),
                  "rmsnorm": (-2, 2)}.get(f, (v.lo, v.hi))
        args, many = [v.e], self.heads_of(v.t)
        if many and self.chance(0.7):
            args.append(("num", str(self.r.choice(many))))
        elif self.chance(0.1):
            args.append(("num", "1"))
        return self.bounded(Val(("fn", f, args), v.t, lo, hi, v.x))

    def expr(self, t, depth):
        if depth <= 0:
            return self.leaf(t)
        r = self.r
        pick = self.weighted({
            "sum": 26, "fn": 26, "mul": 14, "add": 4, "div": 4, "least": 5,
            "pow": 5, "leaf": 6, "product": 5, "detach": 2, "scale": 5,
            "over": 6,
            "neg": 2, "learned": 5, "log": 2, "sqrt": 2, "zero":
            6 * (self.singular and t == ("x",) and not self.no_x),
            "drop": 3 * self.drops, "cat": 14 * (len(t) > 1)})
        if pick == "sum":
            return self.total(t, depth)
        if pick == "leaf":
            return self.leaf(t)
        if pick == "zero":
            return self.at_zero()
        if pick == "product":
            return self.bounded(self.product(t, depth))
        if pick == "learned":
            return self.learned(t, r.choice([0, 1, 2, 2, 3]))
        if pick == "cat":
            atoms = list(t)
            r.shuffle(atoms)
            return self.cat([self.part((a,), depth - 1) for a in atoms])
        if pick == "pow":
            return self.power(t, depth)
        if pick in ("log", "sqrt"):
            v = self.positive(t, depth)
            return Val(("fn", pick, [v.e]), t, -1.6 if pick == "log" else 0.4,
                       2, v.x)
        a = self.expr(t, depth - 1)
        if pick == "fn":
            return self.apply(r.choice(FUNCTIONS), a)
        if pick == "over":
            return self.over(a)
        if pick == "detach" and self.chance(0.5):
            return Val(("fn", "sign", [a.e]), t, -1, 1, a.x)
        if pick == "detach":
            return Val(("fn", "detach", [a.e]), t, a.lo, a.hi, a.x)
        if pick == "drop":
            return self.drop(a)
        if pick == "neg":
            return Val(("neg", a.e), t, -a.hi, -a.lo, a.x)
        if pick == "scale":
            n, k = self.number()
            op = r.choice("*+-*r/")
            if op == "r":
                return self.bounded(Val(("bin", "-", n, a.e), t, k - a.hi,
                                        k - a.lo, a.x))
            if op == "/":
                n, k = self.number(0.5, 2)
                return self.bounded(Val(("bin", "/", a.e, n), t, a.lo / k,
                                        a.hi / k, a.x))
            b = Val(n, t, k, k, False)
            return self.join(op, a, b)
        b = self.expr(t, depth - 1)
        if pick == "div":
            return self.divide(a, b)
        if pick == "least":
            f = r.choice(PAIRS)
            if self.chance(0.2):
                n, k = self.number()
                b = Val(n, t, k, k, False)
            pair = [a.e, b.e]
            return Val(("fn", f, pair), t, min(a.lo, b.lo), max(a.hi, b.hi),
                       a.x or b.x)
        if pick == "add":
            return self.join(r.choice("+-"), a, b)
        return self.join("*", a, b)
