/* test_optim.c - updates, clipping and schedules against their formulas. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/die.h"
#include "base/json.h"
#include "cpu/update.h"
#include "ref/squares.h"
#include "train/config.h"
#include "train/rule.h"
#include "train/schedule.h"
#include "unit/child.h"

enum { P = 37, FIRST = 20 };    /* weights: FIRST with rate 1, the rest 0.1 */

static struct net_param params[] = {
    { .name = "a", .rows = 4, .cols = 5, .offset = 0, .rate = 1 },
    { .name = "b", .rows = 17, .cols = 1, .offset = FIRST, .rate = 0.1 },
};
static const struct net net = {
    .nparams = 2, .params = params, .weights = P,
};

static const struct stretches *
all(void)
{
    static struct stretches s;

    if (!s.n)
        stretches_all(&s, &net);
    return &s;
}

static json_t *
settings_of(const char *text)
{
    json_t *v = json_read_text(text, strlen(text), "test", 1), *s;

    keys_check(train_keys, v, "test", NULL);
    s = keys_fill(train_keys, v);
    json_decref(v);
    return s;
}

static double
gradient(int i, int t)
{
    return sin(i * 0.7 + t) * (i % 5 + 0.1);
}

/* The rules in double, for one weight, as textbooks have them. */
struct rule {
    const char *settings;
    double (*step)(double w, double g, double *m, double *v, int t, double lr);
};

static double
sgd(double w, double g, double *m, double *v, int t, double lr)
{
    (void)m, (void)v, (void)t;
    return w - lr * (g + 0.01 * w);
}

static double
momentum(double w, double g, double *m, double *v, int t, double lr)
{
    (void)v, (void)t;
    *m = 0.8 * *m + g;
    return w - lr * *m;
}

static double
nesterov(double w, double g, double *m, double *v, int t, double lr)
{
    (void)v, (void)t;
    *m = 0.8 * *m + g;
    return w - lr * (g + 0.8 * *m);
}

static double
adagrad(double w, double g, double *m, double *v, int t, double lr)
{
    (void)m, (void)t;
    *v += g * g;
    return w - lr * g / sqrt(*v + 1e-4);
}

static double
rmsprop(double w, double g, double *m, double *v, int t, double lr)
{
    (void)m, (void)t;
    *v = 0.95 * *v + 0.05 * g * g;
    return w - lr * g / (sqrt(*v) + 1e-4);
}

static double
adam(double w, double g, double *m, double *v, int t, double lr)
{
    *m = 0.9 * *m + 0.1 * g;
    *v = 0.99 * *v + 0.01 * g * g;
    return w - lr * (*m / (1 - pow(0.9, t))) /
               (sqrt(*v / (1 - pow(0.99, t))) + 1e-8);
}

static double
adamw(double w, double g, double *m, double *v, int t, double lr)
{
    return adam(w - lr * 0.1 * w, g, m, v, t, lr);
}

static const struct rule rules[] = {
    { "{\"optimizer\":\"sgd\",\"weight_decay\":0.01}", sgd },
    { "{\"optimizer\":\"momentum\",\"momentum\":0.8}", momentum },
    { "{\"optimizer\":\"momentum\",\"momentum\":0.8,\"nesterov\":true}",
      nesterov },
    { "{\"optimizer\":\"adagrad\",\"epsilon\":1e-4,\"epsilon_inside\":true}",
      adagrad },
    { "{\"optimizer\":\"rmsprop\",\"epsilon\":1e-4,\"alpha\":0.95}", rmsprop },
    { "{\"optimizer\":\"adam\",\"beta2\":0.99}", adam },
    { "{\"optimizer\":\"adamw\",\"beta2\":0.99,\"weight_decay\":0.1}", adamw },
};

static void
try_rule(const struct rule *rule)
{
    json_t *s = settings_of(rule->settings);
    double w[P], m[P] = { 0 }, v[P] = { 0 };
    float *have = xaligned(P, sizeof *have), *g = xaligned(P, sizeof *g);
    float hm[P] = { 0 }, hv[P] = { 0 };
    struct update_rule u;
    struct lane lane = { &u, 0.02, { 1, 1 }, 0.5f, NULL };

    rule_init(&u, s);
    for (int i = 0; i < P; i++)
        w[i] = have[i] = (float)cos(i);
    for (int t = 1; t <= 5; t++) {
        for (int i = 0; i < P; i++)
            g[i] = (float)gradient(i, t);
        lane.powers = update_powers(&u, lane.powers);
        update_weights(kernels_pick(), 1, &lane, all(), have, g,
                       update_has_m(&u) ? hm : NULL,
                       update_has_v(&u) ? hv : NULL);
        for (int i = 0; i < P; i++)
            w[i] = rule->step(w[i], 0.5 * gradient(i, t), &m[i], &v[i], t,
                              i < FIRST ? 0.02 : 0.002);
    }
    for (int i = 0; i < P; i++)
        assert_true(fabs(w[i] - (double)have[i]) < 2e-6);
    json_decref(s);
    free(have);
    free(g);
}

