"""A case through the programs and through the reference, stage by stage.

    found = compare.check(case, programs, folder)

None if they agree; "refused" if neither takes the case; else a Mismatch: its
stage, and what is seen of it.
"""
import json
import os
from collections import namedtuple

import numpy as np

import gendata
import gentext
import noisy
import start
import tensors
import train
from celltext import Refused
from engine import Engine
from losses import softmax
from net import Net

Mismatch = namedtuple("Mismatch", "stage text command")


def full_config(case):
    config = dict(case.config)
    config["cells"] = {n: gentext.cell_text(c.body)
                       for n, c in case.cells.items()}
    return config


class Checked:
    def __init__(self, case, programs, folder):
        self.case, self.engine = case, Engine(programs, case, folder)
        self.data = gendata.Data(case.data)
        self.eval_data = gendata.Data(gendata.evaluated(case.data))
        lines = case.data["kind"] == "lines"
        case.file = "data.jsonl" if lines else "data.ts"
        case.eval_file = "eval.jsonl" if lines else "eval.ts"
        self.config = full_config(case)
        self.by_class = case.data["target"] == "token"
        self.notes = set()

    # ---- what both work on -----------------------------------------------

    def write(self):
        e = self.engine
        with open(e.path("config.json"), "w") as f:
            json.dump(self.config, f)
        for name, text in self.config["cells"].items():
            with open(e.path(name + ".cell"), "w") as f:
                f.write(text)
        self.data.write(e.path(self.case.file))
        self.eval_data.write(e.path(self.case.eval_file))

    def nets(self):
        """True if the reference takes the cells."""
        try:
            self.net32 = Net(self.config, self.data.header, "contract")
            self.net64 = Net(self.config, self.data.header, "double")
        except Refused as e:
            self.why = str(e)
            return False
        params = self.net32.params
        if self.case.initial != "drawn":
            rng = np.random.default_rng(self.case.data["seed"] + 2)
            self.weights = {p.name: rng.uniform(-0.6, 0.6, p.shape)
                            .astype(np.float32) for p in params}
            if self.case.initial == "tiny":    # adjoints that are trimmed
                for name, w in self.weights.items():
                    w *= np.float32(2.0 ** -rng.choice([0, 10, 40, 70, 95]))
            tensors.write(self.engine.path("init.safetensors"), self.weights)
        else:
            self.weights = start.weights(params, self.case.config["seed"])
        return True

    def run(self, net, weights=None):
        feed = self.data.feed(self.config.get("batch", 0),
                              self.config["seed"])
        return train.Run(net, self.config, feed, weights or self.weights,
                         self.by_class)

    # ---- stages ----------------------------------------------------------

    def take(self, result):
        """What is looked at from now on."""
        self.command = result.command
        return result

    def say(self, stage, text):
        return Mismatch(stage, text, self.command)

    def check(self):
        self.write()
        known = self.nets()
        got = self.take(self.engine.gradient())
        if got.status == 1 and not known:
            return "refused"
        if self.case.device and got.status == 3 and "for the cpu" in got.error:
            self.notes.add("for the cpu alone")
            return None
        if got.status == 1 and "not finite" in got.error:
            self.notes.add("gradient not finite")
        elif got.status or not known:
            return self.say("refusal", "the program: " +
                            (got.error or "takes it") + "\nthe reference: " +
                            ("takes it" if known else self.why))
        if self.case.initial == "drawn":
            bad = self.check_start()
            if bad:
                return bad
        return (None if got.status else self.check_gradient(got)) or \
            self.check_training()

    def check_start(self):
        got = self.take(self.engine.start())
        if got.status:
            return self.say("start", got.error)
        if got.tensors is None:
            return None                # diverged at once: nothing is saved
        return self.same_bits("start", got.tensors, self.weights)

    def same_bits(self, stage, got, want):
        """Float arrays by name: the same bits, but for NaN's."""
        if list(got) != list(want):
            return self.say(stage, f"names {list(got)}, not {list(want)}")
        for name, w in want.items():
            g = got[name]
            w = np.asarray(w, np.float32)
            if g.shape != w.shape:
                return self.say(stage, f"{name}: {g.shape}, not {w.shape}")
            same = (g.view(np.int32) == w.view(np.int32)) | \
                (np.isnan(g) & np.isnan(w))
            if not same.all():
                return self.say(stage, differ(name, g, w, ~same))
        return None

    def check_gradient(self, got):
        """First in double, then the contract's bits."""
        self.take(got)
        self.bits = self.run(self.net32).gradient()
        wide = self.run(self.net64).gradient()
        bad = self.same_bits("gradient's bits", got.tensors, self.bits[1])
        far = None
        if self.case.initial != "tiny":        # in double nothing is trimmed
            far = self.far("gradient", got.tensors, wide[1])
        if far and self.shaky(wide[1], got.tensors):
            self.notes.add("ill-conditioned")
            far = None
        if far or bad:
            return far or bad
        loss = got.lines[-1]["loss"]
        return self.near("first loss", loss, self.bits[0])

    def far(self, stage, got, want):
        whole = max((np.max(np.abs(w), initial=0) for w in want.values()),
                    default=0)
        for name, w in want.items():
            g = got.get(name)
            if g is None or g.shape != w.shape:
                return self.say(stage, f"{name} is not there, or not of "
                                f"{w.shape}")
            top = np.max(np.abs(w), initial=0)
            off = ~(np.abs(g - w) <= 1e-4 * top + 2e-6 * whole + 1e-9)
            off &= np.isfinite(w) | np.isfinite(g)
            if off.any():
                return self.say(stage, differ(name, g, w, off))
        return None

    def shaky(self, want, got):
        """Does the gradient in double change as much as `got` is off when
        weights and values are touched in a float's last bits?"""
        rng = np.random.default_rng(1)
        room = {n: np.zeros(w.shape) for n, w in want.items()}
        for i in range(8):
            touched = {n: np.asarray(w) * (1 + rng.uniform(
                -2e-7, 2e-7, w.shape)).astype(np.float32)
                for n, w in self.weights.items()}
            with noisy.noise(i):
                g = self.run(self.net64, touched).gradient()[1]
            for n in room:
                room[n] = np.fmax(room[n], np.abs(g[n] - want[n]))
        for n, w in want.items():
            limit = 1e-4 * np.max(np.abs(w), initial=0) + \
                20 * np.max(room[n], initial=0)
            d = np.abs(got[n] - w)
            if not (np.isnan(d) | (d <= limit)).all():
                return False
        return True

    def near(self, what, got, want, tolerance=1e-9):
        if got is None:
            ok = not np.isfinite(want)
        else:
            ok = abs(got - want) <= tolerance * max(1, abs(want))
        return None if ok else self.say(what, f"{what}: {got}, not {want}")

    def check_training(self):
        got = self.take(self.engine.train())
        if got.status:
            return self.say("training", got.error)
        run = self.run(self.net32)
        log = [x for x in got.lines[:-1] if "epoch" not in x]
        result = got.lines[-1]
        for i, u in enumerate(run):
            if i >= len(log):
                return self.say("training", f"{len(log)} updates, not more "
                                f"(diverged at {result.get('diverged_step')})")
            bad = self.near(f"loss of update {u.step}", log[i]["loss"],
                            u.loss) or \
                self.near(f"average of update {u.step}", log[i]["average"],
                          u.average) or \
                self.near(f"rate of update {u.step}", log[i]["lr"], u.lr,
                          1e-13)
            if not bad and self.by_class:
                bad = self.near(f"accuracy of update {u.step}",
                                log[i]["accuracy"], u.accuracy)
            if bad:
                return bad
        if result.get("diverged_step") != run.diverged:
            return self.say("training", f"diverged at update "
                            f"{result.get('diverged_step')}, not "
                            f"{run.diverged}")
        if len(log) != run.updates:
            return self.say("training", f"{len(log)} updates, not "
                            f"{run.updates}")
        self.notes.add("diverged" if run.diverged else "trained")
        return self.same_bits("weights after training", got.tensors,
                              run.weights) or self.check_eval(run.weights)

    # ---- evaluation ------------------------------------------------------

    def check_eval(self, weights):
        carried, seen, runs = None, 0, []
        for batch in self.eval_data.chunks():
            r = self.net32.run(weights, batch, carried=carried, offset=seen)
            runs.append((batch, r))
            if self.eval_data.continues:
                carried, seen = r.carried, seen + batch.steps
        return self.check_loss(runs) or self.check_values(runs) or \
            (self.check_probs(runs) if self.by_class else None)

    def check_loss(self, runs):
        got = self.take(self.engine.evaluate())
        if got.status:
            return self.say("evaluation", got.error)
        kind = train.loss_name(self.config, self.by_class)
        loss = train.losses.Loss(kind, self.net32.a)
        total = right = places = 0
        for batch, r in runs:
            (t, k, n), _ = loss(r.out, batch, (0, batch.steps))
            total, right, places = total + t, right + k, places + n
        if not places:
            return None
        bad = self.near("evaluation's loss", got.lines[0]["loss"],
                        total / places)
        if not bad and self.by_class:
            bad = self.near("evaluation's accuracy", got.lines[0]["accuracy"],
                            right / places)
        return bad

    def check_values(self, runs):
        got = self.take(self.engine.activations())
        if got.status:
            if "no named" in got.error or "no activations" in got.error:
                return None
            return self.say("activations", got.error)
        return self.check_named(got.tensors, runs)

    def check_named(self, got, runs):
        tensors, i = list(got), 0
        for batch, r in runs:
            values = r.values()
            while i < len(tensors):
                name, g = tensors[i]
                layer, short = name.rsplit(".", 1)
                if (layer, short) not in values:
                    return self.say("activations", f"'{name}' is unknown")
                w = values.pop((layer, short)).swapaxes(0, 1)
                if g.shape != w.shape:
                    return self.say("activations", f"{name}: {g.shape}, not "
                                    f"{w.shape}")
                there = batch.there.T
                if layer in self.seen_scored():
                    there = batch.counted.T
                off = (g.view(np.int32) != np.ascontiguousarray(
                    w, np.float32).view(np.int32)) & ~(
                        np.isnan(g) | np.isnan(w)) & there[..., None]
                if off.any():
                    return self.say("activations", differ(name, g, w, off))
                i += 1
                if not values or i < len(tensors) and tuple(
                        tensors[i][0].rsplit(".", 1)) not in values:
                    break
        return None

    def seen_scored(self):
        """Layers behind the last one with a state."""
        return {x.name for x in self.net32.layers
                if getattr(x, "stateless_top", False)}

    def check_probs(self, runs):
        got = self.take(self.engine.probabilities())
        if got.status:
            return self.say("probabilities", got.error)
        probs = [a for name, a in got.tensors if name == "probs"]
        exp = self.net32.a.functions["exp"]
        for g, (batch, r) in zip(probs, runs):
            x = r.out[batch.counted]
            w = softmax(x, exp)[0]
            there = np.swapaxes(g, 0, 1)
            if there.shape != r.out.shape:
                return self.say("probabilities", f"{there.shape}, not "
                                f"{r.out.shape}")
            there = np.ascontiguousarray(there[batch.counted])
            off = (there.view(np.int32) != w.view(np.int32)) & \
                ~np.isnan(w)
            if off.any():
                return self.say("probabilities",
                                differ("probs", there, w, off))
        if len(probs) != len(runs):
            return self.say("probabilities", f"{len(probs)} batches, not "
                            f"{len(runs)}")
        return None


def differ(name, got, want, off):
    """The first elements that differ, in words."""
    at = np.argwhere(off)
    out = [f"{name}: {len(at)} of {off.size} differ"]
    for i in at[:3]:
        i = tuple(int(k) for k in i)
        out.append(f"  {list(i)}: {got[i]!r}, not {want[i]!r}")
    return "\n".join(out)


def check(case, programs, folder):
    c = Checked(case, programs, folder)
    found = c.check()
    return found, c.notes
