/* staircase.c - predicted and observed steps as JSON. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/dmath.h"
#include "base/json.h"
#include "group/theory.h"
#include "probe/staircase.h"
#include "stats/plateau.h"
#include "task/compose.h"
#include "task/task.h"

enum { EXTRAS = 64 };

/* A level is reached when the loss is first this much of it. */
static const double NEAR = 1.1;

/* A template with all that is predicted of it. */
struct subject {
    struct composition c;
    struct irreps r;
    struct theory t;
};

static void
subject_open(struct subject *s, json_t *settings, const char *where)
{
    composition_open(&s->c, settings, where);
    irreps_make(&s->r, &s->c.group);
    theory_make(&s->t, &s->r, s->c.x, s->c.len);
}

static void
subject_close(struct subject *s)
{
    theory_free(&s->t);
    irreps_free(&s->r);
    composition_close(&s->c);
}

static json_t *
label(const struct subject *s, int i)
{
    char text[32];

    irrep_label(&s->r, i, text);
    return json_string(text);
}

static json_t *
numbers(const double *x, int n)
{
    json_t *v = json_array();

    for (int i = 0; i < n; i++)
        json_array_append_new(v, json_number(x[i]));
    return v;
}

static json_t *
labels(const struct subject *s, const int *irrep, int n)
{
    json_t *v = json_array();

    for (int i = 0; i < n; i++)
        json_array_append_new(v, label(s, irrep[i]));
    return v;
}

/* ---- theory ---- */

static json_t *
irreps_json(const struct subject *s, bool traces)
{
    static const char *const kinds[] = { "", "real", "complex", "",
                                         "quaternionic" };
    json_t *all = json_array();

    for (int i = 0; i < s->r.count; i++) {
        const struct irrep *v = &s->r.at[i];
        json_t *o = json_object();

        json_object_set_new(o, "irrep", label(s, i));
        json_object_set_new(o, "dimension", json_integer(v->d));
        json_object_set_new(o, "kind", json_string(kinds[v->c]));
        json_object_set_new(o, "power", json_number(s->t.power[i]));
        json_object_set_new(o, "norm", json_number(s->t.norm[i]));
        json_object_set_new(o, "score", json_number(s->t.score[i]));
        if (traces)
            json_object_set_new(o, "trace", numbers(v->trace, s->r.group->n));
        json_array_append_new(all, o);
    }
    return all;
}

/* Updates until each mode is learned, in their order; null where the theory
 * has no number: it is about C_p, two elements, and waves. */
static json_t *
times_json(const struct subject *s, const struct staircase_options *o,
           bool scaled)
{
    const struct group *g = &s->c.group;
    json_t *v = json_array();

    for (int j = 0; j < s->t.modes; j++) {
        int i = s->t.order[j];
        double p = s->t.power[i], t = NAN;

        if (s->r.at[i].d == 2)
            t = scaled ? theory_updates_scaled(g->p, p, o->init, o->lr)
                : theory_updates(g->p, p, o->init, o->lr, o->momentum);
        json_array_append_new(v, json_number(t));
    }
    return v;
}

/* The same irreps by their places among all. */
static json_t *
order_json(const struct subject *s)
{
    json_t *v = json_array();

    for (int j = 0; j < s->t.modes; j++)
        json_array_append_new(v, json_integer(s->t.order[j]));
    return v;
}

/* The smallest ratio of the scores of two that follow each other. */
static double
gap(const struct subject *s)
{
    double least = NAN;

    for (int j = 0; j + 1 < s->t.modes; j++) {
        double ratio = s->t.score[s->t.order[j]]
            / s->t.score[s->t.order[j + 1]];

        if (!(ratio >= least))
            least = ratio;
    }
    return least;
}

static json_t *
head_json(const struct subject *s, const json_t *settings)
{
    json_t *o = json_object();

    json_object_set(o, "group", json_object_get(settings, "group"));
    json_object_set_new(o, "elements", json_integer(s->c.group.n));
    json_object_set_new(o, "len", json_integer(s->c.len));
    json_object_set_new(o, "order", labels(s, s->t.order, s->t.modes));
    json_object_set_new(o, "numbers", order_json(s));
    json_object_set_new(o, "gap", json_number(gap(s)));
    json_object_set_new(o, "plateaus", numbers(s->t.plateau,
                                               s->t.modes + 1));
    return o;
}

static void
add_times(json_t *o, const struct subject *s,
          const struct staircase_options *opts)
{
    const struct group *g = &s->c.group;

    if (g->q != 1 || s->c.len != 2 || !(opts->init > 0) || !(opts->lr > 0))
        return;
    json_object_set_new(o, "times", times_json(s, opts, false));
    json_object_set_new(o, "times_scaled", times_json(s, opts, true));
}

