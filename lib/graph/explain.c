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

static const char *const classes[] = {
    [V_INPUT] = "input", [V_STATE] = "state", [V_NEXT] = "next state",
    [V_OUTPUT] = "output", [V_DOUTPUT] = "d output", [V_DINPUT] = "d input",
    [V_DNEXT] = "d next state", [V_DSTATE] = "d state",
    [V_VECTOR] = "vector", [V_KEPT] = "kept", [V_TEMP] = "temp",
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
        else if (in->kind == I_EW || in->kind == I_OVER)
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

/* ---- in words ------------------------------------------------------------ */

static void
say_value(const struct plan *p, const struct plan_case *c, int value,
          FILE *out)
{
    const struct plan_value *v = &c->value[value];
    bool state = v->class == V_STATE || v->class == V_NEXT ||
                 v->class == V_DNEXT || v->class == V_DSTATE;

    if (v->class == V_NUMBER)
        fprintf(out, "%g", (double)v->num);
    else if (state)
        fprintf(out, "%s %s", classes[v->class], p->eq->states[v->index].name);
    else if (v->class >= V_VECTOR)
        fprintf(out, "%s %d", classes[v->class], value);
    else
        fputs(classes[v->class], out);
}

static const char *
param_name(const struct net *n, int l, int param)
{
    const char *name = n->params[n->layers[l].first_param + param].name;

    return strrchr(name, '.') + 1;
}

/* What is being told. */
struct told {
    const struct net *net;
    int layer;
    const struct plan *plan;
    const struct plan_case *kase;
    FILE *out;
};

static void
say_gemm(const struct told *t, const struct plan_gemm *g)
{
    FILE *out = t->out;
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
                param_name(t->net, t->layer, g->block[i].param),
                g->block[i].transposed ? "^T" : "");
    for (int i = 0; i < g->nout; i++)
        for (int n = 0; n < g->out[i].ntok; n++)
            fprintf(out, " %s[token]",
                    param_name(t->net, t->layer, g->out[i].tok[n].param));
    for (int i = 0; i < g->nseg; i++) {
        fputs(i ? ", " : " of ", out);
        say_value(t->plan, t->kase, g->seg[i].a, out);
    }
    if (g->nseg)
        fputs(g->start == START_CHAIN ? ", continuing a sum"
              : g->start == START_ADD ? ", added to a sum" : "", out);
    fputc('\n', out);
}

static void
say_region(const struct told *t, const struct plan_region *r,
           const char *title)
{
    FILE *out = t->out;

    if (!r->n)
        return;
    fprintf(out, "  %s\n", title);
    for (int i = 0; i < r->n; i++) {
        const struct instr *in = &r->instr[i];

        if (in->kind == I_GEMM) {
            say_gemm(t, &in->gemm);
        } else if (in->kind == I_COPY) {
            fprintf(out, "    copy %d units\n", in->copy.n);
        } else if (in->kind == I_OVER) {
            fprintf(out, "    %s over %d units", op_name(in->ops[0].op),
                    in->size / in->heads);
            if (in->heads > 1)
                fprintf(out, " of each of %d heads", in->heads);
            fputc('\n', out);
        } else {
            fprintf(out, "    run of %d units:", in->size);
            for (int k = 0; k < in->nops; k++)
                fprintf(out, " %s%s", op_name(in->ops[k].op),
                        in->ops[k].trim ? " trim" : "");
            fputc('\n', out);
        }
    }
}

static void
say_sinks(const struct told *t)
{
    const struct plan_case *c = t->kase;
    FILE *out = t->out;

    if (!c->nweight && !c->nreduce)
        return;
    fprintf(out, "  weight gradients (over all steps and rows at once)\n");
    for (int i = 0; i < c->nweight; i++) {
        const struct plan_weight *w = &c->weight[i];

        fprintf(out, "    %s: %d x %d%s\n",
                param_name(t->net, t->layer, w->param), w->rows, w->k,
                w->token ? ", by tokens" : "");
    }
    if (c->nreduce)
        fprintf(out, "    sums of %d vectors\n", c->nreduce);
}

static void
say_case(const struct told *t)
{
    say_region(t, &t->kase->vec, "once an update");
    for (int r = 0; r < REGIONS; r++)
        say_region(t, &t->kase->region[r], regions[r]);
    say_sinks(t);
    say_region(t, &t->kase->bvec, "adjoint, once an update");
}

/* Of the case that runs at most steps. */
static void
say_sizes(const struct plan *p, bool stack, FILE *out)
{
    const struct plan_case *c = &p->cases[p->ncases - 1];
    int values = 0, numbers = 0;

    for (int i = 0; i < c->nvalues; i++)
        if (c->value[i].class == V_KEPT) {
            values++;
            numbers += c->value[i].size;
        }
    fprintf(out, "  a %s: %d values of %d numbers kept, %.0f operations "
            "forward, %.0f with the adjoint\n", stack ? "step and row" :
            "position of the mask", values, numbers,
            layer_operations(p, false), layer_operations(p, true));
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
        say_case(&(struct told){ p->net, l, y, &y->cases[c], out });
    }
    say_sizes(y, l < p->stack, out);
}

void
net_plan_explain(const struct net_plan *p, enum step_variant v, FILE *out)
{
    for (int l = 0; l < p->nlayers; l++)
        say_layer(p, l, v, out);
}
