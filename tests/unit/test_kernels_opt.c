/*
 * Optimizers and clipping on every instruction set this machine has, against
 * the formulas of docs/numerics.md, bit for bit.
 */
#include "unit/kernel_try.h"

enum { N_OPT = 61 };

struct weights {
    float w[N_OPT], g[N_OPT], m[N_OPT], v[N_OPT];
};

/* A lane's settings. */
struct settings {
    float scale, lr, decay, mu, alpha, rest, eps, beta1, beta2, rest1, rest2;
    float c1, c2;
};

/* kind / 4 is the rule; flag: nesterov, epsilon inside, AdamW; more: rmsprop
 * with momentum. */
static const enum update_kind rules[] = {
    UPDATE_SGD, UPDATE_MOMENTUM, UPDATE_ADAGRAD, UPDATE_RMSPROP, UPDATE_ADAM,
};

static struct settings
settings(struct rng *r)
{
    float a = 0.8f + 0.19f * rng_float(r), b = 0.9f + 0.099f * rng_float(r);

    return (struct settings){
        .scale = below(r, 2) ? 1.0f : rng_float(r), .lr = 0.2f * rng_float(r),
        .decay = below(r, 2) ? 0.0f : 0.01f, .mu = a, .alpha = b,
        .rest = 1 - b, .eps = below(r, 2) ? 1e-8f : 1e-3f, .beta1 = a,
        .beta2 = b, .rest1 = 1 - a, .rest2 = 1 - b,
        .c1 = 0.1f + rng_float(r) / 2, .c2 = 0.01f + rng_float(r) / 2,
    };
}

static void
update(const struct kernels *k, int kind, struct weights *x,
       const struct settings *s)
{
    bool flag = kind & 1, more = kind & 2, adam = kind / 4 == 4;
    struct rule_numbers u = { .kind = rules[kind / 4], .nesterov = flag };

    for (int l = 0; l < LANES; l++) {
        const float numbers[RULE_NUMBERS] = {
            [RULE_SCALE] = s[l].scale, [RULE_LR] = s[l].lr,
            [RULE_DECAY] = adam && flag ? 0 : s[l].decay,
            [RULE_MU] = s[l].mu, [RULE_ALPHA] = s[l].alpha,
            [RULE_REST] = s[l].rest,
            [RULE_IN] = flag && !adam ? s[l].eps : 0,
            [RULE_OUT] = flag && !adam ? 0 : s[l].eps,
            [RULE_BETA1] = s[l].beta1, [RULE_BETA2] = s[l].beta2,
            [RULE_REST1] = s[l].rest1, [RULE_REST2] = s[l].rest2,
            [RULE_STEP] = s[l].lr / s[l].c1, [RULE_ROOT] = sqrtf(s[l].c2),
            [RULE_SHRINK] = flag ? s[l].lr * s[l].decay : 0,
        };

        for (int i = 0; i < RULE_NUMBERS; i++)
            u.x[i][l] = numbers[i];
    }
    k->update(&u, N_OPT, x->w, x->g,
              u.kind == UPDATE_RMSPROP && !more ? NULL : x->m, x->v);
}

/* One weight by the formulas of the document. */
static void
update_one(int kind, float *w, float g, float *m, float *v,
           const struct settings *s)
{
    bool flag = kind & 1, more = kind & 2;
    float u = *w, d = g * s->scale + s->decay * u, root, lr = s->lr;

    if (kind / 4)
        d = cut(d, 0x1p-50f);
    switch (kind / 4) {
    case 0:
        *w = u - lr * d;
        return;
    case 1:
        *m = cut(s->mu * *m + d, 0x1p-100f);
        *w = u - lr * (flag ? d + s->mu * *m : *m);
        return;
    case 2:
        *v = *v + d * d;
        root = flag ? sqrtf(*v + s->eps) : sqrtf(*v) + s->eps;
        *w = u - lr * d / root;
        return;
    case 3:
        *v = cut(s->alpha * *v + s->rest * (d * d), 0x1p-124f);
        root = flag ? sqrtf(*v + s->eps) : sqrtf(*v) + s->eps;
        if (more)
            *m = cut(s->mu * *m + d / root, 0x1p-100f);
        *w = u - lr * (more ? *m : d / root);
        return;
    default:
        if (flag) {
            u = u - (lr * s->decay) * u;
            d = cut(g * s->scale + 0.0f * u, 0x1p-50f);
        }
        *m = cut(s->beta1 * *m + s->rest1 * d, 0x1p-100f);
        *v = cut(s->beta2 * *v + s->rest2 * (d * d), 0x1p-124f);
        root = sqrtf(*v) / sqrtf(s->c2) + s->eps;
        *w = u - lr / s->c1 * (*m / root);
    }
}

