"""The updates of bench_steps.c as they are written in PyTorch.

variants(job) gives a dictionary of names to functions, each of which does one
whole update: forward, loss, gradient, optimizer.  A name begins with "eager"
or "compiled".  Functions that are compiled are compiled by their first call.
"""
import torch
from torch import nn
from torch.nn import functional as F


class Job:
    """Sizes as in bench_steps.c: the loss counts the last `scored` steps."""

    def __init__(self, name, cell, size, rows, steps, classes, scored):
        self.name, self.cell, self.size = name, cell, size
        self.rows, self.steps, self.classes = rows, steps, classes
        self.scored = scored


JOBS = [Job(f"{cell}-{size}", cell, size, 64, 221 if size == 128 else 128, 12,
            100 if size == 128 else 50)
        for size, cells in ((128, "lstm gru rnn mlstm mgru"),
                            (256, "lstm gru rnn"), (1024, "lstm gru rnn"))
        for cell in cells.split()]
JOBS += [Job("gated-one-step", "gated", 256, 256, 1, 256, 1),
         Job("rnn-10-batch-1", "rnn", 10, 1, 12, 11, 12)]


# ---- cells by hand: what does not need the state is done for all steps at
# once (inputs), the rest a step at a time.

class Lstm(nn.Module):
    def __init__(self, n, h):
        super().__init__()
        self.w, self.u = nn.Linear(n, 4 * h), nn.Linear(h, 4 * h, bias=False)

    def inputs(self, x):
        return self.w(x)

    def step(self, x, s):
        h, c = s
        i, f, o, g = torch.addmm(x, h, self.u.weight.t()).chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c


class Gru(nn.Module):
    def __init__(self, n, h):
        super().__init__()
        self.h, self.w = h, nn.Linear(n, 3 * h)
        self.u, self.v = (nn.Linear(h, k * h, bias=False) for k in (2, 1))

    def inputs(self, x):
        return self.w(x)

    def step(self, x, s):
        h, = s
        zr, n = x.split((2 * self.h, self.h), 1)
        zr = torch.sigmoid(torch.addmm(zr, h, self.u.weight.t()))
        z, r = zr.chunk(2, 1)
        n = torch.tanh(torch.addmm(n, r * h, self.v.weight.t()))
        return h + z * (n - h),


class Rnn(nn.Module):
    def __init__(self, n, h):
        super().__init__()
        self.w, self.u = nn.Linear(n, h), nn.Linear(h, h, bias=False)

    def inputs(self, x):
        return self.w(x)

    def step(self, x, s):
        return torch.tanh(torch.addmm(x, s[0], self.u.weight.t())),


class Mlstm(nn.Module):
    def __init__(self, n, h):
        super().__init__()
        self.n = n
        self.wm, self.um = nn.Linear(n, n), nn.Linear(h, n, bias=False)
        self.gates = nn.Linear(n + h, 4 * h)

    def inputs(self, x):
        return torch.cat((x, self.wm(x)), 2)

    def step(self, x, s):
        h, c = s
        x, m = x.chunk(2, 1)
        m = torch.addmm(m, h, self.um.weight.t())
        i, f, o, g = self.gates(torch.cat((x * m, h), 1)).chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c


class Mgru(nn.Module):
    def __init__(self, n, h):
        super().__init__()
        self.wm, self.um = nn.Linear(n, n), nn.Linear(h, n, bias=False)
        self.zr, self.c = nn.Linear(n + h, 2 * h), nn.Linear(n + h, h)

    def inputs(self, x):
        return torch.cat((x, self.wm(x)), 2)

    def step(self, x, s):
        h, = s
        x, m = x.chunk(2, 1)
        x = x * torch.addmm(m, h, self.um.weight.t())
        z, r = torch.sigmoid(self.zr(torch.cat((x, h), 1))).chunk(2, 1)
        n = torch.tanh(self.c(torch.cat((x, r * h), 1)))
        return h + z * (n - h),


CELLS = {"lstm": Lstm, "gru": Gru, "rnn": Rnn, "mlstm": Mlstm, "mgru": Mgru}
WHOLE = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


def compiled(f):
    return torch.compile(f, dynamic=False, fullgraph=True)


def a_chunk(steps):
    """The most steps, at most 20, that divide the window."""
    return max(n for n in range(1, 21) if steps % n == 0)


class ByHand(nn.Module):
    """A loop over steps in Python; mode: "eager", "step" (one step compiled)
    or "chunk" (so many steps compiled as one graph)."""

    def __init__(self, job, mode):
        super().__init__()
        self.job = job
        self.cell = CELLS[job.cell](job.classes, job.size)
        self.head = nn.Linear(job.size, job.classes)
        self.chunk = a_chunk(job.steps) if mode == "chunk" else 1
        self.go = self.run if mode == "eager" else compiled(self.run)
        self.states = [torch.zeros(job.rows, job.size) for _ in
                       range(2 if "lstm" in job.cell else 1)]

    def run(self, xs, s):
        outs = []
        for x in xs:
            s = self.cell.step(x, s)
            outs.append(s[0])
        return outs, s

    def loss(self, x, target):
        outs, s = [], tuple(self.states)
        for xs in self.cell.inputs(x).unbind(0) if self.chunk == 1 else \
                self.cell.inputs(x).split(self.chunk):
            out, s = self.go((xs,) if self.chunk == 1 else xs.unbind(0), s)
            outs += out
        out = torch.stack(outs[-self.job.scored:])
        return F.cross_entropy(self.head(out).flatten(0, 1), target)


