"""lawful.py - which undeclared names are learned, and what is refused because
it would never learn: docs/cells.md, "Names".  Lines that options switch off
count as well."""
import fnmatch

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
    """(declaration, line) of all, also of those that options switch off."""
    out = []
    for s in statements:
        if s[0] == word:
            out += [(d, s[1]) for d in s[2]]
        elif s[0] == "if":
            for _, block in s[2]:
                out += decls(block, word)
    return out


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
    """Names that are added to a sum with a term in which a product, the
    input, a state or an assigned name stands, and those that states start
    at."""
    states = decls(statements, "state")
    varying = {input_name} | {d.name for d, _ in states} | \
        {to[0] for _, to, _ in exprs(statements) if to}
    out = {d.start[2] for d, _ in states
           if d.start is not None and d.start[0] == "name"}

    def varies(e):
        return any(leaf[0] == "mat" or leaf[2] in varying
                   for leaf in names_of(e))
    for _, _, e in exprs(statements):
        for terms in sums(e):
            if any(varies(t) for t in terms):
                out |= {t[2] for t in terms if t[0] == "name"}
    return out


def reads(e):
    """Names with their primes; a state's without is its value before."""
    return {(leaf[2], leaf[3]) for leaf in names_of(e) if leaf[0] == "name"}


def learns(e, learned):
    return any(leaf[0] == "mat" or learned(leaf[2]) for leaf in names_of(e))


class Live:
    """Which values reach the output, found from the step's end to its
    beginning, with any branch of an `if` taken, until one more step before
    changes nothing."""

    def __init__(self, statements):
        self.idle = []              # assignments that nothing counts on
        states = {d.name for d, _ in decls(statements, "state")}
        self.begin, before = set(), None
        while before != self.begin:
            before, self.idle = self.begin, []
            self.begin = before | self.block(
                statements, {(n, True) for n in states
                             if (n, False) in before})

    def block(self, statements, live):
        for s in reversed(statements):
            if s[0] == "output":
                live = live | reads(s[2])
            elif s[0] == "let":
                to = s[2], s[3]
                if to in live:
                    live = live - {to} | reads(s[5])
                else:
                    self.idle.append(s)
            elif s[0] in ("if", "at"):
                live = self.branches(s[2], live)
        return live

    def branches(self, cases, live):
        out = set() if any(when is None for when, _ in cases) else live
        for _, block in cases:
            out = out | self.block(block, live)
        return out


def never_learns(statements, learned):
    """Refuse what is learned and cannot reach the output."""
    live = Live(statements)
    for s in sorted(live.idle, key=lambda s: s[1]):
        if learns(s[5], learned):
            raise Refused(s[1], f"nothing that reaches the output reads "
                          f"'{s[2]}'")
    for d, line in decls(statements, "state"):
        if d.start is not None and learns(d.start, learned) and \
                (d.name, False) not in live.begin:
            raise Refused(line, f"nothing that reaches the output reads "
                          f"'{d.name}', which starts at a learned vector")


def statements_of(statements, word):
    for s in statements:
        if s[0] == word:
            yield s
        elif s[0] == "if":
            for _, block in s[2]:
                yield from statements_of(block, word)


def named(statements):
    """(line, glob) of all init and rate lines."""
    for s in statements:
        if s[0] in ("init", "rate"):
            for _, glob in s[2]:
                yield s[1], glob
        elif s[0] == "if":
            for _, block in s[2]:
                yield from named(block)


def check(statements, learned, known):
    """Refuse unknown names, params nobody uses, globs of nothing, learning
    without an end."""
    used, params = set(), set()
    for line, _, e in exprs(statements):
        for leaf in names_of(e):
            used.add(leaf[2])
            if leaf[0] == "mat" or learned(leaf[2]):
                params.add(leaf[2])
            if leaf[0] == "name" and not learned(leaf[2]) \
                    and not known(leaf[2]):
                raise Refused(line, f"unknown name '{leaf[2]}'")
    for d, _ in decls(statements, "state"):
        if d.start is not None:
            names = {leaf[2] for leaf in names_of(d.start)}
            used |= names
            params |= set(filter(learned, names))
    for d, line in decls(statements, "param"):
        if d.name not in used:
            raise Refused(line, f"param '{d.name}' is never used")
    for s in statements_of(statements, "matrix"):
        for name, how, of in s[2]:
            if how and of in used:
                raise Refused(s[1], f"'{of}' makes '{name}'")
            if how:
                params.discard(name)
                params.add(of)
    for line, glob in named(statements):
        if not any(fnmatch.fnmatchcase(p, glob) for p in params):
            raise Refused(line, f"nothing learned is called '{glob}'")
    never_learns(statements, learned)
