#include <math.h>
#include <string.h>

#include "base/json.h"
#include "probe/probe.h"
#include "stats/summary.h"
#include "task/score.h"
#include "task/task.h"

struct legal *
probe_rules(const json_t *task, const char *where)
{
    const char *name = json_string_value(json_object_get(task, "name"));
    struct legal *l;
    json_t *full;
    bool known = false;

    for (int i = 0; name && task_list()[i]; i++)
        known |= !strcmp(task_list()[i]->name, name);
    if (!known)
        return NULL;
    full = task_settings(task, where);
    l = legal_new(full, where);
    json_decref(full);
    return l;
}

json_t *
probe_score(const struct legal *l, const int32_t *symbol, int rows, long n)
{
    struct score s = { 0 };
    double lo = NAN, hi = NAN, units;
    json_t *o = json_object(), *wrong = json_object();

    for (int i = 0; i < rows; i++)
        score_text(l, symbol + (size_t)i * (size_t)n, n, &s);
    units = (double)s.units;
    if (s.units)
        wilson(s.right, s.units, &lo, &hi);
    json_object_set_new(o, "units", json_integer(s.units));
    json_object_set_new(o, "right", json_integer(s.right));
    json_object_set_new(o, "accuracy", json_number((double)s.right / units));
    json_object_set_new(o, "low", json_number(lo));
    json_object_set_new(o, "high", json_number(hi));
    json_object_set_new(o, "symbols", json_integer(s.symbols));
    json_object_set_new(o, "legal", json_number(1 - (double)s.wrong /
                                                (double)s.symbols));
    for (int i = 0; score_kind(l, i); i++)
        json_object_set_new(wrong, score_kind(l, i), json_integer(s.kind[i]));
    json_object_set_new(o, "wrong", wrong);
    return o;
}
