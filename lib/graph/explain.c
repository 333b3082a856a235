/* explain.c - the plan in words and numbers: train --explain, --dry-run. */
#include <stdlib.h>
#include <string.h>

#include "graph/net.h"
#include "graph/plan.h"

static const char *const regions[] = {
    [R_PRE] = "before the loop (all steps at once)",
    [R_LOOP] = "each step, upwards",
    [R_POST] = "after the loop (all steps at once)",
    [R_BPOST] = "adjoint, before its loop (all steps at once)",
    [R_BLOOP] = "adjoint, each step downwards",
    [R_BPRE] = "adjoint, after its loop (all steps at once)",
};

static const char *const places[] = {
    [P_NONE] = "none", [P_NUM] = "number", [P_SLOT] = "scratch",
    [P_TEMP] = "temp", [P_KEEP] = "kept", [P_INPUT] = "input",
    [P_STATE] = "state", [P_NEXT] = "next state", [P_OUT] = "output",
    [P_DOUT] = "d output", [P_DX] = "d input", [P_DNEXT] = "d next state",
    [P_DSTATE] = "d state", [P_VEC] = "vector",
};

static bool
learns_below(const struct net *n, int l)
{
    for (int i = 0; i < l; i++)
        if (n->layers[i].eq->nparams)
            return true;
    return false;
}

static struct plan *
layer_plan(const struct net *n, int l)
{
    bool below = learns_below(n, l);
    struct plan_options o = {
        .gradient = below || n->layers[l].eq->nparams, .dinput = below,
        .carry = true,
    };

    return plan_new(n->layers[l].graph, &o);
}

/* Multiply-adds of a product's outs by segments. */
static double
gemm_flops(const struct plan_gemm *g)
{
    double k = 0, n = 0;

    for (int i = 0; i < g->nseg; i++)
        k += g->seg[i].k;
    for (int i = 0; i < g->nout; i++)
        n += g->out[i].size;
    return 2 * k * n;
}

static double
region_flops(const struct plan_region *r)
{
    double f = 0;

    for (int i = 0; i < r->n; i++) {
        const struct instr *in = &r->instr[i];

        if (in->kind == I_GEMM)
            f += gemm_flops(&in->gemm);
        else if (in->kind == I_EW)
            f += (double)in->nops * in->size;
    }
    return f;
}

/* The case that runs at most steps is the last. */
static double
layer_flops(const struct plan *p, bool adjoint)
{
    const struct plan_case *c = &p->cases[p->ncases - 1];
    double f = 0;

    for (int r = 0; r < (adjoint ? REGIONS : R_BPOST); r++)
        f += region_flops(&c->region[r]);
    for (int i = 0; adjoint && i < c->nweight; i++)
        f += c->weight[i].token ? c->weight[i].rows
                                : 2.0 * c->weight[i].rows * c->weight[i].k;
    for (int i = 0; adjoint && i < c->nreduce; i++)
        f += c->reduce[i].size;
    return f;
}

double
net_flops(const struct net *n, bool adjoint)
{
    double f = 0;

    for (int l = 0; l < n->nlayers; l++) {
        struct plan *p = layer_plan(n, l);

        f += layer_flops(p, adjoint);
        plan_free(p);
    }
    return f;
}

static size_t
layer_bytes(const struct plan *p)
{
    int own = p->output.place == P_OUT ? p->out : 0;

    return sizeof(float) * (size_t)(p->keep + p->state + own + p->out);
}

size_t
net_bytes_kept(const struct net *n)
{
    size_t bytes = 0;

    for (int l = 0; l < n->nlayers; l++) {
        struct plan *p = layer_plan(n, l);

        bytes += layer_bytes(p);
        plan_free(p);
    }
    return bytes;
}

/* ---- in words ------------------------------------------------------------ */

static void
say_ref(const struct ref *r, FILE *out)
{
    if (r->place == P_NUM)
        fprintf(out, "%g", (double)r->num);
    else
        fprintf(out, "%s[%d]", places[r->place], r->off);
}

static const char *
param_name(const struct net *n, int l, int param)
{
    const char *name = n->params[n->layers[l].first_param + param].name;

    return strrchr(name, '.') + 1;
}

