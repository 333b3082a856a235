#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/dmath.h"
#include "base/rng.h"
#include "train/init.h"

/* Householder's QR of a (R,C), R >= C, in place: reflectors stay below the
 * diagonal in `a`, tau their factors, sign those of R's diagonal. */
static void
factor(double *a, int rows, int cols, double *tau, double *sign, double *w)
{
    for (int k = 0; k < cols; k++) {
        double norm = 0, head, alpha, vv;

        for (int i = k; i < rows; i++)
            norm += a[i * (long)cols + k] * a[i * (long)cols + k];
        norm = sqrt(norm);
        head = a[k * (long)cols + k];
        alpha = head < 0 ? norm : -norm;
        sign[k] = alpha < 0 ? -1 : 1;
        a[k * (long)cols + k] = head - alpha;
        vv = 0;
        for (int i = k; i < rows; i++)
            vv += a[i * (long)cols + k] * a[i * (long)cols + k];
        tau[k] = vv > 0 ? 2 / vv : 0;
        /* a[:, k+1:] -= tau v (v' a): both loops run along rows of a. */
        memset(w, 0, (size_t)cols * sizeof *w);
        for (int i = k; i < rows; i++)
            for (int j = k + 1; j < cols; j++)
                w[j] += a[i * (long)cols + k] * a[i * (long)cols + j];
        for (int i = k; i < rows; i++) {
            double f = tau[k] * a[i * (long)cols + k];

            for (int j = k + 1; j < cols; j++)
                a[i * (long)cols + j] -= f * w[j];
        }
    }
}

/* q = the first `cols` columns of the reflectors' product, last one first. */
static void
unfold(double *q, const double *a, int rows, int cols, const double *tau,
       const double *sign, double *w)
{
    memset(q, 0, (size_t)rows * (size_t)cols * sizeof *q);
    for (int k = 0; k < cols; k++)
        q[k * (long)cols + k] = 1;
    for (int k = cols - 1; k >= 0; k--) {
        memset(w, 0, (size_t)cols * sizeof *w);
        for (int i = k; i < rows; i++)
            for (int j = k; j < cols; j++)
                w[j] += a[i * (long)cols + k] * q[i * (long)cols + j];
        for (int i = k; i < rows; i++) {
            double f = tau[k] * a[i * (long)cols + k];

            for (int j = k; j < cols; j++)
                q[i * (long)cols + j] -= f * w[j];
        }
    }
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < cols; j++)
            q[i * (long)cols + j] *= sign[j];
}

static void
transpose(double *out, const double *in, int rows, int cols)
{
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < cols; j++)
            out[j * (long)rows + i] = in[i * (long)cols + j];
}

void
orthogonal(double *q, int rows, int cols)
{
    size_t n = (size_t)rows * (size_t)cols;
    int r = rows, c = cols;
    double *a = xcalloc(n + 1, sizeof *a), *w;

    if (rows < cols) {
        transpose(a, q, rows, cols);
        r = cols;
        c = rows;
    } else {
        memcpy(a, q, n * sizeof *a);
    }
    w = xcalloc(3 * (size_t)c + 1, sizeof *w);
    factor(a, r, c, w, w + c, w + 2 * c);
    unfold(q, a, r, c, w, w + c, w + 2 * c);
    if (rows < cols) {
        memcpy(a, q, n * sizeof *a);
        transpose(q, a, r, c);
    }
    free(w);
    free(a);
}

/* ---- one set of parameters ----------------------------------------------*/

/* Parameters initialised together: parts of one rows x cols matrix, below
 * each other or, if their widths differ, side by side. */
struct set {
    const struct net *net;
    const struct net_layer *layer;
    int n, *param;            /* numbers in the net's table, in the order of
                                 the cell's list */
    int rows, cols;
    bool beside;
};

static const struct cell_param *
spec(const struct set *s, int i)
{
    return &s->layer->eq->params[s->net->params[s->param[i]].index];
}

static void
measure(struct set *s)
{
    const struct net_param *p0 = &s->net->params[s->param[0]];
    bool cols = true, rows = true;

    s->rows = s->cols = 0;
    for (int i = 0; i < s->n; i++) {
        const struct net_param *p = &s->net->params[s->param[i]];

        cols = cols && p->cols == p0->cols;
        rows = rows && p->rows == p0->rows;
        s->rows += p->rows;
        s->cols += p->cols;
    }
    if (!cols && !rows)
        die(RC_DATA, "cell of layer '%s', line %d: parameters initialised "
            "together share neither rows nor columns", s->layer->name,
            spec(s, 0)->line);
    s->beside = !cols;
    if (s->beside)
        s->rows = p0->rows;
    else
        s->cols = p0->cols;
}

/* Blocks that a matrix of heads is drawn in. */
static int
heads(const struct cell_param *c)
{
    return c->heads > 1 ? c->heads : 1;
}

/* The set's matrix m, cut up into its parameters' weights. */
static void
deal(const struct set *s, const double *m, float *weights)
{
    long row0 = 0, col0 = 0;

    for (int i = 0; i < s->n; i++) {
        const struct net_param *p = &s->net->params[s->param[i]];
        float *w = weights + p->offset;

        for (long r = 0; r < p->rows; r++)
            for (long c = 0; c < p->cols; c++)
                w[r * p->cols + c] =
                    (float)m[(row0 + r) * s->cols + col0 + c];
        if (s->beside)
            col0 += p->cols;
        else
            row0 += p->rows;
    }
}