class Module(nn.Module):
    """The module that PyTorch has for it."""

    def __init__(self, job, embed=False):
        super().__init__()
        self.job = job
        self.embed = nn.Embedding(job.classes, job.classes) if embed else None
        self.net = WHOLE[job.cell](job.classes, job.size)
        self.head = nn.Linear(job.size, job.classes)

    def loss(self, x, target):
        out, _ = self.net(self.embed(x) if self.embed else x)
        return F.cross_entropy(self.head(out[-self.job.scored:]).flatten(0, 1),
                               target)


class Gated(nn.Module):
    """Two layers of system 1: state gate, forget gate, new state, residual."""

    def __init__(self, job, embed):
        super().__init__()
        n, k = job.size, job.classes
        self.encoder = nn.Embedding(k, n) if embed else nn.Linear(k, n)
        for name, wide in (("n", 2), ("g", 3), ("f", 3), ("o", 2)):
            setattr(self, name, nn.ModuleList(
                nn.Linear(wide * n, n) for _ in range(2)))
        self.head = nn.Linear(n, k)

    def loss(self, x, target, states):
        x = self.encoder(x)
        after = []
        for i, s in enumerate(states):
            xs = torch.cat((x, s), 1)
            n = torch.tanh(self.n[i](xs))
            g = torch.sigmoid(self.g[i](torch.cat((xs, n), 1)))
            n = g * n + (1 - g) * s
            n = torch.sigmoid(self.f[i](torch.cat((xs, n), 1))) * n
            after.append(n.detach())
            x = F.silu(self.o[i](torch.cat((n, x), 1)))
        return F.cross_entropy(self.head(x), target), after


# ---- updates

def optimizer(job, net):
    if job.rows == 1:
        return torch.optim.Adagrad(net.parameters(), lr=1e-6, fused=True)
    return torch.optim.Adam(net.parameters(), lr=1e-6, fused=True)


def updating(job, net, loss, onednn=True):
    opt = optimizer(job, net)

    def update():
        value = loss()
        opt.zero_grad(set_to_none=True)
        value.backward()
        opt.step()

    def without():
        with torch.backends.mkldnn.flags(enabled=False):
            update()
    return update if onednn else without


class Loss(nn.Module):
    """A net whose forward is its loss, for functional_call."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, *args):
        return self.net.loss(*args)


def in_one_graph(job, net, x, target):
    """The whole update as one compiled function: torch.func.grad and the
    optimizer's formula, in place.  Takes and gives what is carried."""
    net = Loss(net.requires_grad_(False))
    p = {k: v.detach().clone() for k, v in net.named_parameters()}
    m, v = ({k: torch.zeros_like(x) for k, x in p.items()} for _ in "mv")
    count = torch.zeros(())

    def loss(p, *carried):
        value = torch.func.functional_call(net, p, (x, target, *carried))
        return value if carried else (value, value)

    @compiled
    def update(*carried):
        g, carried = torch.func.grad(loss, has_aux=True)(p, *carried)
        count.add_(1)
        for k in p:
            if job.rows == 1:
                v[k].addcmul_(g[k], g[k])
                p[k].sub_(1e-6 * g[k] / (v[k].sqrt() + 1e-8))
            else:
                m[k].lerp_(g[k], 0.1)
                v[k].mul_(0.999).addcmul_(g[k], g[k], value=0.001)
                root = (v[k] / (1 - 0.999 ** count)).sqrt() + 1e-8
                p[k].sub_(1e-6 / (1 - 0.9 ** count) * m[k] / root)
        return carried
    return update


def gated(job):
    token = torch.randint(job.classes, (job.rows,))
    target = torch.randint(job.classes, (job.rows,))
    onehot = F.one_hot(token, job.classes).float()
    zero = [torch.zeros(job.rows, job.size) for _ in range(2)]
    out = {}

    def add(name, x, compile_it):
        net, carried = Gated(job, embed=x is token), [zero]
        f = compiled(net.loss) if compile_it else net.loss

        def loss():
            value, carried[0] = f(x, target, carried[0])
            return value
        out[name] = updating(job, net, loss)

    add("eager, one-hot", onehot, False)
    add("eager, embedding", token, False)
    add("compiled, one-hot", onehot, True)
    add("compiled, embedding", token, True)
    f, carried = in_one_graph(job, Gated(job, True), token, target), [zero]

    def whole():
        carried[0] = f(carried[0])
    out["compiled, update in one graph"] = whole
    return out


def recurrent(job):
    token = torch.randint(job.classes, (job.steps, job.rows))
    target = torch.randint(job.classes, (job.scored * job.rows,))
    x = F.one_hot(token, job.classes).float()
    out = {}

    def add(name, net, f=None, x=x, onednn=True):
        f = f or net.loss
        out[name] = updating(job, net, lambda: f(x, target), onednn)

    if job.cell in WHOLE:
        add(f"eager nn.{WHOLE[job.cell].__name__}", Module(job))
        if job.cell == "lstm":
            add("eager nn.LSTM without oneDNN", Module(job), onednn=False)
        if job.size == 128:
            add(f"eager nn.{WHOLE[job.cell].__name__}, embedding",
                Module(job, embed=True), x=token)
        net = Module(job)
        add(f"compiled nn.{WHOLE[job.cell].__name__}", net, compiled(net.loss))
    if job.cell not in WHOLE or job.rows == 1:
        add("eager, by hand", ByHand(job, "eager"))
    if job.cell not in WHOLE:
        add("compiled, a step", ByHand(job, "step"))
    add(f"compiled, {a_chunk(job.steps)} steps", ByHand(job, "chunk"))
    if job.rows == 1:
        out["compiled, update in one graph"] = in_one_graph(
            job, ByHand(job, "eager"), x, target)
    return out


def variants(job):
    torch.compiler.reset()      # what was compiled for other sizes
    torch.manual_seed(1)
    return gated(job) if job.cell == "gated" else recurrent(job)
