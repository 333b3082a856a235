#!/usr/bin/env python3
"""The predictors of `eval --oracle fsm` beside a brute-force reading of the
task's page: counts by hand, and exact Bayes by going through every way in which
a machine can be drawn, edge by edge.  Prints what was compared."""
import itertools
import json
import math
import subprocess
import sys

TASKS = [
    # states, actions, demos, transitions, absorb, sequences
    (2, 2, 1, 2, False, 40),
    (2, 3, 2, 2, False, 40),
    (3, 3, 1, 4, False, 40),
    (3, 2, 3, 2, False, 40),
    (4, 3, 2, 3, False, 12),
    (3, 3, 2, 3, True, 25),
    (2, 1, 0, 4, True, 20),
]


def command(line, text=None):
    return subprocess.run(line, shell=True, input=text, text=True, check=True,
                          capture_output=True).stdout


def trees(states, actions):
    """All ways to draw a spanning tree: (probability, {(s, a): t})."""
    def grow(reached, rest, cells, p):
        if not rest:
            yield p, dict(cells)
            return
        for source in reached:
            free = [a for a in range(actions) if (source, a) not in cells]
            for to in rest:
                for a in free:
                    yield from grow(
                        reached + [to], [r for r in rest if r != to],
                        {**cells, (source, a): to},
                        p / len(reached) / len(rest) / len(free))
    return list(grow([0], list(range(1, states)), {}, 1.0))


def chance(shown, all_trees, states, actions, absorb):
    """P(the machine's cells are those shown)."""
    def of_tree(cells, p, sink):
        for (s, a), t in shown.items():
            if s == sink:
                p *= t == sink
            elif (s, a) in cells:
                p *= cells[s, a] == t
            else:
                p /= states
        return p
    sinks = range(states) if absorb else [None]
    return sum(of_tree(cells, p, sink) for p, cells in all_trees
               for sink in sinks) / len(sinks)


def best(p, target):
    equal = [i for i, x in enumerate(p) if x > max(p) * (1 - 1e-9)]
    return (target in equal) / len(equal)


def smoothed(counts):
    return [(c + 0.5) / (sum(counts) + 0.5 * len(counts)) for c in counts]


def look_up(table, pair, n):
    return [float(i == table[pair]) for i in range(n)] if pair in table else \
        [1 / n] * n


def read(row, task, all_trees):
    """For each place that counts: the answer, and each predictor's p."""
    n, actions, _, _, absorb, _ = task
    about = row["about"]
    uni, by_s, by_a = [0] * n, {}, {}
    table, demos = {}, {}
    query = about["query"]
    for walk in about["demos"] + [query]:
        for s, a, t in zip(walk[0:-1:2], walk[1::2], walk[2::2]):
            pair = s, a
            if walk is query:
                p = {
                    "uniform": [1 / n] * n,
                    "unigram": smoothed(uni),
                    "state_bigram": smoothed(by_s.get(s, [0] * n)),
                    "action_bigram": smoothed(by_a.get(a, [0] * n)),
                    "lookup_demos": look_up(demos, pair, n),
                    "lookup": look_up(table, pair, n),
                }
                p["bayes"] = p["lookup"]
                if pair not in table:
                    w = [chance({**table, pair: x}, all_trees, n, actions,
                                absorb) for x in range(n)]
                    p["bayes"] = [x / sum(w) for x in w]
                yield t, p
            else:
                demos[pair] = t
            uni[t] += 1
            by_s.setdefault(s, [0] * n)[t] += 1
            by_a.setdefault(a, [0] * n)[t] += 1
            table[pair] = t


def closed_loop(row, n):
    """Mean chance to be in the right state with the demos' table alone."""
    about, demos = row["about"], {}
    for walk in about["demos"]:
        for s, a, t in zip(walk[0:-1:2], walk[1::2], walk[2::2]):
            demos[s, a] = t
    query = about["query"]
    places = [float(s == query[0]) for s in range(n)]
    for a, truth in zip(query[1::2], query[2::2]):
        now = [0.0] * n
        for s in range(n):
            for t, x in enumerate(look_up(demos, (s, a), n)):
                now[t] += places[s] * x
        places = now
        yield places[truth]


def compare(task, unseen):
    n, actions, demos, length, absorb, rows = task
    settings = f"--states {n} --actions {actions} --demos {demos} " \
        f"--demo {length} --query 12 --mirror{' --absorb' * absorb}"
    name = json.dumps({"name": "fsm", "states": n, "actions": actions,
                       "absorb": absorb, "demos": demos, "demo": length,
                       "mirror": True})
    lines = command(f"gentask fsm {settings} --batch {rows} --count 1 --json")
    data = [json.loads(x) for x in lines.splitlines()]
    with_header = json.dumps({"input_size": 21, "target_size": 5}) + "\n" + \
        lines
    said = [json.loads(x) for x in command(
        f"env eval --oracle '{name}'", with_header).splitlines()]
    probs = [json.loads(x)["probs"] for x in command(
        f"env eval --oracle '{name}' --probs", with_header).splitlines()]
    all_trees = trees(n, actions)
    loss, right, places = {}, {}, 0
    for row in data:
        for target, p in read(row, task, all_trees):
            for k, q in p.items():
                loss[k] = loss.get(k, 0) - math.log(q[target])
                right[k] = right.get(k, 0) + best(q, target)
            for x, y in itertools.zip_longest(p["bayes"], probs[places]):
                assert abs(x - y) < 1e-6, (task, row["about"], p, probs[places])
            unseen += [places] * (max(p["lookup"]) < 1)
            places += 1
    loops = [x for row in data for x in closed_loop(row, n)]
    for line in said:
        k = line["settings"]["cell"]
        assert line["places"] == places == len(probs), (task, line)
        if k == "closed_loop":
            want = None, sum(loops)
        else:
            want = loss[k] / places, right[k]
            assert abs(line["loss"] - want[0]) < 1e-9, (task, k, line, want)
        assert abs(line["accuracy"] - want[1] / places) < 1e-9, (task, k, line)
    return places


def main():
    unseen = []
    places = sum(compare(task, unseen) for task in TASKS)
    assert len(unseen) > 200
    print(f"{places} places, {len(unseen)} of pairs not shown")


if __name__ == "__main__":
    sys.exit(main())
