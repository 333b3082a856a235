"""lawful.py - which undeclared names are learned, and what is refused because
it would never learn: docs/cells.md, "Names".  Lines that options switch off
count as well."""
from celltext import Refused, names_of


def exprs(statements):
    """(line, name and prime or None for an output, expression) of all."""
    for s in statements:
        if s[0] == "let":
            yield s[1], (s[2], s[3]), s[5]
        elif s[0] == "output":
            yield s[1], None, s[2]
        elif s[0] in ("if", "at"):
            for _, block in s[2]:
                yield from exprs(block)


def decls(statements, word):
    return [(d, s[1]) for s in statements if s[0] == word for d in s[2]]


def parts_of(e):
    parts = e[3] if e[0] == "call" else e[2] if e[0] == "cat" else e[2:]
    return [p for p in parts if isinstance(p, tuple)]


def sums(e):
    """The lists of terms of all maximal trees of + and - in e."""
    if e[0] in ("add", "sub", "neg"):
        found, todo = [], [e]
        while todo:
            t = todo.pop()
            if t[0] in ("add", "sub", "neg"):
                todo += parts_of(t)
            else:
                found.append(t)
        yield found
        for t in found:
            yield from sums(t)
    else:
        for p in parts_of(e):
            yield from sums(p)


def added(statements, input_name):
    """Names that are added to a sum of which a term differs from step to
    step (or is a product, done at each), and those that states start at."""
    states = decls(statements, "state")
    varying = {input_name} | {d.name for d, _ in states}
    out = {d.start[2] for d, _ in states
           if d.start is not None and d.start[0] == "name"}

    def varies(e):
        return any(leaf[0] == "mat" or leaf[2] in varying
                   for leaf in names_of(e))
    before = -1
    while before != len(varying):
        before = len(varying)
        varying |= {to[0] for _, to, e in exprs(statements)
                    if to and varies(e)}
    for _, _, e in exprs(statements):
        for terms in sums(e):
            if any(varies(t) for t in terms):
                out |= {t[2] for t in terms if t[0] == "name"}
    return out


def reads(e):
    return {leaf[2] for leaf in names_of(e) if leaf[0] == "name"}


def reaching(statements):
    """Names that are read on the way to the output, also over steps."""
    live, before = set(), -1
    while before != len(live):
        before = len(live)
        for _, to, e in exprs(statements):
            if to is None or to[0] in live:
                live |= reads(e)
    return live


def never_learns(statements, learned):
    """Refuse an equation with a learned name that nothing reads."""
    live = reaching(statements)
    for line, to, e in exprs(statements):
        if to and to[0] not in live and learns(e, learned):
            raise Refused(line, f"nothing that reaches the output reads "
                          f"'{to[0]}'")
    assigned_again(statements, learned)


def learns(e, learned):
    return any(leaf[0] == "mat" or learned(leaf[2]) for leaf in names_of(e))


def assigned_again(statements, learned):
    """The same for what a later line of the same block writes over."""
    waiting = {}
    for s in statements:
        if s[0] in ("if", "at"):
            for _, block in s[2]:
                assigned_again(block, learned)
        for line, to, e in exprs([s]):
            for name in reads(e):
                waiting = {k: v for k, v in waiting.items() if k[0] != name}
        if s[0] == "let":
            to = s[2], s[3]
            if to in waiting:
                raise Refused(waiting[to], f"'{s[2]}' is assigned again "
                              f"before anything reads it")
            if learns(s[5], learned):
                waiting[to] = s[1]


def check(statements, learned, known):
    """Refuse unknown names, params nobody uses, learning without an end."""
    used = set()
    for line, _, e in exprs(statements):
        for leaf in names_of(e):
            used.add(leaf[2])
            if leaf[0] == "name" and not learned(leaf[2]) \
                    and not known(leaf[2]):
                raise Refused(line, f"unknown name '{leaf[2]}'")
    for d, _ in decls(statements, "state"):
        if d.start is not None:
            used |= {leaf[2] for leaf in names_of(d.start)}
    for d, line in decls(statements, "param"):
        if d.name not in used:
            raise Refused(line, f"param '{d.name}' is never used")
    never_learns(statements, learned)
