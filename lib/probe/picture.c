/* picture.c - a run's staircase in words and signs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/dmath.h"
#include "probe/staircase.h"

enum { WIDE = 64, HIGH = 16 };

struct picture {
    double left, right, low, high;     /* in logarithms */
    char sign[HIGH][WIDE + 1];
};

static double
number(const json_t *v)
{
    return json_is_number(v) ? json_number_value(v) : NAN;
}

static int
place(double x, double from, double to, int n)
{
    int i = (int)floor((x - from) / (to - from) * (n - 1) + 0.5);

    return i < 0 ? 0 : i >= n ? n - 1 : i;
}

/* Points that can be drawn. */
static long
usable(const json_t *steps, const json_t *losses, long i, double *t,
       double *y)
{
    double a = number(json_array_get(steps, (size_t)i));
    double b = number(json_array_get(losses, (size_t)i));

    if (!(a > 0) || !(b > 0) || !isfinite(b))
        return 0;
    *t = d_log(a);
    *y = d_log(b);
    return 1;
}

static void
measure(struct picture *p, const json_t *steps, const json_t *losses,
        const json_t *levels)
{
    double t, y;

    p->left = p->low = INFINITY;
    p->right = p->high = -INFINITY;
    for (size_t i = 0; i < json_array_size(steps); i++)
        if (usable(steps, losses, (long)i, &t, &y)) {
            p->left = t < p->left ? t : p->left;
            p->right = t > p->right ? t : p->right;
            p->low = y < p->low ? y : p->low;
            p->high = y > p->high ? y : p->high;
        }
    y = number(json_array_get(levels, 0));
    if (y > 0 && d_log(y) > p->high)
        p->high = d_log(y);
    if (p->right <= p->left)
        p->right = p->left + 1;
    if (p->high <= p->low)
        p->high = p->low + 1;
}

/* Levels as lines, the curve over them: a column's first and last points and
 * what is between. */
static void
draw(struct picture *p, const json_t *steps, const json_t *losses,
     const json_t *levels)
{
    int last_row = -1, last_col = -1;
    double t, y;

    for (int i = 0; i < HIGH; i++) {
        memset(p->sign[i], ' ', WIDE);
        p->sign[i][WIDE] = '\0';
    }
    for (size_t j = 0; j < json_array_size(levels); j++) {
        double level = number(json_array_get(levels, j));

        if (level > 0 && d_log(level) >= p->low)
            memset(p->sign[place(d_log(level), p->high, p->low, HIGH)], '-',
                   WIDE);
    }
    for (size_t i = 0; i < json_array_size(steps); i++) {
        int row, col;

        if (!usable(steps, losses, (long)i, &t, &y))
            continue;
        col = place(t, p->left, p->right, WIDE);
        row = place(y, p->high, p->low, HIGH);
        p->sign[row][col] = '*';
        for (int k = last_row; last_row >= 0 && k != row;
             k += k < row ? 1 : -1)
            p->sign[k][col] = '*';
        for (int k = last_col + 1; last_col >= 0 && k < col; k++)
            p->sign[row][k] = '*';
        last_row = row;
        last_col = col;
    }
}

static void
say_list(FILE *out, const json_t *v, const char *none)
{
    size_t i;
    json_t *e;

    if (!json_array_size(v))
        fputs(none, out);
    json_array_foreach(v, i, e)
        fprintf(out, "%s%s", i ? " " : "", json_string_value(e));
}

/* Levels that were met, or were not. */
static void
say_levels(FILE *out, const json_t *steps, bool met)
{
    size_t i;
    json_t *e;

    json_array_foreach(steps, i, e)
        if (json_is_true(json_object_get(e, "met")) == met)
            fprintf(out, " %.4g", number(json_object_get(e, "level")));
}

static void
say_words(FILE *out, const json_t *v)
{
    const json_t *steps = json_object_get(v, "steps");
    int met = (int)number(json_object_get(v, "met"));
    int missed = (int)number(json_object_get(v, "missed"));
    const char *group = json_string_value(json_object_get(v, "group"));
    const json_t *observed = json_object_get(v, "observed");

    fprintf(out, "%s, %d elements a sequence: loss %.4g after %.0f updates; ",
            strlen(group) < 40 ? group : "a group's table",
            (int)number(json_object_get(v, "len")),
            number(json_object_get(v, "loss")),
            number(json_object_get(v, "updates")));
    fprintf(out, "%d of %d levels met%s", met, met + missed, met ? ":" : "");
    say_levels(out, steps, true);
    if (missed) {
        fprintf(out, "; missed:");
        say_levels(out, steps, false);
    }
    if (json_array_size(json_object_get(v, "extra")))
        fprintf(out, "; %zu plateaus at no level",
                json_array_size(json_object_get(v, "extra")));
    if (observed) {
        fprintf(out, "; irreps learned: ");
        say_list(out, observed, "none");
        fprintf(out, ", predicted: ");
        say_list(out, json_object_get(v, "order"), "none");
    }
    putc('\n', out);
}

void
staircase_say(FILE *out, const struct record *r, const json_t *found)
{
    const json_t *levels = json_object_get(found, "plateaus");
    const json_t *steps = record_need(r, "curve.step");
    const json_t *losses = record_need(r, "curve.loss");
    struct picture p;

    say_words(out, found);
    measure(&p, steps, losses, levels);
    if (!isfinite(p.left))
        return;
    draw(&p, steps, losses, levels);
    for (int i = 0; i < HIGH; i++) {
        char tick[16] = "";

        if (i % 5 == 0)
            snprintf(tick, sizeof tick, "%.3g", d_exp(
                p.high + (p.low - p.high) * i / (HIGH - 1)));
        fprintf(out, "%9s |%s\n", tick, p.sign[i]);
    }
    fprintf(out, "%9s +%.*s\n%11s%-9.3g%*.3g updates\n", "", WIDE,
            "--------------------------------"
            "--------------------------------", "", d_exp(p.left), WIDE - 9,
            d_exp(p.right));
}
