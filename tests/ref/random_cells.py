#!/usr/bin/env python3
"""Random lawful cells, through the programs and through the reference.

usage: random_cells.py [-n COUNT] [-s SEED] [-j JOBS] [--from NUMBER]
                       [--keep FOLDER] [--seconds SECONDS] [--table]
                       [--first] [--device NAME] BIN
       random_cells.py [--device NAME] --case FOLDER BIN

Cell number i of a seed is the same whatever COUNT and JOBS are.  A mismatch
is shrunk (for SECONDS at most), stays under FOLDER, and is printed with the
two commands that show it; exit status 1.  --first ends with the first one;
--case looks at a folder again; --device says where the programs run the nets.
"""
import argparse
import collections
import json
import multiprocessing
import os
import re
import shutil
import sys
import tempfile
import time
import traceback
from types import SimpleNamespace

import compare
import gencase
import gencount
import gentext
import shrink


def kind(found):
    """What must stay the same while a case is shrunk."""
    if not isinstance(found, compare.Mismatch):
        return None
    stage = found.stage
    if stage == "refusal":
        return stage + re.sub(r"\S*'[^']*'+|\S*\d\S*", "", found.text)
    return "training" if " of update " in stage or "training" in stage \
        else stage


def outcome(case, programs, folder):
    """(found, notes); a program or the reference that breaks is a finding,
    too."""
    try:
        return compare.check(case, programs, folder)
    except Exception:
        return compare.Mismatch("broken", traceback.format_exc(limit=-4),
                                ""), set()


def one(job):
    args, number = job
    began = time.monotonic()
    case = gencase.make(args.seed, number)
    case.device = args.device
    scratch = os.path.join(args.scratch, str(os.getpid()))
    shutil.rmtree(scratch, ignore_errors=True)
    found, notes = outcome(case, args.bin, scratch)
    report = None
    if kind(found):
        report = describe(args, case, found, scratch)
    shutil.rmtree(scratch, ignore_errors=True)
    return SimpleNamespace(number=number, covers=gencount.of(case),
                           refused=found == "refused", notes=notes,
                           report=report, took=time.monotonic() - began)


def describe(args, case, found, scratch):
    stage = kind(found)

    def fails(smaller):
        smaller.device = args.device
        f = outcome(smaller, args.bin, scratch)[0]
        return kind(f) == stage

    folder = os.path.join(args.keep, f"{args.seed}-{case.number}")
    small = shrink.shrink(case, fails, args.seconds) if args.seconds else case
    for case in small, case:
        case.device = args.device
        shutil.rmtree(folder, ignore_errors=True)
        again, _ = outcome(case, args.bin, folder)
        if kind(again):
            found = again
            break
    else:
        found = found._replace(stage=found.stage + " (not always)")
    with open(os.path.join(folder, "case.json"), "w") as f:
        json.dump(shrink.plain(case), f)
    return text_of(case, found, folder, args.bin)


def text_of(case, found, folder, programs):
    out = [f"cell {case.number} of seed {case.seed}: {found.stage}"]
    for name, c in case.cells.items():
        out += [f"--- {name}.cell", gentext.cell_text(c.body).rstrip()]
    data = {k: v for k, v in case.data.items() if v}
    data["batches"] = data["batches"][:3] + ["..."] * (
        len(data["batches"]) > 3)
    out += ["--- " + json.dumps({"data": data, **case.config})]
    out += [found.text, found.command]
    out += [f"{os.environ.get('PYTHON', sys.executable)} {sys.argv[0]} "
            f"--case {folder} {programs}"]
    return "\n".join(out)


def load(folder):
    with open(os.path.join(folder, "case.json")) as f:
        c = json.load(f)
    return SimpleNamespace(
        seed=0, number=0, config=c["config"], data=c["data"], isa=c["isa"],
        threads=c["threads"], initial=c["initial"],
        cells={n: SimpleNamespace(body=b) for n, b in c["cells"].items()})


def look_again(args):
    case = load(args.case)
    case.device = args.device
    found, notes = outcome(case, args.bin, args.case)
    if kind(found):
        print(text_of(case, found, args.case, args.bin))
        return 1
    print(found or "they agree", *sorted(notes))
    return 0


def run_all(args):
    counts, notes = collections.Counter(), collections.Counter()
    bad = refused = 0
    jobs = ((args, i) for i in range(args.first, args.first + args.count))
    with multiprocessing.Pool(args.jobs) as pool:
        for r in pool.imap(one, jobs):
            counts.update(r.covers)
            notes.update(r.notes)
            refused += r.refused
            if r.report:
                bad += 1
                print(r.report, end="\n\n", flush=True)
                if args.stop:
                    pool.terminate()
                    return 1
            if args.verbose and r.took > 5:
                print(f"cell {r.number}: {r.took:.1f} s", flush=True)
    lines, rare = gencount.table(counts, args.count)
    if args.table:
        print("\n".join(lines))
    print(f"seed {args.seed}: {args.count} cells, {bad} differ, {refused} "
          "refused by both" + "".join(f", {k} {v}"
                                      for v, k in sorted(notes.items())))
    if rare and args.count >= 1000:
        print("in less than 1 %: " + ", ".join(rare))
        bad += 1
    if refused * 20 > args.count:
        print("too many are refused: the generator is wrong")
        bad += 1
    if notes["ill-conditioned"] * 50 > args.count >= 100:
        print("too many gradients are only known to a few bits")
        bad += 1
    return 1 if bad else 0


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("-n", "--count", type=int, default=300)
    p.add_argument("-s", "--seed", type=int, default=1)
    p.add_argument("-j", "--jobs", type=int, default=os.cpu_count())
    p.add_argument("--from", type=int, default=0, dest="first")
    p.add_argument("--keep", default="build/random")
    p.add_argument("--seconds", type=float, default=60)
    p.add_argument("--table", action="store_true")
    p.add_argument("--first", action="store_true", dest="stop")
    p.add_argument("--verbose", action="store_true")
    p.add_argument("--device")
    p.add_argument("--case")
    p.add_argument("bin")
    args = p.parse_args()
    args.bin = os.path.abspath(args.bin)
    if args.case:
        return look_again(args)
    os.makedirs(args.keep, exist_ok=True)
    with tempfile.TemporaryDirectory() as args.scratch:
        return run_all(args)


if __name__ == "__main__":
    sys.exit(main())
