"""A case that fails, made as small as it can be while it fails alike.

    small = shrink.shrink(case, fails)      fails(case) -> bool
"""
import copy
import time

import gentext

LONGEST = 60             # seconds


def shrink(case, fails, seconds=LONGEST):
    end = time.monotonic() + seconds
    tried = set()
    again = True
    while again:
        again = False
        for move in MOVES:
            changed = True
            while changed:
                changed = False
                for smaller in move(case):
                    key = repr(plain(smaller))
                    if key in tried:
                        continue
                    tried.add(key)
                    if time.monotonic() > end:
                        return case
                    if fails(smaller):
                        case, again, changed = smaller, True, True
                        break
    return case


def plain(case):
    """The case as JSON can hold it."""
    return {"cells": {n: c.body for n, c in case.cells.items()},
            "config": case.config, "data": case.data, "isa": case.isa,
            "threads": case.threads, "initial": case.initial}


def but(case, **changes):
    new = copy.copy(case)
    for k, v in changes.items():
        setattr(new, k, v)
    return new


# ---- settings and data ----------------------------------------------------

def without_machine(case):
    for change in {"threads": 1}, {"isa": None}, {"initial": "drawn"}:
        if any(getattr(case, k) != v for k, v in change.items()):
            yield but(case, **change)


def without_settings(case):
    for key in list(case.config):
        if key in ("cell", "size", "steps", "cells", "seed"):
            continue
        config = dict(case.config)
        del config[key]
        if key == "epochs":
            config["steps"] = 25
        yield used_cells(but(case, config=config))
    for key in list(case.config.get("options", {})):
        options = dict(case.config["options"])
        del options[key]
        yield but(case, config=dict(case.config, options=options))
    for steps in 1, 2, 3, 5:
        if case.config.get("steps", 0) > steps:
            yield but(case, config=dict(case.config, steps=steps))
    if case.config["seed"] != 1:
        yield but(case, config=dict(case.config, seed=1))


def smaller_net(case):
    for key in "encoder", "cell", "decoder":
        names = [w for w in case.config.get(key, "").split(",") if w]
        for i in range(len(names)):
            left = names[:i] + names[i + 1:]
            if left:
                yield used_cells(but(case, config=dict(
                    case.config, **{key: ",".join(left)})))
        for i, w in enumerate(names):
            if ":" in w:
                some = names[:i] + [w.split(":")[0]] + names[i + 1:]
                yield but(case, config=dict(case.config,
                                            **{key: ",".join(some)}))
    for n in 1, 2, 3:
        if case.config["size"] > n:
            yield but(case, config=dict(case.config, size=n))


def used_cells(case):
    words = ",".join(str(case.config.get(k, ""))
                     for k in ("encoder", "cell", "decoder", "head"))
    names = {w.split(":")[0] for w in words.split(",")}
    cells = {n: c for n, c in case.cells.items() if n in names}
    return but(case, cells=cells)


def smaller_data(case):
    d = case.data

    def so(**changes):
        return but(case, data=dict(d, **changes))

    if d["kind"] != "stored":
        yield so(kind="stored", batches=d["batches"][:2])
    n = len(d["batches"])
    for k in 1, 2, n // 2, n - 1:
        if 0 < k < n:
            yield so(batches=d["batches"][:k])
    for rows in 1, 2, 3, 17, 64, 65:
        if rows < d["rows"]:
            yield so(rows=rows, batches=[(min(b, rows), t)
                                         for b, t in d["batches"]])
    longest = max(t for _, t in d["batches"])
    for steps in 1, 2, 3, longest - 1:
        if 0 < steps < longest:
            yield so(steps=steps, batches=[(b, min(t, steps))
                                           for b, t in d["batches"]])
    if d["mask"]:
        yield so(mask=None)
    if d["ragged"]:
        yield so(ragged=False)
    if d["wide"]:
        yield so(wide=False)
    if d["singular"]:
        yield so(singular=False)
    for key in "input", "target":
        for k in 1, 2, 3:
            if k < d[f"{key}_size"] and (k > 1 or d[key] == "vector"):
                yield so(**{f"{key}_size": k})
    if d["target"] == "token":
        config = {k: v for k, v in case.config.items() if k != "loss"}
        yield but(so(target="vector", target_size=1), config=config)
    if d["input"] == "token":
        yield so(input="vector", input_size=1)


# ---- cells ----------------------------------------------------------------

def with_body(case, name, body):
    cell = copy.copy(case.cells[name])
    cell.body = body
    return but(case, cells=dict(case.cells, **{name: cell}))


