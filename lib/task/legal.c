/* legal.c - the rules of a memory task, found by its name. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "task/rules.h"

static const struct rules *const all[] = {
    &rules_charprint, &rules_charcount, &rules_grid, &rules_tictac,
    &rules_grammar, NULL,
};

void
rules_bad(const struct legal *l, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (l->where)
        die_at(l->where, 0, "%s", text);
    die(RC_USAGE, "%s; try 'gentask %s --help'", text, l->rules->task);
}

struct legal *
legal_new(const json_t *settings, const char *where)
{
    const char *name = json_string_value(json_object_get(settings, "name"));
    struct legal *l;

    for (int i = 0; name && all[i]; i++) {
        if (strcmp(all[i]->task, name))
            continue;
        l = xcalloc(1, sizeof *l);
        l->rules = all[i];
        l->where = where;
        l->names = json_array();
        l->rules->open(l, settings);
        l->symbols = (int)json_array_size(l->names);
        l->where = NULL;
        return l;
    }
    return NULL;
}

void
legal_free(struct legal *l)
{
    if (!l)
        return;
    if (l->rules->close)
        l->rules->close(l);
    json_decref(l->names);
    free(l);
}

int
legal_symbols(const struct legal *l)
{
    return l->symbols;
}

int
legal_end(const struct legal *l)
{
    return l->end;
}

json_t *
legal_names(const struct legal *l)
{
    return json_deep_copy(l->names);
}

void
legal_start(const struct legal *l, struct legal_state *s)
{
    (void)l;
    memset(s, 0, sizeof *s);
}

uint32_t
legal_moves(const struct legal *l, const struct legal_state *s,
            uint32_t *weight)
{
    memset(weight, 0, (size_t)l->symbols * sizeof *weight);
    return l->rules->moves(l, s, weight);
}

bool
legal_play(const struct legal *l, struct legal_state *s, int symbol)
{
    return l->rules->play(l, s, symbol);
}

double
legal_entropy(const struct legal *l)
{
    double h, n;

    l->rules->unit(l, &h, &n);
    return h / n;
}

double
legal_unit(const struct legal *l)
{
    double h, n;

    l->rules->unit(l, &h, &n);
    return n;
}
