/* A cell's text, to the plan: canonical text is its own, and its net the same
 * as the text's; on tokens and vectors, below another layer and alone. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cell/cell.h"
#include "fuzz.h"
#include "graph/net_plan.h"

enum { INPUT = 7, LONGEST = 1 << 13 };

/* Two layers of it. */
static struct net *
build(const struct cell *c, bool token, int size, const json_t *options)
{
    const struct net_layer_spec layers[] = {
        { "layers.0", c, size, true, false },
        { "layers.1", c, size, false, true },
    };

    return net_build(layers, token ? 1 : 2, token, INPUT, options);
}

static void
check_same(const struct net *a, const struct net *b)
{
    fuzz_check(a->nparams == b->nparams && a->weights == b->weights &&
               a->state_size == b->state_size &&
               a->output_size == b->output_size);
    for (int i = 0; i < a->nparams; i++) {
        const struct net_param *p = &a->params[i], *q = &b->params[i];

        fuzz_check(!strcmp(p->name, q->name) && p->rows == q->rows &&
                   p->cols == q->cols && p->offset == q->offset);
        fuzz_check(p->rows > 0 && p->cols > 0 && p->offset +
                   (size_t)p->rows * (size_t)p->cols <= a->weights);
    }
}

static char *
explained(const struct net *n)
{
    struct net_plan *p = net_plan_new(n, &(struct net_plan_options){
                                             .gradient = true });
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    for (int v = 0; v < STEP_VARIANTS; v++)
        if (p->layers[0].plan[v]) {
            net_plan_explain(p, v, out);
            fuzz_check(isfinite(net_plan_operations(p, v, 1, 1, true)) &&
                       net_plan_operations(p, v, 1, 1, false) >= 0);
        }
    net_plan_free(p);
    fclose(out);
    return text;
}

static void
check_nets(const struct cell *a, const struct cell *b, bool token, int size,
           const json_t *options)
{
    struct net *na = build(a, token, size, options);
    struct net *nb = build(b, token, size, options);
    char *s = explained(na);

    check_same(na, nb);
    fuzz_check(*s);
    free(s);
    net_free(na);
    net_free(nb);
}

static void
one(const char *text, size_t n)
{
    struct cell *a, *b;
    char *s, *t;
    json_t *options, *same;

    if (n > LONGEST || strlen(text) < n)
        return;
    a = cell_parse(text, "x.cell");
    s = cell_canonical(a);
    b = cell_parse(s, "canonical");
    t = cell_canonical(b);
    fuzz_check(!strcmp(s, t));
    options = cell_options(a);
    same = cell_options(b);
    fuzz_check(fuzz_same_json(options, same));
    json_object_set_new(options, "T", json_integer(30));
    check_nets(a, b, n % 2, n % 3 ? 16 : INPUT, options);
    json_decref(options);
    json_decref(same);
    free(s);
    free(t);
    cell_free(a);
    cell_free(b);
}

const struct harness harness = { .one = one };
