/*
 * Optimizers and the gradient's norm on every instruction set this machine has,
 * against the formulas of docs/numerics.md, bit for bit.
 */
#include "ref/squares.h"
#include "unit/kernel_try.h"

enum { N_OPT = 61 };

struct weights {
    float w[N_OPT], g[N_OPT], m[N_OPT], v[N_OPT];
};

static void
update(const struct kernels *k, int kind, struct weights *x, float scale,
       float decay)
{
    bool flag = kind & 1, more = kind & 2;
    float mu = more ? 0.9f : 0.0f;

    switch (kind / 4) {
    case 0:
        k->sgd(N_OPT, x->w, x->g, scale, 0.1f, decay);
        break;
    case 1:
        k->momentum(N_OPT, x->w, x->g, x->m, scale, 0.1f, 0.9f, flag, decay);
        break;
    case 2:
        k->adagrad(N_OPT, x->w, x->g, x->v, scale, 0.1f, 1e-8f, flag, decay);
        break;
    case 3:
        k->rmsprop(N_OPT, x->w, x->g, x->v, more ? x->m : NULL, scale, 0.1f,
                   0.99f, 0.01f, 1e-8f, flag, mu, decay);
        break;
    default:
        k->adam(N_OPT, x->w, x->g, x->m, x->v, scale, 0.1f, 0.9f, 0.999f,
                0.1f, 0.001f, 1e-8f, 0.1f, 0.001f, decay, flag);
    }
}

/* One weight by the formulas of the document. */
static void
update_one(int kind, float *w, float g, float *m, float *v, float scale,
           float decay)
{
    bool flag = kind & 1, more = kind & 2;
    float u = *w, d = g * scale + decay * u, root, lr = 0.1f, eps = 1e-8f;

    if (kind / 4)
        d = cut(d, 0x1p-50f);
    switch (kind / 4) {
    case 0:
        *w = u - lr * d;
        return;
    case 1:
        *m = cut(0.9f * *m + d, 0x1p-100f);
        *w = u - lr * (flag ? d + 0.9f * *m : *m);
        return;
    case 2:
        *v = *v + d * d;
        root = flag ? sqrtf(*v + eps) : sqrtf(*v) + eps;
        *w = u - lr * d / root;
        return;
    case 3:
        *v = cut(0.99f * *v + 0.01f * (d * d), 0x1p-124f);
        root = flag ? sqrtf(*v + eps) : sqrtf(*v) + eps;
        if (more)
            *m = cut(0.9f * *m + d / root, 0x1p-100f);
        *w = u - lr * (more ? *m : d / root);
        return;
    default:
        if (flag) {
            u = u - (lr * decay) * u;
            d = cut(g * scale + 0.0f * u, 0x1p-50f);
        }
        *m = cut(0.9f * *m + 0.1f * d, 0x1p-100f);
        *v = cut(0.999f * *v + 0.001f * (d * d), 0x1p-124f);
        root = sqrtf(*v) / sqrtf(0.001f) + eps;
        *w = u - lr / 0.1f * (*m / root);
    }
}

static void
optimizers(void **state)
{
    struct weights x, y;

    (void)state;
    EACH_ISA(k) {
        struct rng r;

        rng_init(&r, 7, RNG_STATS, 0, 0);
        for (int n = 0; n < 200; n++) {
            float scale = below(&r, 2) ? 1.0f : rng_float(&r);
            float decay = below(&r, 2) ? 0.0f : 0.01f;
            int kind = n % 20;

            fill(&r, x.w, N_OPT);
            fill(&r, x.g, N_OPT);
            for (int i = 0; i < N_OPT; i++) {
                x.m[i] = rng_float(&r) - 0.5f;
                x.v[i] = rng_float(&r);
                if (below(&r, 3))
                    continue;
                /* about what is cut off */
                x.g[i] = ldexpf(x.g[i], -40 - below(&r, 23));
                x.w[i] = ldexpf(x.w[i], -40 - below(&r, 23));
                x.m[i] = ldexpf(x.m[i], -90 - below(&r, 20));
                x.v[i] = ldexpf(x.v[i], -115 - below(&r, 12));
            }
            y = x;
            update(k, kind, &x, scale, decay);
            for (int i = 0; i < N_OPT; i++) {
                update_one(kind, &y.w[i], y.g[i], &y.m[i], &y.v[i], scale,
                           decay);
                same(k->isa, "weight", kind, i, x.w[i], y.w[i]);
                same(k->isa, "m", kind, i, x.m[i], y.m[i]);
                same(k->isa, "v", kind, i, x.v[i], y.v[i]);
            }
        }
    }
}

static void
norms(void **state)
{
    enum { MOST = 3 * 4096 + 40 };
    static const size_t sizes[] = {
        0, 1, 15, 16, 17, 200, 4095, 4096, 4097, 4113, 8192, MOST,
    };
    static float g[MOST + 1];
    struct rng r;

    (void)state;
    rng_init(&r, 8, RNG_STATS, 0, 0);
    fill(&r, g, MOST + 1);
    for (int i = 0; i < MOST; i++)      /* so that each order is another sum */
        g[i] = ldexpf(g[i], below(&r, 40) - 20);
    EACH_ISA(k)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
            for (int odd = 0; odd < 2; odd++)
                if (k->squares(sizes[i], g + odd) !=
                    squares_of(g + odd, sizes[i]))
                    fail_msg("%s: the squares of %zu numbers", k->isa,
                             sizes[i]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(optimizers),
        cmocka_unit_test(norms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
