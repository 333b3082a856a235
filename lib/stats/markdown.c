#include "stats/markdown.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/die.h"
#include "base/json.h"
#include "base/sort.h"
#include "stats/effects.h"
#include "stats/records.h"

/* Numbers for people: four digits, no exponent for ordinary sizes. */
static void
number(FILE *out, const json_t *v)
{
    if (json_is_number(v))
        fprintf(out, " %.4g |", json_number_value(v));
    else
        fprintf(out, " - |");
}

static void
rule(FILE *out, int left, int right)
{
    fprintf(out, "|");
    while (left--)
        fprintf(out, "---|");
    while (right--)
        fprintf(out, "---:|");
    fprintf(out, "\n");
}

/* Has any group runs without this number? */
static bool
any_missing(const json_t *summaries, const char *metric)
{
    size_t i;
    json_t *v;

    json_array_foreach(summaries, i, v)
        if (json_object_get(json_at(v, metric), "missing"))
            return true;
    return false;
}

/* `lacking`: a metric has its own n where runs lack one, beside how many do. */
static void
row(FILE *out, const json_t *v, char **keys, char **metrics, bool lacking)
{
    const json_t *success = json_object_get(v, "success");

    fprintf(out, "|");
    for (; *keys; keys++) {
        char *s = value_text(json_at(v, *keys));

        fprintf(out, " %s |", s);
        free(s);
    }
    if (!lacking)
        number(out, json_object_get(v, "n"));
    for (; *metrics; metrics++) {
        const json_t *m = json_at(v, *metrics);

        if (lacking) {
            const json_t *missing = json_object_get(m, "missing");

            number(out, json_object_get(m, "n"));
            fprintf(out, " %lld |", (long long)json_integer_value(missing));
        }
        number(out, json_object_get(m, "mean"));
        number(out, json_object_get(m, "std"));
    }
    if (success) {
        number(out, json_object_get(success, "rate"));
        fprintf(out, " %.3f .. %.3f |",
                json_number_value(json_object_get(success, "lo")),
                json_number_value(json_object_get(success, "hi")));
    }
    fprintf(out, "\n");
}

void
markdown_summaries(FILE *out, const json_t *summaries, const char *by,
                   const char *metrics)
{
    int nkeys, nmetrics;
    char **keys = names_split(by, "--by", &nkeys);
    char **m = names_split(metrics, "--metric", &nmetrics);
    const json_t *success =
        json_object_get(json_array_get(summaries, 0), "success");
    bool lacking = false;

    for (int i = 0; i < nmetrics; i++)
        lacking |= any_missing(summaries, m[i]);
    fprintf(out, "|");
    for (int i = 0; i < nkeys; i++)
        fprintf(out, " %s |", keys[i]);
    fprintf(out, lacking ? "" : " n |");
    for (int i = 0; i < nmetrics; i++)
        fprintf(out, "%s %s | std |", lacking ? " n | missing |" : "", m[i]);
    if (success)
        fprintf(out, " %s | 95 %% interval |",
                json_string_value(json_object_get(success, "rule")));
    fprintf(out, "\n");
    rule(out, nkeys, (lacking ? 4 * nmetrics : 1 + 2 * nmetrics) +
         (success ? 2 : 0));
    for (size_t i = 0; i < json_array_size(summaries); i++)
        row(out, json_array_get(summaries, i), keys, m, lacking);
    names_free(keys);
    names_free(m);
}

static double
real(const json_t *v, const char *key)
{
    const json_t *x = json_object_get(v, key);

    return json_is_number(x) ? json_number_value(x) : NAN;
}

static int
by_effect(const void *pa, const void *pb, void *ctx)
{
    (void)ctx;
    double a = fabs(real(*(json_t *const *)pa, "beta"));
    double b = fabs(real(*(json_t *const *)pb, "beta"));

    return (a < b) - (a > b);
}

/* " 0.1 .. 0.3 |", or a dash where nobody knows. */
static void
between(FILE *out, const json_t *v)
{
    double lo = real(v, "lo"), hi = real(v, "hi");

    if (isfinite(lo) && isfinite(hi))
        fprintf(out, " %+.4f .. %+.4f |", lo, hi);
    else
        fprintf(out, " - |");
}

void
markdown_regression(FILE *out, const json_t *regression)
{
    const json_t *list = json_object_get(regression, "coefficients");
    size_t n = json_array_size(list);
    const json_t **c = xcalloc(n + 1, sizeof *c);
    int interval;

    for (size_t i = 0; i < n; i++)
        c[i] = json_array_get(list, i);
    sort_stable(c, n, sizeof *c, by_effect, NULL);
    interval = json_object_get(json_array_get(list, 0), "lo") != NULL;
    fprintf(out, "| key | standardised coefficient |%s\n",
            interval ? " 95 % interval |" : "");
    rule(out, 1, 1 + interval);
    for (size_t i = 0; i < n; i++) {
        fprintf(out, "| %s | %+.4f |",
                json_string_value(json_object_get(c[i], "key")),
                real(c[i], "beta"));
        if (interval)
            between(out, c[i]);
        fprintf(out, "\n");
    }
    fprintf(out, "\n%s%s on %g records: MSE %.4f, R^2 %.4f; on the %g held "
            "out: MSE %.4f, R^2 %.4f (standardised units).\n",
            json_is_true(json_object_get(regression, "log")) ? "log " : "",
            json_string_value(json_object_get(regression, "metric")),
            real(regression, "n"), real(regression, "mse"),
            real(regression, "r2"), real(regression, "held_n"),
            real(regression, "held_mse"), real(regression, "held_r2"));
    free(c);
}

/* The effects, or the interactions among them. */
static void
effects_table(FILE *out, const json_t *effects, bool interactions)
{
    bool interval = json_object_get(json_array_get(effects, 0), "lo");

    fprintf(out, "| key | from | to |%s%s lower in |\n",
            interactions ? " with | from | to | fours | interaction |" :
                           " pairs | mean effect |",
            interval ? " 95 % interval |" : "");
    rule(out, interactions ? 6 : 3, 3 + interval);
    for (size_t i = 0; i < json_array_size(effects); i++) {
        static const char *const names[] = {
            "key", "from", "to", "with", "with_from", "with_to",
        };
        const json_t *e = json_array_get(effects, i);

        if ((json_object_get(e, "with") != NULL) != interactions)
            continue;
        fprintf(out, "|");
        for (int k = 0; k < (interactions ? 6 : 3); k++) {
            char *text = value_text(json_object_get(e, names[k]));

            fprintf(out, " %s |", text);
            free(text);
        }
        number(out, json_object_get(e, "n"));
        fprintf(out, " %+.4f |", real(e, "mean"));
        if (interval)
            between(out, e);
        fprintf(out, " %.0f %% |\n", 100 * real(e, "lower"));
    }
}

void
markdown_effects(FILE *out, const json_t *effects)
{
    bool both = false, few = false;

    for (size_t i = 0; i < json_array_size(effects); i++) {
        const json_t *e = json_array_get(effects, i);

        both |= json_object_get(e, "with") != NULL;
        few |= json_is_null(json_object_get(e, "lo"));
    }
    effects_table(out, effects, false);
    if (both) {
        fprintf(out, "\nBy how much an effect changes with another key:\n\n");
        effects_table(out, effects, true);
    }
    if (few)
        fprintf(out, "\nNo interval from fewer than %d differences.\n",
                EFFECTS_FEWEST);
}
