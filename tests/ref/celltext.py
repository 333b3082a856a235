"""celltext.py - a cell's text to statements, as docs/cells.md has the language.

Written from that page alone, so that it can be held against lib/cell.  A
statement is a tuple (word, line, ...):

    ("input", line, name)              ("state", line, [Decl])
    ("param", line, [Decl])            ("option", line, name, value)
    ("size", line, name, expr)         ("let", line, name, primed, size, expr)
    ("output", line, expr)             ("init", line, [(sign, glob)], kind, args)
    ("rate", line, [(sign, glob)], expr)
    ("matrix", line, [(name, None, number of heads)
                      or (name, function, the learned matrix's name)])
    ("if", line, [(condition, block)])       condition None: else
    ("at", line, [(number, block)])          number None: otherwise

An expression is a tuple (word, pos, ...), pos its place among the tokens:

    ("num", pos, value)        ("name", pos, name, primed)
    ("mat", pos, name, arg, transposed)      ("heads", ...): the same, of a
                               matrix of heads: cell.py knows which
    ("call", pos, function, [args])
    ("add"|"sub"|"mul"|"div", pos, a, b)   ("neg", pos, a)
    ("pow", pos, a, k)         ("cat", pos, [parts])
    ("slice", pos, name, [from, to])
"""
import re
from collections import namedtuple

import arith64
import derived
import over

# Name: least and most arguments; those of one argument are in arith64.py.
FUNCTIONS = {name: (1, 1) for name in arith64.FUNCTIONS}
FUNCTIONS.update(min=(2, 2), max=(2, 2), detach=(1, 1), drop=(1, 2),
                 sign=(1, 1), **{f: (1, 2) for f in over.FUNCTIONS})
# Those that may be names, too, where no bracket follows.
LATE = "sign", *over.FUNCTIONS
WORDS = set("input state param option size output init rate matrix if else "
            "end at otherwise and or not true false".split())

Token = namedtuple("Token", "kind text line")
Decl = namedtuple("Decl", "name size start pos")


class Refused(Exception):
    """A text that is not a cell: .line and .why."""

    def __init__(self, line, why):
        super().__init__(f"{line}: {why}")
        self.line, self.why = line, why


PLAIN = re.compile(r"""(?P<blank>[ \t\r]+|\#[^\n]*)|(?P<newline>\n)
    |(?P<number>(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?)
    |(?P<name>[A-Za-z][A-Za-z0-9_]*)
    |(?P<op>==|!=|[-+*/^()\[\];,:=<>'])""", re.X)
GLOB = re.compile(r"(?P<blank>[ \t\r]+)|(?P<glob>[A-Za-z0-9_*?]+)"
                  r"|(?P<op>[-\[\]])")
GOES_ON = set("+ - * / ^ = == != < > , ;".split())


def tokens(text):
    """The text's tokens; a newline only where it ends a statement."""
    out, at, line, depth = [], 0, 1, 0
    globs = 0                   # 1: the names of an init, 2: in its brackets
    while at < len(text):
        m = (GLOB if globs else PLAIN).match(text, at)
        if not m:
            raise Refused(line, f"cannot read {text[at]!r}")
        kind, word, at = m.lastgroup, m.group(m.lastgroup), m.end()
        if kind == "blank":
            continue
        if kind == "newline":
            if depth == 0 and out and out[-1].kind != "newline" \
                    and out[-1].text not in GOES_ON:
                out.append(Token("newline", "\n", line))
            line += 1
            continue
        begins = not out or out[-1].kind == "newline"
        out.append(Token("op" if kind == "op" else kind, word, line))
        if globs:
            if word == "[":
                globs = 2
            elif word != "-" and (globs == 1 or word == "]"):
                globs = 0
        elif begins and word in ("init", "rate"):
            globs = 1
        elif word in ("(", "["):
            depth += 1
        elif word in (")", "]"):
            depth -= 1
    out.append(Token("newline", "\n", line))
    out.append(Token("end", "the end", line))
    return out


