/* describe.c - runs, log lines and results in words. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "base/keys.h"
#include "graph/net_codes.h"
#include "graph/net_plan.h"
#include "train/describe.h"

static void
put(json_t *o, const char *key, double x)
{
    json_object_set_new(o, key, json_number(x));
}

/* The first window of a batch that makes an update. */
struct update {
    int first, steps;
    double positions, masked;
    double kept, kept_masked;   /* of the rows that run together: the most */
};

static double
count_masked(const struct batch *b, const struct update *u, int row0, int rows)
{
    double n = 0;

    for (int r = row0; r < row0 + rows && r < b->rows; r++)
        for (int t = 0; t < u->steps; t++)
            n += b->scored[(size_t)r * (size_t)b->steps +
                           (size_t)(u->first + t)] != 0;
    return n;
}

static int
window_steps(const struct run *r, const struct batch *b, int first)
{
    int left = b->steps - first;

    return r->bptt && r->bptt < left ? (int)r->bptt : left;
}

static struct update
first_update(const struct run *r, const struct net_plan *p,
             const struct batch *b)
{
    struct update u = { .first = 0 };

    for (; u.first < b->steps; u.first += u.steps) {
        u.steps = window_steps(r, b, u.first);
        u.masked = count_masked(b, &u, 0, b->rows);
        if (u.masked > 0 || u.first + u.steps >= b->steps)
            break;
    }
    u.positions = (double)b->rows * u.steps;
    for (int r0 = 0, n; r0 < b->rows; r0 += n) {
        double masked;

        n = net_plan_rows(p, b->rows, u.steps, true);
        masked = count_masked(b, &u, r0, n);
        u.kept_masked = masked > u.kept_masked ? masked : u.kept_masked;
        u.kept = (double)n * u.steps;
    }
    return u;
}

static struct net_plan *
plan_of(const struct run *r)
{
    const struct net *n = r->net->codes ? r->net->codes->net : r->net;

    return net_plan_new(n, &(struct net_plan_options){
                               .gradient = true });
}

void
describe_json(struct run *r, FILE *out)
{
    const struct batch *b = feed_batch(r->data->train, 0, 0);
    struct net_plan *p = plan_of(r);
    struct update u = first_update(r, p, b);
    enum step_variant v = net_plan_variant(p, u.steps);
    double weights = (double)r->net->weights, bytes;
    json_t *o = json_object();
    char *text;
    int copies = 2 + update_has_m(&r->rule) + update_has_v(&r->rule) +
                 r->keeps_best;

    bytes = weights * 4 * copies +
            r->o->backend->kept(p, v, u.kept, u.kept_masked) +
            (double)b->rows * b->steps * (r->info->input == VALUE_TOKEN ? 4 :
                                          4.0 * r->info->input_size);
    json_object_set_new(o, "id", json_string(r->id));
    put(o, "parameters", weights);
    put(o, "rows", b->rows);
    put(o, "steps", u.steps);
    put(o, "bytes", bytes);
    put(o, "bytes_kept_a_step_and_row", r->o->backend->kept(p, v, 1, 1));
    put(o, "flops_a_step_and_row", net_plan_operations(p, v, 1, 1, true));
    put(o, "flops_an_update",
        net_plan_operations(p, v, u.positions, u.masked, true));
    json_object_set(o, "config", (json_t *)r->config);
    text = json_text(o, false);
    fprintf(out, "%s\n", text);
    free(text);
    json_decref(o);
    net_plan_free(p);
}

void
describe_plan(struct run *r, FILE *out)
{
    const struct batch *b = feed_batch(r->data->train, 0, 0);
    struct net_plan *p = plan_of(r);
    bool runs[STEP_VARIANTS] = { false };

    for (int first = 0, n; first < b->steps; first += n) {
        n = window_steps(r, b, first);
        runs[net_plan_variant(p, n)] = true;
    }
    for (int v = 0; v < STEP_VARIANTS; v++) {
        if (!runs[v])
            continue;
        if (runs[STEPS_SEVERAL] && runs[STEPS_ONE])
            fprintf(out, "windows of %s\n", v == STEPS_ONE
                                                ? "one step" : "several steps");
        net_plan_explain(p, v, out);
        fprintf(out, "all layers: %zu weights, %.0f bytes kept and %.0f "
                "operations a step and row\n", r->net->weights,
                r->o->backend->kept(p, v, 1, 1),
                net_plan_operations(p, v, 1, 1, true));
    }
    net_plan_free(p);
}

/* *text grows by what the format says. */
static void
add(char **text, const char *fmt, ...)
{
    char *part, *whole;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&part, fmt, ap) < 0)
        die(RC_DATA, "out of memory");
    va_end(ap);
    whole = xasprintf("%s%s", *text ? *text : "", part);
    free(part);
    free(*text);
    *text = whole;
}

