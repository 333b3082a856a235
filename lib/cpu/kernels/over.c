/*
 * over.c - operators over a vector's units, or over each of its heads'
 * (docs/numerics.md, "Functions over units").  A unit is a number, a row's
 * units 16 to a vector; or, of a fleet, a number a net, a vector.
 */
#include "parts.h"

/* ---- one net -------------------------------------------------------------*/

/* Up to 16 numbers, `rest` in place of those that are not there. */
INLINE struct vf
take(const float *x, int n, struct vf rest)
{
    return n < LANES ? v_sel(v_first(n), v_load(x), rest) : v_load(x);
}

static float
sum(const float *x, int n)
{
    struct vf s = v_zero();

    for (int j = 0; j < n; j += LANES)
        s = v_add(s, take(x + j, n - j, v_zero()));
    return v_sum(s);
}

/* The largest; NaN if one is; never -0. */
static float
largest(const float *x, int n)
{
    struct vf most = v_set1(-__builtin_inff());
    float t[LANES];

    for (int j = 0; j < n; j += LANES)
        most = v_max(most, take(x + j, n - j, most));
    v_store(t, most);
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            t[i] = t[i] >= t[i + half] || t[i] != t[i] ? t[i] : t[i + half];
    return t[0] + 0.0f;
}

static void
fill(float *d, int n, float x)
{
    for (int j = 0; j < n; j++)
        d[j] = x;
}

/* The adjoint's sum, for the first of the largest. */
static void
to_largest(float *d, int n, const float *dy, const float *x)
{
    float most = largest(x, n), all = sum(dy, n);
    int at = 0;

    while (at < n && x[at] != most)
        at++;
    fill(d, n, 0.0f);
    if (at < n)
        d[at] = all;
}

/* From the last unit down: what it and those after it get. */
static void
down(float *d, int n, const float *dy)
{
    float s = dy[n - 1];

    for (int j = n - 1;; s = s + dy[j]) {
        d[j] = s;
        if (!j--)
            return;
    }
}

/* The same through a product's factors; y is the value. */
static void
down_product(float *d, int n, const float *dy, const float *x, const float *y)
{
    float s = dy[n - 1];

    for (int j = n - 1; j > 0; j--) {
        float by = x[j];

        d[j] = s * y[j - 1];
        s = dy[j - 1] + by * s;
    }
    d[0] = s;
}

static void
one(const struct over *o, float *d, const float *a, const float *b,
    const float *c)
{
    int n = o->units;

    switch (o->op) {
    case OP_SUM:
        fill(d, n, sum(a, n));
        break;
    case OP_AMAX:
        fill(d, n, largest(a, n));
        break;
    case OP_D_AMAX:
        to_largest(d, n, a, b);
        break;
    case OP_CUMSUM:
        d[0] = a[0];
        for (int j = 1; j < n; j++)
            d[j] = d[j - 1] + a[j];
        break;
    case OP_CUMPROD:
        d[0] = a[0];
        for (int j = 1; j < n; j++)
            d[j] = d[j - 1] * a[j];
        break;
    case OP_D_CUMSUM:
        down(d, n, a);
        break;
    default:
        down_product(d, n, a, b, c);
    }
}

/* ---- a fleet -------------------------------------------------------------*/

INLINE struct vf
at(const float *x, int j)
{
    return v_load(x + (ptrdiff_t)j * LANES);
}

INLINE void
put(float *d, int j, struct vf x)
{
    v_store(d + (ptrdiff_t)j * LANES, x);
}

static struct vf
fleet_sum(const float *x, int n)
{
    struct vf part[LANES];

    for (int i = 0; i < LANES; i++)
        part[i] = v_zero();
    for (int j = 0; j < n; j++)
        part[j % LANES] = v_add(part[j % LANES], at(x, j));
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            part[i] = v_add(part[i], part[i + half]);
    return part[0];
}

static struct vf
fleet_largest(const float *x, int n)
{
    struct vf most = at(x, 0);

    for (int j = 1; j < n; j++)
        most = v_max(most, at(x, j));
    return v_add(most, v_zero());
}

static void
fleet_fill(float *d, int n, struct vf x)
{
    for (int j = 0; j < n; j++)
        put(d, j, x);
}

static void
fleet_to_largest(float *d, int n, const float *dy, const float *x)
{
    struct vf most = fleet_largest(x, n), all = fleet_sum(dy, n);

    for (int j = 0; j < n; j++) {
        struct vm here = v_eq(at(x, j), most);

        put(d, j, v_sel(here, all, v_zero()));
        all = v_sel(here, v_zero(), all);     /* the first had it */
    }
}

static void
fleet_down(float *d, int n, const float *dy)
{
    struct vf s = at(dy, n - 1);

    for (int j = n - 1;; s = v_add(s, at(dy, j))) {
        put(d, j, s);
        if (!j--)
            return;
    }
}

static void
fleet_down_product(float *d, int n, const float *dy, const float *x,
                   const float *y)
{
    struct vf s = at(dy, n - 1);

    for (int j = n - 1; j > 0; j--) {
        struct vf by = at(x, j);

        put(d, j, v_mul(s, at(y, j - 1)));
        s = v_add(at(dy, j - 1), v_mul(by, s));
    }
    put(d, 0, s);
}

static void
fleet_one(const struct over *o, float *d, const float *a, const float *b,
          const float *c)
{
    int n = o->units;

    switch (o->op) {
    case OP_SUM:
        fleet_fill(d, n, fleet_sum(a, n));
        break;
    case OP_AMAX:
        fleet_fill(d, n, fleet_largest(a, n));
        break;
    case OP_D_AMAX:
        fleet_to_largest(d, n, a, b);
        break;
    case OP_CUMSUM:
        put(d, 0, at(a, 0));
        for (int j = 1; j < n; j++)
            put(d, j, v_add(at(d, j - 1), at(a, j)));
        break;
    case OP_CUMPROD:
        put(d, 0, at(a, 0));
        for (int j = 1; j < n; j++)
            put(d, j, v_mul(at(d, j - 1), at(a, j)));
        break;
    case OP_D_CUMSUM:
        fleet_down(d, n, a);
        break;
    default:
        fleet_down_product(d, n, a, b, c);
    }
}

/* ---- both ----------------------------------------------------------------*/

INLINE const float *
of_row(const struct over_rows *x, int r, ptrdiff_t off)
{
    return x->p ? x->p + r * x->stride + off : NULL;
}

void
SYM(over)(const struct over *o)
{
    for (int r = 0; r < o->rows; r++)
        for (int h = 0; h < o->heads; h++) {
            ptrdiff_t off = (ptrdiff_t)h * o->units * o->lanes;
            float *d = o->d.p + r * o->d.stride + off;
            const float *a = of_row(&o->arg[0], r, off);
            const float *b = of_row(&o->arg[1], r, off);
            const float *c = of_row(&o->arg[2], r, off);

            if (o->lanes == 1)
                one(o, d, a, b, c);
            else
                fleet_one(o, d, a, b, c);
        }
}