/* Number i has the settings of lane i mod LANES. */
static void
optimizers(void **state)
{
    struct weights x, y;

    (void)state;
    EACH_ISA(k) {
        struct rng r;

        rng_init(&r, 7, RNG_STATS, 0, 0);
        for (int n = 0; n < 200; n++) {
            struct settings s[LANES];
            int kind = n % 20;

            for (int l = 0; l < LANES; l++)
                s[l] = settings(&r);
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
            update(k, kind, &x, s);
            for (int i = 0; i < N_OPT; i++) {
                update_one(kind, &y.w[i], y.g[i], &y.m[i], &y.v[i],
                           &s[i % LANES]);
                same(k->isa, "weight", kind, i, x.w[i], y.w[i]);
                same(k->isa, "m", kind, i, x.m[i], y.m[i]);
                same(k->isa, "v", kind, i, x.v[i], y.v[i]);
            }
        }
    }
}

/* Gradients of one net or of many: what is looked for, cut and summed. */
enum { MOST_CLIP = 67 };

static void
clip_one(const struct kernels *k, struct rng *r, int nets, bool cuts,
         bool sums)
{
    static float g[MOST_CLIP * LANES], was[MOST_CLIP * LANES];
    double part[16 * LANES], want[16 * LANES];
    size_t at = (size_t)below(r, 40), n = (size_t)below(r, MOST_CLIP + 1);
    uint32_t bad = 0;
    float limit[LANES];

    for (int l = 0; l < LANES; l++)
        limit[l] = nets > 1 && l % 5 == 0 ? INFINITY :
                 nets > 1 ? 0.02f * (float)l : 0.3f;
    for (int i = 0; i < 16 * nets; i++)
        part[i] = want[i] = (double)rng_float(r);
    fill(r, was, MOST_CLIP * LANES);
    for (int i = 0; n && i < below(r, 4); i++) {
        static const float odd[] = { NAN, 1.1e30f, -1.1e30f, -INFINITY, 1e30f };

        was[below(r, (int)n * nets)] = odd[below(r, 5)];
    }
    memcpy(g, was, sizeof g);
    for (size_t i = 0; i < n; i++)
        for (size_t l = 0; l < (size_t)nets; l++) {
            float *x = &was[i * (size_t)nets + l];

            bad |= (uint32_t)!(fabsf(*x) <= 1e30f) << l;
            if (cuts && fabsf(*x) > limit[l])
                *x = copysignf(limit[l], *x);
            want[(at + i) % 16 * (size_t)nets + l] += (double)*x * (double)*x;
        }
    assert_int_equal(k->clip(nets, at, n, g, 1e30f, cuts ? limit : NULL,
                             sums ? part : NULL), bad);
    for (int i = 0; i < MOST_CLIP * LANES; i++)
        same(k->isa, "clipped", nets, i, g[i], was[i]);
    for (int i = 0; sums && i < 16 * nets; i++)
        if (part[i] != want[i] && !(isnan(part[i]) && isnan(want[i])))
            fail_msg("%s: sum %d of %d nets", k->isa, i, nets);
}

static void
clips(void **state)
{
    struct rng r;

    (void)state;
    rng_init(&r, 8, RNG_STATS, 0, 0);
    EACH_ISA(k)
        for (int n = 0; n < 400; n++)
            clip_one(k, &r, n & 1 ? LANES : 1, n & 2, n & 4);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(optimizers),
        cmocka_unit_test(clips),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