def shorter(body):
    """body with a statement less, or a block opened."""
    for i in range(len(body) - 1, -1, -1):
        s = body[i]
        before, after = body[:i], body[i + 1:]
        if not (s[0] == "line" and s[1].startswith("input")):
            yield before + after
        if s[0] not in ("if", "at"):
            continue
        for _, inner in s[1]:
            yield before + list(inner) + after
        if s[2] is not None:
            yield before + list(s[2]) + after
            if s[0] == "at":
                yield before + [[s[0], s[1], None]] + after
        for k in range(len(s[1])):
            left = s[1][:k] + s[1][k + 1:]
            if left:
                yield before + [[s[0], left, s[2]]] + after
            key, inner = s[1][k]
            for less in shorter(inner):
                some = s[1][:k] + [(key, less)] + s[1][k + 1:]
                yield before + [[s[0], some, s[2]]] + after
        for less in shorter(s[2] or []):
            yield before + [[s[0], s[1], less]] + after


def replaced(e, name, by):
    if e[0] == "name":
        return by if e[1] == name else e
    return gentext.with_parts(e, [replaced(p, name, by)
                                  for p in gentext.parts(e)])


def put_in(body, name, by):
    """body with an expression in place of a name."""
    out = []
    for s in body:
        if s[0] in ("let", "output"):
            s = s[:-1] + [replaced(s[-1], name, by)]
        elif s[0] in ("if", "at"):
            s = [s[0], [(k, put_in(b, name, by)) for k, b in s[1]],
                 s[2] and put_in(s[2], name, by)]
        out.append(s)
    return out


def inlined(body):
    for i, s in enumerate(body):
        if s[0] == "let" and not s[2]:
            yield body[:i] + put_in(body[i + 1:], s[1], s[4])
        elif s[0] in ("if", "at"):
            for k, (key, inner) in enumerate(s[1]):
                for less in inlined(inner):
                    some = s[1][:k] + [(key, less)] + s[1][k + 1:]
                    yield body[:i] + [[s[0], some, s[2]]] + body[i + 1:]
            for less in inlined(s[2] or []):
                yield body[:i] + [[s[0], s[1], less]] + body[i + 1:]


def fewer_statements(case):
    for name, c in case.cells.items():
        for body in shorter(c.body):
            yield with_body(case, name, body)
        for body in inlined(c.body):
            yield with_body(case, name, body)


def simpler(e):
    """Expressions a little smaller than e."""
    for p in gentext.parts(e):
        yield p
    if e[0] == "name" and e[1] not in ("x", "h"):
        yield ("name", "x")
    if e[0] == "cat" and len(e[1]) > 2:
        for i in range(len(e[1])):
            yield ("cat", e[1][:i] + e[1][i + 1:])
    if e[0] == "fn" and e[1] not in ("detach", "drop", "tanh") and \
            len(e[2]) == 1:
        yield ("fn", "tanh", e[2])
    ps = list(gentext.parts(e))
    for i, p in enumerate(ps):
        for q in simpler(p):
            yield gentext.with_parts(e, ps[:i] + [q] + ps[i + 1:])


def simpler_body(body):
    for i, s in enumerate(body):
        if s[0] in ("let", "output"):
            for e in simpler(s[-1]):
                yield body[:i] + [s[:-1] + [e]] + body[i + 1:]
            if s[0] == "let" and s[3]:
                yield body[:i] + [s[:3] + [None] + s[4:]] + body[i + 1:]
        elif s[0] in ("if", "at"):
            for k, (key, inner) in enumerate(s[1]):
                for less in simpler_body(inner):
                    some = s[1][:k] + [(key, less)] + s[1][k + 1:]
                    yield body[:i] + [[s[0], some, s[2]]] + body[i + 1:]
            for less in simpler_body(s[2] or []):
                yield body[:i] + [[s[0], s[1], less]] + body[i + 1:]
        elif s[1].startswith(("state", "param")):
            for less in lesser_line(s[1]):
                yield body[:i] + [["line", less]] + body[i + 1:]


def lesser_line(text):
    """A declaration with less in it: fewer names, no start, no size."""
    word, rest = text.split(" ", 1)
    items = rest.split(", ")
    for i, item in enumerate(items):
        if len(items) > 1:
            yield f"{word} {', '.join(items[:i] + items[i + 1:])}"
        for mark in " = ", " : ":
            if mark in item:
                left = items[:i] + [item.split(mark)[0]] + items[i + 1:]
                yield f"{word} {', '.join(left)}"


def simpler_expressions(case):
    for name, c in case.cells.items():
        for body in simpler_body(c.body):
            yield with_body(case, name, body)


MOVES = [smaller_net, without_settings, smaller_data, fewer_statements,
         simpler_expressions, without_machine]
