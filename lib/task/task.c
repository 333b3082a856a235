/* task.c - the list of tasks, and their settings checked. */
#include <string.h>

#include "base/die.h"
#include "base/near.h"
#include "task/task.h"
#include "task/tasks.h"

static const struct task *const tasks[] = {
    &task_copy,
    &task_delay,
    &task_text,
    &task_series,
    &task_charprint,
    &task_charcount,
    &task_grid,
    &task_tictac,
    &task_grammar,
    &task_fsm,
    &task_compose,
    NULL,
};

static const char *const splits[] = { "train", "val", "test" };

const struct task *const *
task_list(void)
{
    return tasks;
}

static _Noreturn void
unknown(const char *name, const char *where)
{
    const char *names[sizeof tasks / sizeof tasks[0]];
    const char *near;
    char *hint;
    int n = 0;

    while (tasks[n]) {
        names[n] = tasks[n]->name;
        n++;
    }
    near = near_names(name, names, n);
    hint = *near ? xasprintf("did you mean %s?", near)
                 : xstrdup("'gentask --list' has them all");
    if (where)
        die_at(where, 0, "no task '%s' (%s)", name, hint);
    die(RC_USAGE, "no task '%s' (%s); try 'gentask --help'", name, hint);
}

const struct task *
task_find(const char *name, const char *where)
{
    for (int i = 0; tasks[i]; i++)
        if (strcmp(tasks[i]->name, name) == 0)
            return tasks[i];
    unknown(name, where);
}

static const struct task *
check(const json_t *task, const char *where)
{
    static const char *const also[] = { "name", NULL };
    const char *place = where ? where : "command line";
    const json_t *name = json_object_get(task, "name");
    const struct task *t;

    if (!json_is_object(task))
        die_at(place, 0, "the task is not an object");
    if (!json_is_string(name))
        die_at(place, 0, "the task has no \"name\"");
    t = task_find(json_string_value(name), where);
    keys_check(t->keys, task, place, also);
    return t;
}

/* The name first: the order in which the header shows them. */
static json_t *
named(const struct task *t, json_t *rest)
{
    json_t *v = json_object();

    json_object_set_new(v, "name", json_string(t->name));
    json_object_del(rest, "name");
    json_object_update(v, rest);
    json_decref(rest);
    return v;
}

json_t *
task_settings(const json_t *task, const char *where)
{
    const struct task *t = check(task, where);

    return named(t, keys_fill(t->keys, task));
}

json_t *
task_sparse(const json_t *task, const char *where)
{
    const struct task *t = check(task, where);

    return named(t, keys_sparse(t->keys, task));
}

const char *
split_name(enum split split)
{
    return splits[split];
}

enum split
split_find(const char *name)
{
    for (int i = 0; i < 3; i++)
        if (strcmp(splits[i], name) == 0)
            return (enum split)i;
    die(RC_USAGE, "no split '%s': it is train, val or test", name);
}

void
task_rng(struct rng *r, const struct draw *d, uint64_t row)
{
    rng_init(r, d->seed, RNG_TASK, 4 * d->pass + (uint32_t)d->split,
             row << 32);
}