char *
describe_log(const json_t *line)
{
    char *text = NULL;
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)line, key, value) {
        double x = json_number_value(value);
        char *name;

        if (!json_is_number(value))
            continue;
        name = xasprintf("%s%s", text ? ", " : "", key);
        for (char *c = name; *c; c++)
            if (*c == '_')
                *c = ' ';
        if (strstr(key, "accuracy"))
            add(&text, "%s %.1f %%", name, 100 * x);
        else if (json_is_integer(value))
            add(&text, "%s %lld", name,
                (long long)json_integer_value(value));
        else
            add(&text, "%s %.4g", name, x);
        free(name);
    }
    return text ? text : xstrdup("");
}

/* The set that says most, before a key; without any, the last update. */
static const char *
best_set(const json_t *result)
{
    return json_is_number(json_object_get(result, "test_loss")) ? "test_" :
           json_is_number(json_object_get(result, "val_loss")) ? "val_" : "";
}

char *
describe_result(const json_t *result, const json_t *meta, const char *kept)
{
    static const char *const names[] = { "loss", "accuracy" };
    const char *set = best_set(result), *status =
        json_string_value(json_object_get(result, "status"));
    const json_t *seconds = json_object_get(meta, "seconds");
    json_t *scores = json_object();
    char *text = NULL, *said;

    for (int i = 0; i < 2; i++) {
        char *key = xasprintf("%s%s", set, names[i]);
        json_t *v = json_object_get(result, key);

        if (v)
            json_object_set(scores, key, v);
        free(key);
    }
    said = describe_log(scores);
    add(&text, "%s: %lld updates%s%s", status ? status : "done",
        (long long)json_integer_value(json_object_get(result, "updates")),
        *said ? ", " : "", said);
    if (json_is_number(seconds))
        add(&text, ", %.*f s", json_number_value(seconds) < 10 ? 1 : 0,
            json_number_value(seconds));
    if (kept)
        add(&text, " (%s)", kept);
    else
        add(&text, " (--result FILE keeps it, as JSON)");
    json_decref(scores);
    free(said);
    return text;
}

void
describe_metrics(const json_t *m, FILE *out)
{
    const json_t *accuracy = json_object_get(m, "accuracy");
    const json_t *r2 = json_object_get(m, "r2");

    fprintf(out, "loss %.4g", json_number_value(json_object_get(m, "loss")));
    if (json_is_number(accuracy))
        fprintf(out, ", accuracy %.1f %%", 100 * json_number_value(accuracy));
    if (json_is_number(r2))
        fprintf(out, ", R^2 %.4g", json_number_value(r2));
    fprintf(out, ", %lld places (--output FILE keeps it, as JSON)\n",
            (long long)json_integer_value(json_object_get(m, "places")));
}

void
describe_line(const struct run *r)
{
    const json_t *s = r->settings;
    long steps = keys_int(s, "steps"), epochs = keys_int(s, "epochs");
    char lr[40], *length;

    json_format_number(keys_real(s, "lr"), lr);
    length = epochs && steps ? xasprintf("%ld epochs or %ld updates", epochs,
                                         steps) :
             epochs ? xasprintf("%ld epochs", epochs) :
             xasprintf("%ld updates", steps);
    fprintf(stderr, "%s: %.8s: %s, %ld units, %zu weights; %s, lr %s, batch "
            "%ld; %s\n", prog, r->id, keys_text(s, "cell"),
            keys_int(s, "size"), r->net->weights, keys_text(s, "optimizer"),
            lr, keys_int(s, "batch"), length);
    free(length);
}

void
describe_profile(const struct run *r)
{
    double s[WORK_KINDS], all = wall_seconds() - r->started, other = all;
    struct { const char *what; double seconds; } row[] = {
        { "products", 0 }, { "element-wise", 0 }, { "loss", 0 },
        { "optimizer and packing", 0 },
        { "waiting for input", r->spent.input },
        { "validation", r->spent.validation },
        { "output", r->spent.output }, { "other", 0 },
    };

    r->o->backend->profile(r->device, s);
    for (int i = 0; i < WORK_KINDS; i++)
        row[i].seconds = (s[i] - r->spent.judged[i]) /
                         (i == WORK_UPDATE ? 1 : r->o->threads);
    for (int i = 0; i < 7; i++)
        other -= row[i].seconds;
    row[7].seconds = other;
    fprintf(stderr, "%s: %.3f seconds, %lld updates\n", prog, all,
            (long long)r->s.n.update);
    for (int i = 0; i < 8; i++)
        fprintf(stderr, "%s: %6.2f %% %s\n", prog,
                100 * row[i].seconds / all, row[i].what);
}
