"""peers.py - whole updates of unroll beside the same in PyTorch and oneDNN.

    make bench-peers [ROUNDS=5] [PEERS='lstm-128 gru-128']

usage: peers.py BENCH_STEPS ONEDNN JSONL [ROUNDS [NAME...]]

Everything on one thread, in processor time.  A round times unroll, then each
way to write the work in PyTorch; ROUNDS rounds; times are medians, ratios the
medians of the rounds' own ratios, so that neighbours and a clock that wanders
do little harm.  A way that took 1.5 times as long as another in the first
round is left out of the others.  "At the peak" is how much faster the work
would be if its products ran at the measured peak and all else took no time: no
engine that does the same multiplications can be above it.

A Markdown table goes to standard output, every number to JSONL.
"""
import datetime
import json
import os
import statistics
import subprocess
import sys
import time
import warnings

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import torch  # noqa: E402
import peers_torch  # noqa: E402

AIM = {"mlstm-128": 4, "mgru-128": 4, "gated-one-step": 4,
       "rnn-10-batch-1": 200}
ONEDNN = (("lstm-128", (128, 64, 221, 12)), ("lstm-512", (512, 64, 128, 12)))


def say(text):
    print(text, file=sys.stderr, flush=True)


def told(command):
    """The one JSON line that a program prints."""
    return json.loads(subprocess.run(command, check=True, text=True,
                                     stdout=subprocess.PIPE).stdout)


def seconds(update):
    """Processor seconds of one update: as many as fill 0.15."""
    times = 1
    while True:
        start = time.process_time()
        for _ in range(times):
            update()
        spent = time.process_time() - start
        if spent > 0.15:
            return spent / times
        times *= 2


def warmed(variants):
    """Those that run, compiled; and why the others do not."""
    good, bad = {}, {}
    for name, update in variants.items():
        say(f"  {name}")
        try:
            update()
            update()
            good[name] = update
        except Exception as error:
            bad[name] = f"{type(error).__name__}: {error}".split("\n")[0]
            say(f"    {bad[name]}")
    return good, bad


def measure(unroll, variants, rounds):
    """Median seconds of each, and of each the median ratio to unroll."""
    took = {name: [] for name in variants}
    own = []
    for r in range(rounds):
        own.append(told(unroll))
        best = min((t[0] for t in took.values() if t), default=1e9)
        for name, t in took.items():
            if not t or t[0] < 1.5 * best:
                t.append(seconds(variants[name]))
    ours = [o["seconds"] for o in own]
    return {"unroll": statistics.median(ours),
            "of_peak": statistics.median(o["of_peak"] for o in own),
            "at_peak": own[0]["flops"] * 1e-9 / statistics.median(
                o["peak_gflops"] for o in own),
            "seconds": {n: statistics.median(t) for n, t in took.items()},
            "ratio": {n: statistics.median(a / b for a, b in zip(t, ours))
                      for n, t in took.items()}}


def ms(s):
    return f"{1e3 * s:.3g}" if s < 1 else f"{1e3 * s:.0f}"


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("|---" * len(head) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(flush=True)


def torch_row(job, m):
    best = min(m["seconds"], key=m["seconds"].get)

    def least(kind):
        return min((s for n, s in m["seconds"].items() if n.startswith(kind)),
                   default=None)
    eager, compiled = least("eager"), least("compiled")
    aim, ratio = AIM.get(job.name, 2.5), m["ratio"][best]
    return (job.name, ms(m["unroll"]), f"{100 * m['of_peak']:.0f} %",
            ms(eager) if eager else "-", ms(compiled) if compiled else "-",
            best, f"{ratio:.3g}", f"{aim:g}",
            f"{m['seconds'][best] / m['at_peak']:.3g}")


def machine():
    facts = {}
    for line in open("/proc/cpuinfo"):
        key, _, value = line.partition(":")
        facts.setdefault(key.strip(), value.strip())
    return (f"{facts.get('model name', 'processor unknown')}, family "
            f"{facts.get('cpu family', '?')} model {facts.get('model', '?')}, "
            f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")


def beside_torch(bench, rounds, names, out):
    rows, failed = [], {}
    for job in peers_torch.JOBS:
        if names and job.name not in names:
            continue
        say(job.name)
        good, bad = warmed(peers_torch.variants(job))
        m = measure([bench, "1", job.name], good, rounds)
        print(json.dumps({"work": job.name, **m, "failed": bad}), file=out,
              flush=True)
        rows.append(torch_row(job, m))
        failed.update(bad)
    if rows:
        table(("an update of", "unroll, ms", "of the peak", "eager, ms",
               "compiled, ms", "PyTorch's best", "unroll is faster by",
               "wanted", "at the peak"), rows)
    for name, why in failed.items():
        print(f"Did not run: {name} ({why}).")
    if failed:
        print(flush=True)


def beside_onednn(bench, onednn, rounds, names, out):
    rows = []
    for name, size in ONEDNN:
        if names and name not in names:
            continue
        say(f"{name} oneDNN")
        took, own = [], []
        for _ in range(rounds):
            own.append(told([bench, "1", name]))
            took.append(told([onednn, *map(str, size)]))
        mine, its = ([t["seconds"] for t in x] for x in (own, took))
        ratio = statistics.median(a / b for a, b in zip(its, mine))
        mine, its = statistics.median(mine), statistics.median(its)
        print(json.dumps({"work": name, "unroll": mine, "oneDNN": its,
                          "ratio": ratio}), file=out, flush=True)
        rows.append((name, ms(mine), ms(its), took[0]["peer"],
                     took[0]["impl"], f"{ratio:.3g}"))
    if rows:
        table(("", "unroll's whole update, ms", "oneDNN's layer alone, ms",
               "version", "its code", "unroll is faster by"), rows)


def main():
    bench, onednn, jsonl = sys.argv[1:4]
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 5
    names = sys.argv[5:]
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    print(f"{datetime.date.today()}, {machine()}; PyTorch "
          f"{torch.__version__}; rounds: {rounds}; one thread, processor "
          "time.\n")
    with open(jsonl, "w") as out:
        beside_torch(bench, rounds, names, out)
        if onednn == "-":
            print("oneDNN skipped: no dnnl.hpp here (libdnnl-dev has it).")
        else:
            beside_onednn(bench, onednn, rounds, names, out)


main()