json_t *
staircase_theory(json_t *settings, const char *where,
                 const struct staircase_options *opts)
{
    struct subject s;
    json_t *o, *widths = json_array();

    subject_open(&s, settings, where);
    o = head_json(&s, settings);
    json_object_set_new(o, "levels", numbers(s.t.level, s.t.modes + 1));
    for (int m = 1; m <= s.c.len + 1 && s.c.len <= 40; m++)
        json_array_append_new(widths, json_number(
            theory_width(s.c.group.n, s.c.len, m)));
    json_object_set_new(o, "widths", widths);
    add_times(o, &s, opts);
    json_object_set_new(o, "irreps", irreps_json(&s, opts->traces));
    subject_close(&s);
    return o;
}

/* ---- a run ---- */

/* Columns of numbers that belong together. */
struct columns {
    long n;
    double *t, *y;
};

static double *
column(const struct record *r, const char *path, long *n)
{
    const json_t *v = record_need(r, path);
    double *x;

    if (!json_is_array(v))
        die_at(r->file, r->line, "'%s' is no list", path);
    *n = (long)json_array_size(v);
    x = xcalloc((size_t)*n + 1, sizeof *x);
    for (long i = 0; i < *n; i++) {
        const json_t *e = json_array_get(v, (size_t)i);

        x[i] = json_is_number(e) ? json_number_value(e) : NAN;
    }
    return x;
}

static void
read_curve(const struct record *r, struct columns *c)
{
    long n;

    c->t = column(r, "curve.step", &c->n);
    c->y = column(r, "curve.loss", &n);
    if (n != c->n)
        die_at(r->file, r->line, "'curve' has %ld steps and %ld losses",
               c->n, n);
}

/* When the loss first falls below the mean of two levels, along log t. */
static double
fall_time(const struct columns *c, double level)
{
    double *down = xcalloc((size_t)c->n + 1, sizeof *down), t;

    for (long i = 0; i < c->n; i++)
        down[i] = -c->y[i];
    t = passing_time(c->t, down, c->n, -level);
    free(down);
    return t;
}

/* One level: which irreps are learned at its end, and how it was met. */
static json_t *
step_json(const struct subject *s, int j, const struct plateau *p,
          const struct columns *c)
{
    const double *level = s->t.plateau;
    json_t *o = json_object();

    json_object_set_new(o, "level", json_number(level[j]));
    json_object_set_new(o, "learns", label(s, s->t.order[j]));
    json_object_set_new(o, "met", json_boolean(p->found));
    json_object_set_new(o, "loss", json_number(p->found ? p->value : NAN));
    json_object_set_new(o, "deviation", json_number(
        p->found ? p->value / level[j] - 1 : NAN));
    json_object_set_new(o, "from", json_number(p->found ? p->from : NAN));
    json_object_set_new(o, "to", json_number(p->found ? p->to : NAN));
    json_object_set_new(o, "reaches", json_number(
        fall_time(c, NEAR * level[j])));
    json_object_set_new(o, "falls", json_number(
        fall_time(c, (level[j] + level[j + 1]) / 2)));
    return o;
}

/* When so many percent of the loss at the start were gone; null: never. */
static void
add_reached(json_t *o, const struct subject *s, const struct columns *c)
{
    static const int percent[] = { 50, 60, 90, 99 };
    json_t *reached = json_object();

    for (size_t i = 0; i < sizeof percent / sizeof *percent; i++) {
        char key[8];

        snprintf(key, sizeof key, "%d", percent[i]);
        json_object_set_new(reached, key, json_number(fall_time(
            c, s->t.plateau[0] * (100 - percent[i]) / 100)));
    }
    json_object_set_new(o, "reached", reached);
}

static void
add_steps(json_t *o, const struct subject *s, const struct columns *c,
          double tolerance)
{
    struct plateau *met = xcalloc((size_t)s->t.modes + 1, sizeof *met);
    struct plateau extra[EXTRAS];
    json_t *steps = json_array(), *more = json_array();
    int extras = plateaus_match(c->t, c->y, c->n, s->t.plateau, s->t.modes,
                                tolerance, met, extra);
    int found = 0;

    for (int j = 0; j < s->t.modes; j++) {
        found += met[j].found;
        json_array_append_new(steps, step_json(s, j, &met[j], c));
    }
    for (int i = 0; i < extras; i++)
        json_array_append_new(more, json_pack(
            "{s:f, s:f, s:f}", "loss", extra[i].value, "from", extra[i].from,
            "to", extra[i].to));
    json_object_set_new(o, "met", json_integer(found));
    json_object_set_new(o, "missed", json_integer(s->t.modes - found));
    json_object_set_new(o, "steps", steps);
    json_object_set_new(o, "extra", more);
    free(met);
}