class Parser:
    def __init__(self, text):
        self.toks, self.at = tokens(text), 0
        self.options = {b.text for a, b in zip(self.toks, self.toks[1:])
                        if a.text == "option"}

    # ---- tokens
    @property
    def tok(self):
        return self.toks[self.at]

    def take(self, *texts):
        if self.tok.text in texts and self.tok.kind != "end":
            self.at += 1
            return self.toks[self.at - 1].text
        return None

    def need(self, *texts):
        got = self.take(*texts)
        if got is None:
            raise Refused(self.tok.line, f"found {self.tok.text!r} in place "
                          f"of {' or '.join(map(repr, texts))}")
        return got

    def name(self):
        t = self.tok
        if t.kind != "name" or t.text in WORDS:
            raise Refused(t.line, f"found {t.text!r} in place of a name")
        if len(t.text) > 64:
            raise Refused(t.line, "name too long")
        self.at += 1
        return t.text

    def end_of_statement(self):
        if self.tok.kind not in ("newline", "end"):
            raise Refused(self.tok.line, f"unexpected {self.tok.text!r}")
        while self.take("\n"):
            pass

    # ---- statements
    def block(self, *ends):
        """Statements up to one of the words, which stays."""
        out = []
        while self.take("\n"):
            pass
        while self.tok.text not in ends and self.tok.kind != "end":
            out.append(self.statement())
        if self.tok.kind == "end" and ends:
            raise Refused(self.tok.line, "no 'end'")
        return out

    def statement(self):
        t = self.tok
        do = getattr(self, "on_" + t.text, None) if t.text in WORDS else None
        if do:
            self.at += 1
            made = do(t.line)
        elif t.kind == "name" and t.text not in WORDS:
            made = self.let(t.line)
        else:
            raise Refused(t.line, f"unexpected {t.text!r}")
        self.end_of_statement()
        return made

    def let(self, line):
        name, size = self.name(), None
        primed = bool(self.take("'"))
        if self.take(":"):
            size = self.expr()
        self.need("=")
        return ("let", line, name, primed, size, self.expr())

    def on_input(self, line):
        return ("input", line, self.name())

    def decls(self):
        out = []
        while True:
            pos, name, size, start = self.at, self.name(), None, None
            if self.take(":"):
                size = self.expr()
            if self.take("="):
                start = self.expr()
            out.append(Decl(name, size, start, pos))
            if not self.take(","):
                return out

    def on_state(self, line):
        return ("state", line, self.decls())

    def on_param(self, line):
        return ("param", line, self.decls())

    def on_option(self, line):
        name = self.name()
        self.need("=")
        return ("option", line, name, self.value())

    def value(self):
        """true, false, a number or a word."""
        minus = self.take("-")
        t = self.tok
        self.at += 1
        if t.kind == "number":
            return -float(t.text) if minus else float(t.text)
        if t.kind != "name" or minus:
            raise Refused(t.line, f"{t.text!r} is no value")
        return {"true": True, "false": False}.get(t.text, t.text)

    def on_size(self, line):
        name = self.name()
        self.need("=")
        return ("size", line, name, self.expr())

    def on_output(self, line):
        return ("output", line, self.expr())

    def globs(self):
        many, out = self.take("["), []
        while True:
            sign = -1 if self.take("-") else 1
            if self.tok.kind != "glob":
                raise Refused(self.tok.line, "a name or glob is missing")
            out.append((sign, self.tok.text))
            self.at += 1
            if not many:
                return out
            if self.take("]"):
                return out

    def on_init(self, line):
        names = self.globs()
        if self.take("="):
            return ("init", line, names, "=", [self.expr()])
        sign = "-" if self.take("-") else ""
        kind, args = sign + self.name(), []
        if self.take("("):
            args.append(self.expr())
            while self.take(","):
                args.append(self.expr())
            self.need(")")
        return ("init", line, names, kind, args)

    def on_rate(self, line):
        return ("rate", line, self.globs(), self.expr())

    def on_matrix(self, line):
        out = []
        while True:
            name = self.name()
            how = self.need(":", "=") == "=" and self.need(*derived.KINDS)
            for word in ("heads", "(")[bool(how):]:
                self.need(word)
            out.append((name, how or None,
                        self.name() if how else self.expr()))
            self.need(")")
            if not self.take(","):
                return ("matrix", line, out)

    def on_if(self, line):
        cases = [(self.any(), self.block("else", "end"))]
        while self.take("else"):
            if self.take("if"):
                cases.append((self.any(), self.block("else", "end")))
            else:
                cases.append((None, self.block("end")))
                break
        self.need("end")
        return ("if", line, cases)

    def on_at(self, line):
        cases, ends = [], ("at", "otherwise", "end")
        while True:
            number = self.tok
            self.at += 1
            if number.kind != "number" or not number.text.isdigit():
                raise Refused(number.line, "'at' needs a step's number")
            self.need(":")
            cases.append((int(number.text), self.block(*ends)))
            if not self.take("at"):
                break
        if self.take("otherwise"):
            self.need(":")
            cases.append((None, self.block("end")))
        self.need("end")
        return ("at", line, cases)

    # ---- conditions: functions of a look-up of names
    def any(self):
        tests = [self.all()]
        while self.take("or"):
            tests.append(self.all())
        return lambda get: any([t(get) for t in tests])

    def all(self):
        tests = [self.test()]
        while self.take("and"):
            tests.append(self.test())
        return lambda get: all([t(get) for t in tests])

    def test(self):
        if self.take("not"):
            inner = self.test()
            return lambda get: not inner(get)
        if self.take("("):
            inner = self.any()
            self.need(")")
            return inner
        left = self.value()
        op = self.take("==", "!=", "<", ">")
        right = self.value() if op else None

        def test(get):
            a, b = get(left), get(right)
            return {None: a is True, "==": a == b, "!=": a != b}[op] \
                if op in (None, "==", "!=") else (a < b if op == "<" else a > b)
        return test

    # ---- expressions
    def expr(self):
        a = self.term()
        while True:
            pos = self.at
            op = self.take("+", "-")
            if not op:
                return a
            a = ("add" if op == "+" else "sub", pos, a, self.term())

    def term(self):
        a = self.unary()
        while True:
            pos = self.at
            op = self.take("*", "/")
            if not op:
                return a
            a = ("mul" if op == "*" else "div", pos, a, self.unary())

    def unary(self):
        pos = self.at
        if self.take("-"):
            return ("neg", pos, self.power())
        return self.power()

    def power(self):
        a, pos = self.apply(), self.at
        if not self.take("^"):
            return a
        sign = -1 if self.take("-") else 1
        if not re.fullmatch(r"\d+", self.tok.text):
            raise Refused(self.tok.line, "'^' needs a whole number")
        self.at += 1
        return ("pow", pos, a, sign * int(self.toks[self.at - 1].text))

    def apply(self):
        pos, t = self.at, self.tok
        if t.kind == "number":
            self.at += 1
            return ("num", pos, float(t.text))
        if self.take("("):
            inner = self.expr()
            self.need(")")
            return inner
        if self.take("["):
            parts = [self.expr()]
            while self.take(";"):
                parts.append(self.expr())
            self.need("]")
            return ("cat", pos, parts) if len(parts) > 1 else parts[0]
        name = self.name()
        if name in FUNCTIONS and (name not in LATE or self.tok.text == "("):
            return self.call(pos, name)
        if name[0].isupper() and name not in self.options:
            transposed = self.tok.text == "^"
            if transposed:
                self.at += 1
                self.need("T")
            return ("mat", pos, name, self.apply(), transposed)
        return self.slice(("name", pos, name, bool(self.take("'"))))

    def slice(self, e):
        pos = self.at
        if not self.take("["):
            return e
        bounds = [self.expr()]
        self.need(":")
        bounds.append(self.expr())
        self.need("]")
        return ("slice", pos, e, bounds)

    def call(self, pos, name):
        self.need("(")
        args = [self.expr()]
        while self.take(","):
            args.append(self.expr())
        self.need(")")
        low, high = FUNCTIONS[name]
        if not low <= len(args) <= high:
            raise Refused(self.tok.line, f"{name} takes {low} arguments")
        return ("call", pos, name, args)


def parse(text):
    """The statements of a text."""
    p = Parser(text)
    out = p.block()
    if p.tok.kind != "end":
        raise Refused(p.tok.line, f"unexpected {p.tok.text!r}")
    return out


def names_of(e):
    """All (word, pos, name, ...) leaves "name" and "mat", in text order."""
    if e[0] == "name":
        yield e
    elif e[0] in ("mat", "heads"):
        yield ("mat", *e[1:])
        yield from names_of(e[3])
    elif e[0] in ("call", "cat"):
        for a in e[-1]:
            yield from names_of(a)
    elif e[0] in ("neg", "pow", "slice"):
        yield from names_of(e[2])
    elif e[0] != "num":
        yield from names_of(e[2])
        yield from names_of(e[3])
