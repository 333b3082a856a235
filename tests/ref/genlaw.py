"""What the language asks of a whole text (docs/cells.md, "Names"): what is
learned reaches the output; an undeclared name with a `b` is added to a sum
with a product, the input, a state or an assigned name.
"""
import gentext
import lawful
from celltext import Refused, parse


def reads(e):
    """Names that e reads; a state's value at the step's end with its '."""
    for p in gentext.walk(e):
        if p[0] == "name":
            yield p[1]
        elif p[0] == "prime":
            yield p[1] + "'"


def unreached(body):
    """Names and states whose equations nothing reads that reaches the
    output, in text order."""
    made, todo, seen = {}, [], set()
    for s in gentext.statements(body):
        if s[0] == "let":
            made.setdefault(s[1], []).append(s[4])
        elif s[0] == "output":
            todo.append(s[1])
    while todo:
        for name in reads(todo.pop()):
            name = name.rstrip("'")
            if name not in seen:
                seen.add(name)
                todo += made.get(name, [])
    return [name for name in made if name not in seen]


def all_learns(text, params):
    """Does all that is learned reach an output?  The reference is asked, but
    a few cells of which it says no are drawn all the same: the program must
    refuse them, too."""
    try:
        lawful.never_learns(parse(text), lambda name: name in params)
    except Refused:
        return False
    return True


def is_sum(e):
    return e[0] in ("neg", "par") or e[0] == "bin" and e[1] in "+-"


def terms(e):
    if is_sum(e):
        for p in gentext.parts(e):
            yield from terms(p)
    else:
        yield e


def varies(e, values):
    return any(p[0] in ("mat", "prime") or p[0] == "name" and p[1] in values
               for p in gentext.walk(e))


def added(body, values):
    """Names that are terms of a sum with a term in which a product or one of
    the names `values` stands."""
    out = set()

    def look(e, inside):
        if is_sum(e) and not inside:
            all_terms = list(terms(e))
            if any(varies(t, values) for t in all_terms):
                out.update(t[1] for t in all_terms if t[0] == "name")
        for p in gentext.parts(e):
            look(p, is_sum(e))

    for e in gentext.expressions(body):
        look(e, False)
    return out
