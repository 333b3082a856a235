/* fixture.c - see fixture.h. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "stream/safetensors.h"

static const char *
meta(const struct safetensors *st, const char *key)
{
    const char *s = json_string_value(json_object_get(st->metadata, key));

    if (!s)
        die(RC_DATA, "fixture: no '%s' in the metadata", key);
    return s;
}

static const struct tensor *
get(const struct safetensors *st, const char *name, enum dtype type, size_t n)
{
    const struct tensor *t = st_find(st, name);

    if (!t || t->dtype != type || t->bytes != n * dtype_size(type))
        die(RC_DATA, "fixture: '%s' is missing or not as expected", name);
    return t;
}

static void
get_doubles(const struct safetensors *st, const char *name, double *x,
            size_t n)
{
    memcpy(x, get(st, name, DT_F64, n)->data, n * sizeof *x);
}

static void
get_floats(const struct safetensors *st, const char *name, float *x, size_t n)
{
    const double *y = get(st, name, DT_F64, n)->data;

    for (size_t i = 0; i < n; i++)
        x[i] = (float)y[i];
}

static void
get_batch(const struct safetensors *st, struct problem *p)
{
    size_t n = (size_t)p->shape.rows * (size_t)p->shape.steps;

    memcpy(p->scored, get(st, "scored", DT_U8, n)->data, n);
    if (p->shape.token) {
        memcpy(p->tokens, get(st, "tokens", DT_I32, n)->data, 4 * n);
        memcpy(p->classes, get(st, "classes", DT_I32, n)->data, 4 * n);
        return;
    }
    get_floats(st, "vectors", p->vectors, n * (size_t)p->shape.input);
    get_floats(st, "wanted", p->wanted, n * (size_t)p->net->output_size);
}

static void
get_params(const struct safetensors *st, struct fixture *f)
{
    const struct net *net = f->p.net;

    f->weights = xcalloc(net->weights + 1, sizeof *f->weights);
    f->grad = xcalloc(net->weights + 1, sizeof *f->grad);
    for (int i = 0; i < net->nparams; i++) {
        const struct net_param *q = &net->params[i];
        size_t n = (size_t)q->rows * (size_t)q->cols;
        char *w = xasprintf("weights.%s", q->name);
        char *g = xasprintf("grad.%s", q->name);

        get_doubles(st, w, f->weights + q->offset, n);
        get_doubles(st, g, f->grad + q->offset, n);
        free(w);
        free(g);
    }
    for (size_t i = 0; i < net->weights; i++)
        f->p.weights[i] = (float)f->weights[i];
}

void
fixture_read(const char *path, struct fixture *f)
{
    struct safetensors st;
    const struct tensor *scored;
    struct shape s = { .loss = LOSS_MSE };
    size_t places;

    *f = (struct fixture){ .loss = 0 };
    st_read(path, &st);
    scored = st_find(&st, "scored");
    if (!scored || scored->ndim != 2)
        die(RC_DATA, "fixture: %s: no 'scored'", path);
    s.cell = meta(&st, "cell");
    s.options = meta(&st, "options");
    s.layers = atoi(meta(&st, "layers"));
    s.input = atoi(meta(&st, "input"));
    s.size = atoi(meta(&st, "size"));
    s.head = atoi(meta(&st, "head"));
    s.token = atoi(meta(&st, "token"));
    s.loss = s.token ? LOSS_XENT : LOSS_MSE;
    s.rows = (int)scored->shape[0];
    s.steps = (int)scored->shape[1];
    problem_init(&f->p, &s);
    f->p.shape.cell = f->p.shape.options = NULL;    /* the file's memory */
    get_batch(&st, &f->p);
    get_params(&st, f);
    places = (size_t)s.rows * (size_t)s.steps;
    f->out = xcalloc(places * (size_t)s.head, sizeof *f->out);
    f->state = xcalloc((size_t)s.rows * f->p.net->state_size + 1,
                       sizeof *f->state);
    get_doubles(&st, "out", f->out, places * (size_t)s.head);
    get_doubles(&st, "state", f->state,
                (size_t)s.rows * f->p.net->state_size);
    get_doubles(&st, "loss", &f->loss, 1);
    st_release(&st);
}

void
fixture_release(struct fixture *f)
{
    problem_release(&f->p);
    free(f->weights);
    free(f->out);
    free(f->state);
    free(f->grad);
}
