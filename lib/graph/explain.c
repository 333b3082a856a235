/* explain.c - a net's plan in words and numbers: train --explain, --dry-run. */
#include <stdlib.h>
#include <string.h>

#include "graph/net_plan.h"

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

/* Multiply-adds of a product's outs by segments. */
static double
gemm_operations(const struct plan_gemm *g)
{
    double k = 0, n = 0;

    for (int i = 0; i < g->nseg; i++)
        k += g->seg[i].k;
    for (int i = 0; i < g->nout; i++)
        n += g->out[i].size;
    return 2 * k * n;
}

static double
region_operations(const struct plan_region *r)
{
    double f = 0;

    for (int i = 0; i < r->n; i++) {
        const struct instr *in = &r->instr[i];

        if (in->kind == I_GEMM)
            f += gemm_operations(&in->gemm);
        else if (in->kind == I_EW)
            f += (double)in->nops * in->size;
    }
    return f;
}

/* The case that runs at most steps is the last. */
static double
layer_operations(const struct plan *p, bool adjoint)
{
    const struct plan_case *c = &p->cases[p->ncases - 1];
    double f = 0;

    for (int r = 0; r < (adjoint ? REGIONS : R_BPOST); r++)
        f += region_operations(&c->region[r]);
    for (int i = 0; adjoint && i < c->nweight; i++)
        f += c->weight[i].token ? c->weight[i].rows
                                : 2.0 * c->weight[i].rows * c->weight[i].k;
    for (int i = 0; adjoint && i < c->nreduce; i++)
        f += c->reduce[i].size;
    return f;
}

static double
layer_bytes(const struct net_plan *p, int l, enum step_variant v)
{
    const struct plan *y = p->layers[l].plan[v];
    int out = y->output.place == P_OUT ? y->out : 0;

    return sizeof(float) * (double)(y->keep + y->state + out +
                                    (p->gradient ? y->out : 0));
}

double
net_plan_operations(const struct net_plan *p, enum step_variant v,
                    double positions, double masked, bool adjoint)
{
    double f = 0;

    for (int l = 0; l < p->nlayers; l++)
        f += layer_operations(p->layers[l].plan[v], adjoint) *
             (l < p->stack ? positions : masked);
    return f;
}

double
net_plan_bytes(const struct net_plan *p, enum step_variant v,
               double positions, double masked)
{
    double bytes = 0;

    for (int l = 0; l < p->nlayers; l++)
        bytes += layer_bytes(p, l, v) * (l < p->stack ? positions : masked);
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
say_case(const struct net *n, int l, const struct plan_case *c, FILE *out)
{
    say_region(n, l, &c->vec, "once an update", out);
    for (int r = 0; r < REGIONS; r++)
        say_region(n, l, &c->region[r], regions[r], out);
    say_sinks(n, l, c, out);
    say_region(n, l, &c->bvec, "adjoint, once an update", out);
}

static void
say_layer(const struct net_plan *p, int l, enum step_variant v, FILE *out)
{
    const struct plan *y = p->layers[l].plan[v];
    const struct equations *eq = y->eq;

    fprintf(out, "%s: input %d%s, size %d, output %d, %d states\n",
            p->layers[l].layer->name, eq->input_size,
            eq->input_token ? " tokens" : "", eq->size, eq->output_size,
            eq->nstates);
    for (int c = 0; c < y->ncases; c++) {
        if (y->ncases > 1 && y->cases[c].at)
            fprintf(out, " at step %d\n", y->cases[c].at);
        else if (y->ncases > 1)
            fprintf(out, " at all other steps\n");
        say_case(p->net, l, &y->cases[c], out);
    }
    fprintf(out, "  a %s: %.0f bytes kept, %.0f operations forward, "
            "%.0f with the adjoint\n", l < p->stack ? "step and row" :
            "position of the mask", layer_bytes(p, l, v),
            layer_operations(y, false), layer_operations(y, true));
}

void
net_plan_explain(const struct net_plan *p, enum step_variant v, FILE *out)
{
    for (int l = 0; l < p->nlayers; l++)
        say_layer(p, l, v, out);
    fprintf(out, "all layers: %zu weights, %.0f bytes kept and %.0f "
            "operations a step and row\n", p->net->weights,
            net_plan_bytes(p, v, 1, 1),
            net_plan_operations(p, v, 1, 1, true));
}