/* ---- spectra ---- */

/* Power of irrep i along the run. */
static void
power_column(const struct records *spectra, int i, struct columns *c)
{
    c->n = spectra->n;
    c->t = xcalloc((size_t)c->n + 1, sizeof *c->t);
    c->y = xcalloc((size_t)c->n + 1, sizeof *c->y);
    for (long k = 0; k < c->n; k++) {
        const struct record *r = &spectra->at[k];
        const json_t *power = record_need(r, "power");
        const json_t *v = json_array_get(power, (size_t)i);

        if (!json_is_number(v) && !json_is_null(v))
            die_at(r->file, r->line, "'power' has no number %d", i);
        c->t[k] = record_number(r, "step");
        c->y[k] = json_is_number(v) ? json_number_value(v) : NAN;
    }
}

/* Kendall's tau b of the order predicted and the times at which half of each
 * power was reached; those not reached come after all others, as equals. */
static double
kendall(const double *time, int n)
{
    long agree = 0, differ = 0, pairs = 0, tied = 0;

    for (int i = 0; i < n; i++)
        for (int j = i + 1; j < n; j++) {
            double a = isnan(time[i]) ? INFINITY : time[i];
            double b = isnan(time[j]) ? INFINITY : time[j];

            pairs++;
            agree += a < b;
            differ += a > b;
            tied += a == b;
        }
    return pairs > tied ? (double)(agree - differ)
        / sqrt((double)pairs * (double)(pairs - tied)) : NAN;
}

static void
add_spectra(json_t *o, const struct subject *s, const struct records *spectra)
{
    int n = s->t.modes, reached = 0, *observed = xcalloc((size_t)n + 1,
                                                         sizeof *observed);
    double *time = xcalloc((size_t)n + 1, sizeof *time);
    double *last = xcalloc((size_t)n + 1, sizeof *last);
    bool right = true;

    for (int j = 0; j < n; j++) {
        int i = s->t.order[j], at = reached;
        struct columns c;

        power_column(spectra, i, &c);
        time[j] = passing_time(c.t, c.y, c.n, s->t.power[i] / 2);
        last[j] = c.n ? c.y[c.n - 1] / s->t.power[i] : NAN;
        right = right && (!j || time[j] > time[j - 1]);
        for (; !isnan(time[j]) && at > 0
             && time[observed[at - 1]] > time[j]; at--)
            observed[at] = observed[at - 1];
        if (!isnan(time[j])) {
            observed[at] = j;
            reached++;
        }
        free(c.t);
        free(c.y);
    }
    for (int k = 0; k < reached; k++)
        observed[k] = s->t.order[observed[k]];
    json_object_set_new(o, "half", numbers(time, n));
    json_object_set_new(o, "shares", numbers(last, n));
    json_object_set_new(o, "observed", labels(s, observed, reached));
    json_object_set_new(o, "learned", json_integer(reached));
    json_object_set_new(o, "right_order", json_boolean(
        right && reached == n));
    json_object_set_new(o, "kendall", json_number(kendall(time, n)));
    free(last);
    free(time);
    free(observed);
}

static double
setting(const struct record *r, const char *path, double other)
{
    const json_t *v = record_at(r, path);

    return json_is_number(v) ? json_number_value(v) : other;
}

json_t *
staircase_run(const struct record *r, const struct records *spectra,
              const struct staircase_options *opts)
{
    static const char *const copied[] = { "id", "status", "updates",
                                          "stopped_early", "loss",
                                          "settings" };
    const json_t *task = record_at(r, "task");
    const char *name = json_string_value(json_object_get(task, "name"));
    const char *rule;
    struct staircase_options mine = *opts;
    struct columns c;
    struct subject s;
    json_t *o, *settings;

    if (!name || strcmp(name, "compose"))
        die_at(r->file, r->line, "no result of a run on the task compose");
    settings = task_settings(task, r->file);
    subject_open(&s, settings, r->file);
    o = head_json(&s, settings);
    read_curve(r, &c);
    add_steps(o, &s, &c, opts->tolerance);
    add_reached(o, &s, &c);
    mine.lr = setting(r, "lr", mine.lr);
    rule = json_string_value(record_at(r, "optimizer"));
    mine.momentum = rule && !strcmp(rule, "momentum") ?
        setting(r, "momentum", 0) : 0;
    add_times(o, &s, &mine);
    if (spectra)
        add_spectra(o, &s, spectra);
    for (size_t i = 0; i < sizeof copied / sizeof *copied; i++)
        if (json_object_get(r->value, copied[i]))
            json_object_set(o, copied[i],
                            json_object_get(r->value, copied[i]));
    free(c.t);
    free(c.y);
    subject_close(&s);
    json_decref(settings);
    return o;
}