static void
say_gemm(const struct net *n, int l, const struct plan_gemm *g, FILE *out)
{
    int rows = 0, k = 0;

    for (int i = 0; i < g->nout; i++)
        rows += g->out[i].size;
    for (int i = 0; i < g->nseg; i++)
        k += g->seg[i].k;
    if (!g->nseg)
        fprintf(out, "    look-up of %d units:", rows);
    else
        fprintf(out, "    product %d x %d:", rows, k);
    for (int i = 0; i < g->nout * g->nseg; i++)
        fprintf(out, " %s%s%s", g->block[i].sign < 0 ? "-" : "",
                param_name(n, l, g->block[i].param),
                g->block[i].transposed ? "'" : "");
    for (int i = 0; i < g->nout; i++)
        for (int t = 0; t < g->out[i].ntok; t++)
            fprintf(out, " %s[token]",
                    param_name(n, l, g->out[i].tok[t].param));
    for (int i = 0; i < g->nseg; i++) {
        fputs(i ? ", " : " of ", out);
        say_ref(&g->seg[i].a, out);
    }
    if (g->nseg)
        fputs(g->start == START_CHAIN ? ", continuing a sum"
              : g->start == START_ADD ? ", added to a sum" : "", out);
    fputc('\n', out);
}

static void
say_region(const struct net *n, int l, const struct plan_region *r,
           const char *title, FILE *out)
{
    if (!r->n)
        return;
    fprintf(out, "  %s\n", title);
    for (int i = 0; i < r->n; i++) {
        const struct instr *in = &r->instr[i];

        if (in->kind == I_GEMM) {
            say_gemm(n, l, &in->gemm, out);
        } else if (in->kind == I_COPY) {
            fprintf(out, "    copy %d units\n", in->copy.n);
        } else {
            fprintf(out, "    run of %d units:", in->size);
            for (int k = 0; k < in->nops; k++)
                fprintf(out, " %s", op_name(in->ops[k].op));
            fputc('\n', out);
        }
    }
}

static void
say_sinks(const struct net *n, int l, const struct plan_case *c, FILE *out)
{
    if (!c->nweight && !c->nreduce)
        return;
    fprintf(out, "  weight gradients (over all steps and rows at once)\n");
    for (int i = 0; i < c->nweight; i++) {
        const struct plan_weight *w = &c->weight[i];

        fprintf(out, "    %s: %d x %d%s\n", param_name(n, l, w->param),
                w->rows, w->k, w->token ? ", by tokens" : "");
    }
    if (c->nreduce)
        fprintf(out, "    sums of %d vectors\n", c->nreduce);
}

static void
say_layer(const struct net *n, int l, FILE *out)
{
    struct plan *p = layer_plan(n, l);
    const struct equations *eq = n->layers[l].eq;

    fprintf(out, "%s: input %d%s, size %d, output %d, %d states\n",
            n->layers[l].name, eq->input_size,
            eq->input_token ? " tokens" : "", eq->size, eq->output_size,
            eq->nstates);
    for (int c = 0; c < p->ncases; c++) {
        const struct plan_case *pc = &p->cases[c];

        if (p->ncases > 1 && pc->at)
            fprintf(out, " at step %d\n", pc->at);
        else if (p->ncases > 1)
            fprintf(out, " at all other steps\n");
        say_region(n, l, &pc->vec, "once an update", out);
        for (int r = 0; r < REGIONS; r++)
            say_region(n, l, &pc->region[r], regions[r], out);
        say_sinks(n, l, pc, out);
        say_region(n, l, &pc->bvec, "adjoint, once an update", out);
    }
    fprintf(out, "  a step and row: %zu bytes kept, %.0f operations forward, "
            "%.0f with the adjoint\n", layer_bytes(p), layer_flops(p, false),
            layer_flops(p, true));
    plan_free(p);
}

void
net_explain(const struct net *n, FILE *out)
{
    for (int l = 0; l < n->nlayers; l++)
        say_layer(n, l, out);
    fprintf(out, "all layers: %zu weights, %zu bytes kept and %.0f "
            "operations a step and row\n", n->weights, net_bytes_kept(n),
            net_flops(n, true));
}