/* Draws for the whole matrix, ascending: uniform in [0,1) or normal. */
static double *
draw(const struct set *s, struct rng *r, bool normal)
{
    size_t n = (size_t)s->rows * (size_t)s->cols;
    double *m = xcalloc(n, sizeof *m);

    for (size_t i = 0; i < n; i++)
        m[i] = normal ? rng_normal(r) : (double)rng_float(r);
    return m;
}

static void
scale(double *m, size_t n, double from, double by)
{
    for (size_t i = 0; i < n; i++)
        m[i] = from + by * m[i];
}

/* Every part has its own fan, so its own range. */
static void
fan_ranges(const struct set *s, double *m)
{
    long row0 = 0, col0 = 0;

    for (int i = 0; i < s->n; i++) {
        const struct net_param *p = &s->net->params[s->param[i]];
        int fan = spec(s, i)->fan_in;
        double lim = fan > 0 ? 1 / sqrt((double)fan) : 0;

        for (long r = 0; r < p->rows; r++)
            scale(m + (row0 + r) * s->cols + col0, (size_t)p->cols, -lim,
                  2 * lim);
        if (s->beside)
            col0 += p->cols;
        else
            row0 += p->rows;
    }
}

/* Kinds without draws, and chrono whose members share them: one by one. */
static bool
init_alone(const struct set *s, struct rng *first, float *weights)
{
    for (int i = 0; i < s->n; i++) {
        const struct net_param *p = &s->net->params[s->param[i]];
        const struct cell_param *c = spec(s, i);
        struct rng r = *first;
        int n = p->rows * p->cols;
        float *w = weights + p->offset;

        switch (c->init) {
        case INIT_CONSTANT:
            for (int k = 0; k < n; k++)
                w[k] = (float)c->a;
            break;
        case INIT_IDENTITY:
            for (int k = 0; k < n; k++)
                w[k] = k / p->cols % (p->rows / heads(c)) == k % p->cols
                           ? 1.0f : 0.0f;
            break;
        case INIT_CHRONO:
            for (int k = 0; k < n; k++)
                w[k] = (float)(c->sign * d_log(1 + (c->a - 2) *
                                               (double)rng_float(&r)));
            break;
        case INIT_FORMULA:
            for (int k = 0; k < n; k++)
                w[k] = (float)init_formula(s->layer->eq, c->formula, k, n);
            break;
        default:
            return false;
        }
    }
    return true;
}

static void
init_set(struct set *s, uint64_t seed, float *weights)
{
    const struct cell_param *c = spec(s, 0);
    struct rng r;
    double *m, lim;
    size_t n;
    int rows;                         /* of a head, where there are heads */

    rng_init(&r, seed, RNG_INIT, (uint32_t)s->param[0], 0);
    if (init_alone(s, &r, weights))
        return;
    measure(s);
    n = (size_t)s->rows * (size_t)s->cols;
    rows = s->rows / heads(c);
    m = draw(s, &r, c->init == INIT_ORTHOGONAL || c->init == INIT_NORMAL ||
             c->init == INIT_XAVIER_NORMAL);
    switch (c->init) {
    case INIT_ORTHOGONAL:
        for (int h = 0; h < heads(c); h++)
            orthogonal(m + (size_t)h * (size_t)rows * (size_t)s->cols, rows,
                       s->cols);
        break;
    case INIT_XAVIER_UNIFORM:
        lim = sqrt(6 / (double)(rows + s->cols));
        scale(m, n, -lim, 2 * lim);
        break;
    case INIT_XAVIER_NORMAL:
        scale(m, n, 0, sqrt(2 / (double)(rows + s->cols)));
        break;
    case INIT_NORMAL:
        scale(m, n, 0, c->a);
        break;
    case INIT_UNIFORM:
        scale(m, n, c->a, c->b - c->a);
        break;
    default:
        fan_ranges(s, m);
        break;
    }
    deal(s, m, weights);
    free(m);
}

/* Put parameter j of the net where the cell's list has it. */
static void
join(struct set *s, int j)
{
    int place = s->layer->eq->params[s->net->params[j].index].place;
    int at = s->n++;

    for (; at > 0 && spec(s, at - 1)->place > place; at--)
        s->param[at] = s->param[at - 1];
    s->param[at] = j;
}

void
init_weights(const struct net *net, uint64_t seed, float *weights)
{
    struct set s = { .net = net };
    bool *done = xcalloc((size_t)net->nparams + 1, sizeof *done);

    s.param = xcalloc((size_t)net->nparams + 1, sizeof *s.param);
    for (int i = 0; i < net->nparams; i++) {
        const struct net_param *p = &net->params[i];
        int stack;

        if (done[i])
            continue;
        s.layer = &net->layers[p->layer];
        stack = s.layer->eq->params[p->index].stack;
        s.n = 0;
        for (int j = i; j < net->nparams; j++) {
            const struct net_param *q = &net->params[j];

            if (j != i && (stack < 0 || q->layer != p->layer ||
                           s.layer->eq->params[q->index].stack != stack))
                continue;
            join(&s, j);
            done[j] = true;
        }
        init_set(&s, seed, weights);
    }
    free(s.param);
    free(done);
}
