#!/usr/bin/env python3
"""Do the tests notice wrong code?  Each mutant is a line made wrong in a copy
of the project (tests/mutant_texts.py): a sign, an order, a window's end.  It
is caught when the check of random cells against the reference from their text,
which shares no line with lib/, fails; one in lib/cuda when tests/emulated.sh does.

usage: mutants.py [-n CELLS] [-s SEED] [NAME ...]        (make check-mutants)

Prints a line a mutant, with the first cell that shows it.  Ends with 1 if one
is not caught, does not build, or its text is not in the sources any more.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

from mutant_texts import MUTANTS

ROOMS = "lib/", "tools/"
SOURCES = ".c", ".h", ".def", ".cu"


def run(command, where, **more):
    return subprocess.run(command, cwd=where, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, **more)


def tracked():
    return list(filter(None, run(["git", "ls-files", "-z"], ".")
                       .stdout.split("\0")))


def copy_of_the_project(to):
    for name in tracked():
        os.makedirs(os.path.dirname(os.path.join(to, name)), exist_ok=True)
        shutil.copy2(name, os.path.join(to, name))
    os.makedirs(os.path.join(to, "build/random"))


class Trial:
    """A copy of the project in which mutants are tried one by one."""

    def __init__(self, where, args):
        self.where, self.args = where, args
        copy_of_the_project(where)
        self.sources = {}
        for name in tracked():
            if name.startswith(ROOMS) and name.endswith(SOURCES):
                with open(name) as f:
                    self.sources[name] = f.read()
        ccache = ["CC=ccache " + os.environ.get("CC", "gcc")] \
            if shutil.which("ccache") else []
        self.make = ["make", "-s", "-j2", "CFLAGS=-O1 -w", "build",
                     "bin/unroll-emulated.so"] + ccache

    def place(self, old):
        """[(file, where its text begins and ends)]"""
        pattern = re.compile(r"\s+".join(map(re.escape, old.split())))
        return [(name, m.span()) for name, text in self.sources.items()
                for m in pattern.finditer(text)]

    def check(self):
        """Status of the random cells, and what is said at the end."""
        r = run([os.environ["PYTHON"], "tests/ref/random_cells.py", "--first",
                 "-n", str(self.args.n), "-s", str(self.args.seed),
                 "--seconds", "0", "-j", "2", "bin"], self.where)
        cell = re.search(r"^cell (\d+) of seed \d+: (.*)", r.stdout, re.M)
        return r.returncode, (f"{cell[2]} of cell {cell[1]}" if cell
                              else r.stdout[-2000:])

    def check_gpu(self):
        path = os.path.join(self.where, "bin") + ":" + os.environ["PATH"]
        r = run(["tests/emulated.sh"], self.where,
                env={**os.environ, "PATH": path, "N": "8"})
        bad = re.findall(r"^FAIL .*", r.stdout, re.M)
        return int(bool(bad)), bad[0] if bad else r.stdout[-2000:]

    def unchanged(self):
        made = run(self.make, self.where)
        if made.returncode:
            return "does not build\n" + made.stdout
        status, said = self.check()
        return f"does not pass by itself: {said}" if status else None

    def change(self, texts):
        """Make the sources wrong: {file: as it was}, or a word on why not."""
        was = {}
        for old, new in zip(texts[::2], texts[1::2]):
            found = self.place(old)
            if len(found) != 1:
                return was, f"'{old}' is in {len(found)} places of the " \
                    "sources: bring tests/mutant_texts.py up to date"
            path, (begin, end) = found[0]
            text = self.sources[path]
            was.setdefault(path, text)
            self.put(path, text[:begin] + new + text[end:])
        return was, None

    def put(self, path, text):
        self.sources[path] = text
        with open(os.path.join(self.where, path), "w") as f:
            f.write(text)

    def mutant(self, texts):
        """(is it caught, what is said of it)"""
        was, why = self.change(texts)
        try:
            made = None if why else run(self.make, self.where)
            if why or made.returncode:
                return False, why or "does not build\n" + made.stdout
            gpu = any(path.startswith("lib/cuda/") for path in was)
            status, said = self.check_gpu() if gpu else self.check()
            if not status:
                return False, "nobody noticed"
            return status == 1, said
        finally:
            for path, text in was.items():
                self.put(path, text)


def arguments():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("-n", type=int, default=300)
    p.add_argument("-s", dest="seed", type=int, default=1)
    p.add_argument("names", nargs="*")
    args = p.parse_args()
    args.mutants = [m for m in MUTANTS
                    if not args.names or m[0] in args.names]
    if len({m[0] for m in MUTANTS}) < len(MUTANTS) or not args.mutants:
        sys.exit("mutants: names must be there, and each once")
    return args


def main():
    args, failed = arguments(), 0
    with tempfile.TemporaryDirectory() as where:
        trial = Trial(where, args)
        bad = trial.unchanged()
        if bad:
            sys.exit(f"FAIL mutants: the project {bad}")
        for name, *texts in args.mutants:
            caught, said = trial.mutant(texts)
            failed += not caught
            print(f"{'ok' if caught else 'FAIL'} mutant {name}: {said}",
                  flush=True)
    print(f"mutants: {len(args.mutants) - failed} caught, {failed} not")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
