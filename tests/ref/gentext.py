"""Random cells as trees, and the text of a tree.

An expression is a tuple:
    ("num", text)              ("name", name)          ("prime", state)
    ("mat", M, e)              ("fn", f, [e, ..])      ("cat", [e, ..])
    ("mat", M, e, "^T")        M transposed
    ("bin", op, a, b)          ("neg", a)              ("pow", a, k)
    ("par", e)                 brackets that change nothing
    ("slice", e, from, to)     of a name; bounds as text
A statement is a list:
    ["line", text]             input, state, param, option, size, init, rate
    ["let", name, primed, width or None, e]
    ["output", e]
    ["if", [(condition text, [statement, ..]), ..], else's or None]
    ["at", [(step, [statement, ..]), ..], otherwise's or None]
"""
SUM, TERM, UNARY, POWER, APPLY = range(5)


def level(e):
    if e[0] == "bin":
        return SUM if e[1] in "+-" else TERM
    return {"neg": UNARY, "pow": POWER}.get(e[0], APPLY)


def text(e, at=SUM):
    """e where an operand of level `at` or above may stand."""
    s = bare(e)
    return s if level(e) >= at else f"({s})"


def bare(e):
    kind = e[0]
    if kind in ("num", "name"):
        return e[1]
    if kind == "prime":
        return e[1] + "'"
    if kind == "mat":
        return f"{e[1]}{''.join(e[3:])} {text(e[2], APPLY)}"
    if kind == "fn":
        return f"{e[1]}({', '.join(text(a) for a in e[2])})"
    if kind == "cat":
        return f"[{'; '.join(text(a) for a in e[1])}]"
    if kind == "neg":
        return "-" + text(e[1], POWER)
    if kind == "pow":
        return f"{text(e[1], APPLY)}^{e[2]}"
    if kind == "par":
        return f"({text(e[1])})"
    if kind == "slice":
        return f"{bare(e[1])}[{e[2]}:{e[3]}]"
    op, a, b = e[1:]
    low = level(e)
    return f"{text(a, low)} {op} {text(b, low + 1)}"


def lines(body, indent=""):
    for s in body:
        if s[0] == "line":
            yield indent + s[1]
        elif s[0] == "let":
            width = f" : {s[3]}" if s[3] else ""
            yield f"{indent}{s[1]}{chr(39) * s[2]}{width} = {text(s[4])}"
        elif s[0] == "output":
            yield f"{indent}output {text(s[1])}"
        elif s[0] == "if":
            for n, (condition, inner) in enumerate(s[1]):
                yield f"{indent}{'else if' if n else 'if'} {condition}"
                yield from lines(inner, indent + "    ")
            if s[2] is not None:
                yield indent + "else"
                yield from lines(s[2], indent + "    ")
            yield indent + "end"
        else:
            for step, inner in s[1]:
                yield f"{indent}at {step}:"
                yield from lines(inner, indent + "    ")
            if s[2] is not None:
                yield indent + "otherwise:"
                yield from lines(s[2], indent + "    ")
            yield indent + "end"


def cell_text(body):
    return "\n".join(lines(body)) + "\n"


def parts(e):
    """The expressions e is made of."""
    kind = e[0]
    if kind == "mat":
        return [e[2]]
    if kind == "fn":
        return list(e[2])
    if kind == "cat":
        return list(e[1])
    if kind in ("neg", "pow", "par", "slice"):
        return [e[1]]
    return [e[2], e[3]] if kind == "bin" else []


def with_parts(e, new):
    """e, made of other expressions."""
    kind = e[0]
    if kind == "mat":
        return ("mat", e[1], new[0], *e[3:])
    if kind == "fn":
        return ("fn", e[1], list(new))
    if kind == "cat":
        return ("cat", list(new))
    if kind == "pow":
        return ("pow", new[0], e[2])
    if kind in ("neg", "par"):
        return (kind, new[0])
    if kind == "slice":
        return e if new[0][0] not in ("name", "prime") else \
            ("slice", new[0], e[2], e[3])
    return ("bin", e[1], new[0], new[1]) if kind == "bin" else e


def walk(e):
    yield e
    for p in parts(e):
        yield from walk(p)


def statements(body):
    """All statements, those in blocks too."""
    for s in body:
        yield s
        if s[0] in ("if", "at"):
            for _, inner in s[1]:
                yield from statements(inner)
            yield from statements(s[2] or [])


def expressions(body):
    for s in statements(body):
        if s[0] in ("let", "output"):
            yield s[-1]