static void
test_rules(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        try_rule(&rules[i]);
}

/* One update, by one rate, with the moments that the rule has. */
static void
update(const struct update_rule *u, double rate, struct update_powers powers,
       float *w, const float *g, float *m, float *v)
{
    const struct lane lane = { u, rate, powers, 1, NULL };

    update_weights(kernels_pick(), 1, &lane, all(), w, g,
                   update_has_m(u) ? m : NULL, update_has_v(u) ? v : NULL);
}

/* The first step of a weight of 0 with gradient 0.3 at rate 1 and a memory
 * near 1, and what PyTorch 2.15 has in float64: 1 - beta is not what is left of
 * a rounded beta. */
static void
test_long_memory(void **unused)
{
    static const struct {
        const char *settings;
        double torch;
    } first[] = {
        { "{\"optimizer\":\"adam\",\"beta1\":0.99999}",
          -0.9999999666666678 },
        { "{\"optimizer\":\"adam\",\"beta1\":0.99999,\"beta2\":0.99999}",
          -0.9999999666666676 },
        { "{\"optimizer\":\"adam\",\"beta2\":0.9999999}",
          -0.9999999666666678 },
        { "{\"optimizer\":\"adamw\",\"beta2\":0.9999999}",
          -0.9999999666666678 },
        { "{\"optimizer\":\"rmsprop\",\"alpha\":0.99}", -9.999996666667773 },
        { "{\"optimizer\":\"rmsprop\",\"alpha\":0.99999}",
          -316.2244327193602 },
    };

    (void)unused;
    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        json_t *s = settings_of(first[i].settings);
        float w[P] = { 0 }, g[P], m[P] = { 0 }, v[P] = { 0 };
        struct update_rule u;

        for (int k = 0; k < P; k++)
            g[k] = 0.3f;
        rule_init(&u, s);
        update(&u, 1, update_powers(&u, (struct update_powers){ 1, 1 }), w, g,
               m, v);
        if (fabs((double)w[0] / first[i].torch - 1) > 3e-7)
            fail_msg("%s: %.9g, not %.9g", first[i].settings, (double)w[0],
                     first[i].torch);
        json_decref(s);
    }
}

/* Gradients, then none for long: no array holds a subnormal number, ever. */
static void
test_no_subnormals(void **unused)
{
    static const char *const settings[] = {
        "{\"optimizer\":\"momentum\"}",
        "{\"optimizer\":\"adagrad\"}",
        "{\"optimizer\":\"rmsprop\",\"alpha\":0.9}",
        "{\"optimizer\":\"rmsprop\",\"alpha\":0.9,\"rmsprop_momentum\":0.9}",
        "{\"optimizer\":\"adam\",\"beta2\":0.95}",
        "{\"optimizer\":\"adamw\",\"beta2\":0.95}",
    };

    (void)unused;
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        json_t *s = settings_of(settings[i]);
        float w[P] = { 0 }, g[P], m[P] = { 0 }, v[P] = { 0 };
        struct update_powers powers = { 1, 1 };
        struct update_rule u;

        rule_init(&u, s);
        for (int t = 0; t < 3000; t++) {
            for (int k = 0; k < P; k++)
                g[k] = t % 1500 ? 0 : ldexpf(1.3f, -30 - k);
            powers = update_powers(&u, powers);
            update(&u, 0.01, powers, w, g, m, v);
            for (int k = 0; k < P; k++) {
                assert_int_not_equal(fpclassify(m[k]), FP_SUBNORMAL);
                assert_int_not_equal(fpclassify(v[k]), FP_SUBNORMAL);
            }
        }
        /* 1.3 * 2^-50 is felt, half of it is not */
        assert_true(m[21] == 0 && v[21] == 0 && w[20] != 0 && w[21] == 0);
        json_decref(s);
    }
}

/* Of n gradients a net. */
static uint32_t
clip_all(int nets, struct lane *lane, float *g, size_t n)
{
    struct stretch one = { 0, n, 1 };
    const struct stretches s = { 1, 1, &one };

    return update_clip(kernels_pick(), nets, lane, g, &s);
}

/* Of one net's gradient: is it bad, and the factor. */
static bool
clip(const struct update_rule *u, float *g, float *scale)
{
    struct lane lane = { .rule = u };
    bool bad = clip_all(1, &lane, g, P);

    *scale = lane.scale;
    return bad;
}

static void
test_clip(void **unused)
{
    json_t *s = settings_of("{\"clip_norm\":2,\"clip_element\":0.5}");
    float g[P] = { 3, -4, 0.25f }, scale;
    struct update_rule u;

    (void)unused;
    rule_init(&u, s);
    assert_false(clip(&u, g, &scale));
    assert_true(g[0] == 0.5f && g[1] == -0.5f && g[2] == 0.25f);
    assert_true(scale == 1);
    u.clip_element = 0;
    memset(g, 0, sizeof g);
    g[0] = 3;
    g[1] = -4;
    assert_false(clip(&u, g, &scale));
    assert_true(scale == 0.4f && g[0] == 3);
    u.clip_norm = 5;
    assert_false(clip(&u, g, &scale));
    assert_true(scale == 1);
    json_decref(s);
}

