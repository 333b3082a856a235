"""What the language asks of a whole text (docs/cells.md, "Names"): what is
learned reaches the output; a value is read before its name is given again; an
undeclared name with a `b` is added to a sum that differs from step to step.
"""
import gentext


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


def given_again(body):
    """Is a value's name given again in a list before anything read it?"""
    unread = {}

    def look(some):
        for s in some:
            if s[0] in ("let", "output"):
                for name in reads(s[-1]):
                    unread.pop(name, None)
            for inner in inner_lists(s):
                if look(inner):
                    return True
            if s[0] != "let":
                continue
            name = s[1] + "'" * s[2]
            if unread.get(name) is some:
                return True
            unread[name] = some
        return False

    return look(body)


def inner_lists(s):
    if s[0] not in ("if", "at"):
        return []
    return [b for _, b in s[1]] + ([s[2]] if s[2] else [])


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
    """Names that are terms of a sum with a term that differs from step to
    step; values: names of what does."""
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