/* Norms and limits go on from segment to segment, of every net. */
static void
test_long(void **unused)
{
    enum { N = 10000 };
    struct update_rule u = { .kind = UPDATE_SGD, .clip_element = 1,
                             .clip_norm = 50 };
    float *g = xaligned(N * LANES, sizeof *g);

    (void)unused;
    for (int lanes = 1; lanes <= LANES; lanes += LANES - 1) {
        struct lane lane[LANES];

        for (int i = 0; i < lanes; i++)
            lane[i] = (struct lane){ .rule = &u };
        for (int i = 0; i < N * lanes; i++)
            g[i] = i % 2 ? 1 : -3;
        assert_int_equal(clip_all(lanes, lane, g, N), 0);
        for (int i = 0; i < N * lanes; i++)
            assert_true(g[i] == (i % 2 ? 1 : -1));
        for (int i = 0; i < lanes; i++)
            assert_true(lane[i].scale == 0.5f);      /* the norm is 100 */
        g[N * lanes - 1] = NAN;
        assert_int_equal(clip_all(lanes, lane, g, N),
                         1 << (lanes - 1));
    }
    free(g);
}

static void
test_sane(void **unused)
{
    const float bad[] = { -2e30f, NAN, -INFINITY };
    struct update_rule u = { .kind = UPDATE_SGD };
    float g[P] = { 1 }, scale;

    (void)unused;
    assert_false(clip(&u, g, &scale));
    for (int i = 0; i < 3; i++) {
        g[P - 1] = bad[i];
        assert_true(clip(&u, g, &scale));
    }
}

/* Of more weights than a segment has: cut, summed and checked in all of
 * them. */
static void
test_segments(void **unused)
{
    enum { MANY = 3 * 4096 + 77 };
    const size_t at[] = { 0, 4095, 4096, 9000, MANY - 1 };
    struct update_rule u = { .kind = UPDATE_SGD, .clip_norm = 3 };
    float *g = xcalloc(MANY, sizeof *g);

    (void)unused;
    for (int cut = 0; cut < 2; cut++) {
        struct lane lane = { .rule = &u };
        double most = 0;

        for (size_t i = 0; i < MANY; i++)
            g[i] = (float)(sin((double)i) + 0.001 * (double)(i % 7));
        u.clip_element = cut ? 0.25 : 0;
        assert_int_equal(clip_all(1, &lane, g, MANY), 0);
        assert_true(lane.scale == (float)(3 / sqrt(squares_of(g, MANY))));
        for (size_t i = 0; i < MANY; i++)
            most = fmax(most, fabs((double)g[i]));
        assert_true(cut ? most == 0.25 : most > 1);
        for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
            float was = g[at[i]];

            g[at[i]] = i & 1 ? NAN : 2e30f;
            assert_int_equal(clip_all(1, &lane, g, MANY), 1);
            g[at[i]] = was;
        }
    }
    free(g);
}

static double
rate(const char *settings, int64_t update, double done)
{
    json_t *s = settings_of(settings);
    struct schedule x;

    schedule_init(&x, s);
    json_decref(s);
    return schedule_rate(&x, update, done);
}

static void
test_schedules(void **unused)
{
    const char *cosine = "{\"lr\":2,\"schedule\":\"cosine\",\"lr_end\":1}";
    const char *linear = "{\"lr\":2,\"schedule\":\"linear\",\"warmup\":4}";
    const char *falling =
        "{\"lr\":1,\"schedule\":\"exponential\",\"lr_end\":0.01}";

    (void)unused;
    assert_true(rate("{}", 5, 0.3) == 0.001);
    assert_true(rate(cosine, 0, 0) == 2);
    assert_true(fabs(rate(cosine, 0, 0.5) - 1.5) < 1e-15);
    assert_true(fabs(rate(cosine, 0, 1) - 1) < 1e-15);
    assert_true(rate(linear, 0, 0) == 0.5);
    assert_true(rate(linear, 3, 0.25) == 1.5);
    assert_true(rate(linear, 4, 0.5) == 1);
    assert_true(fabs(rate(falling, 0, 0.5) - 0.1) < 1e-15);
}

static void
no_end(void *unused)
{
    (void)unused;
    rate("{\"schedule\":\"exponential\"}", 0, 0);
}

static void
test_no_end(void **unused)
{
    (void)unused;
    assert_dies(no_end, NULL, RC_DATA, "needs lr and lr_end above 0");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_long_memory),
        cmocka_unit_test(test_no_subnormals),
        cmocka_unit_test(test_clip),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_sane),
        cmocka_unit_test(test_segments),
        cmocka_unit_test(test_schedules),
        cmocka_unit_test(test_no_end),
    };

    return cmocka_run_group_tests_name("optim", tests, NULL, NULL);
}
