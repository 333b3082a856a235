/*
 * latches - a plain tanh net whose weights are written down, not learned, that
 * keeps the table of a machine and looks it up (the task fsm).
 *
 *     latches MODEL OUT.safetensors
 *
 * MODEL is any net of that task with an embedding, layers of rnn-start and a
 * read-out without a bias; OUT has its shape, its config and its header, and
 * other weights.  It stands here and not in tools/, since it is no part of the
 * pipe: one study asks for one such net.
 *
 * With S states and A actions, x the token and units that are +1 (true) or -1:
 *
 *   now[s]       the token is state s
 *   pair[s,a]    now[s] was true and the token is a
 *   cell[s,a,t]  it was true, or pair[s,a] was and the token is t:  T[s][a] = t
 *   told[s,a,t]  now[s] and cell[s,a,t] were true and the token is a
 *   on           true from the first step on, 0 before
 *
 * Each is a threshold of a sum that is at least 1 or at most -1, times GAIN.
 * `on` makes every cell false at the first step, when nothing has been before.
 * The read-out for state t sums told[s,a,t].  So a pair that was not shown
 * leaves all states equal.  Further layers hand `told` and `on` on.
 */
#include <stdio.h>
#include <string.h>

#include "base/cli.h"
#include "base/die.h"
#include "base/stop.h"
#include "task/fsm.h"
#include "task/task.h"
#include "train/model.h"

#define GAIN 4.0f        /* tanh(4) = 0.9993 */
#define VOTE 5.0f        /* of a told unit: wrong states have e^-10 */

struct table {           /* a parameter, (rows, cols) */
    float *at;
    int rows, cols;
};

struct place {           /* where units of each kind begin */
    int states, actions, pair, cell, told, on, units;
};

static struct table
find(const struct model_file *m, const char *name, const char *file)
{
    const struct net *net = m->model->net;

    for (int i = 0; i < net->nparams; i++)
        if (!strcmp(net->params[i].name, name))
            return (struct table){ m->weights + net->params[i].offset,
                                   net->params[i].rows, net->params[i].cols };
    die_at(file, 0, "has no %s: the net needs an embedding (E), layers with "
           "W, U and b, and a read-out W", name);
}

static void
put(struct table t, int row, int col, float x)
{
    t.at[(size_t)row * (size_t)t.cols + (size_t)col] = x;
}

static struct place
places(int states, int actions)
{
    struct place p = { .states = states, .actions = actions };
    int pairs = states * actions;

    p.pair = states;
    p.cell = p.pair + pairs;
    p.told = p.cell + pairs * states;
    p.on = p.told + pairs * states;
    p.units = p.on + 1;
    return p;
}

/* Token k is coordinate k of the embedding. */
static void
write_embedding(struct table e)
{
    for (int k = 0; k < FSM_VOCABULARY; k++)
        put(e, k, k, 1);
}

static void
write_pair(const struct place *p, struct table w, struct table u,
           struct table b, int s, int a)
{
    int pair = s * p->actions + a, unit = p->pair + pair;

    put(w, unit, FSM_ACTION + a, 2 * GAIN);
    put(u, unit, s, GAIN);
    put(b, unit, 0, -2 * GAIN);
    for (int t = 0; t < p->states; t++) {
        int cell = p->cell + pair * p->states + t;
        int told = p->told + pair * p->states + t;

        put(w, cell, t, 2 * GAIN);
        put(u, cell, cell, 2 * GAIN);
        put(u, cell, unit, GAIN);
        put(u, cell, p->on, 3 * GAIN);
        put(b, cell, 0, -3 * GAIN);
        put(w, told, FSM_ACTION + a, 2 * GAIN);
        put(u, told, s, GAIN);
        put(u, told, cell, GAIN);
        put(b, told, 0, -3 * GAIN);
    }
}

static void
write_first(const struct place *p, struct table w, struct table u,
            struct table b)
{
    for (int s = 0; s < p->states; s++) {
        put(w, s, s, 2 * GAIN);
        put(b, s, 0, -GAIN);
        for (int a = 0; a < p->actions; a++)
            write_pair(p, w, u, b, s, a);
    }
    put(b, p->on, 0, GAIN);
}

static void
write_next(const struct place *p, struct table w)
{
    for (int i = p->told; i <= p->on; i++)
        put(w, i, i, GAIN);
}

/* Classes that are no states are below a state that nothing speaks for. */
static void
write_readout(const struct place *p, struct table w)
{
    int pairs = p->states * p->actions;

    for (int t = 0; t < p->states; t++)
        for (int i = 0; i < pairs; i++)
            put(w, t, p->told + i * p->states + t, VOTE);
    for (int t = p->states; t < w.rows; t++)
        put(w, t, p->on, -VOTE * (float)(pairs + 4));
}

/* The parameters of one layer, or false if it has no W. */
static bool
layer_tables(const struct model_file *m, int layer, const char *file,
             struct table *w, struct table *u, struct table *b)
{
    const char *name = m->model->net->layers[layer].name;
    struct table *const all[] = { w, u, b };
    const char *const parts[] = { "W", "U", "b" };
    char full[96];

    if (strncmp(name, "layers.", 7) ||
        !m->model->net->layers[layer].eq->nparams)
        return false;
    for (int i = 0; i < 3; i++) {
        snprintf(full, sizeof full, "%s.%s", name, parts[i]);
        *all[i] = find(m, full, file);
    }
    return true;
}

static void
check_size(const struct place *p, struct table w, struct table u,
           const char *file)
{
    int least = p->units > FSM_VOCABULARY ? p->units : FSM_VOCABULARY;

    if (w.rows < least || w.cols < least || u.rows != w.rows ||
        u.cols != w.rows)
        die_at(file, 0, "layers of %d units: a machine with %d states and %d "
               "actions takes %d", w.rows, p->states, p->actions, least);
}

static void
write_layers(const struct model_file *m, const struct place *p,
             const char *file)
{
    struct table w, u, b;
    int done = 0;

    for (int i = 0; i < m->model->net->nlayers; i++) {
        if (!layer_tables(m, i, file, &w, &u, &b))
            continue;
        check_size(p, w, u, file);
        if (done++)
            write_next(p, w);
        else
            write_first(p, w, u, b);
    }
    if (!done)
        die_at(file, 0, "has no recurrent layer");
}

static void
write_net(const struct model_file *m, const char *file)
{
    json_t *task = task_settings(m->info.task, file);
    struct place p;

    if (strcmp(json_string_value(json_object_get(task, "name")), "fsm"))
        die_at(file, 0, "its task is not fsm");
    p = places((int)keys_int(task, "states"), (int)keys_int(task, "actions"));
    memset(m->weights, 0, m->model->net->weights * sizeof *m->weights);
    write_layers(m, &p, file);
    write_embedding(find(m, "encoder.0.E", file));
    write_readout(&p, find(m, "head.W", file));
    json_decref(task);
}

int
main(int argc, char **argv)
{
    const struct opt opts[] = { OPT_END };
    const struct tool tool = {
        "latches", "MODEL OUT",
        "A net of the task fsm in; one of its shape out that looks machines "
        "up, by weights that are written down.",
        NULL, "latches some.safetensors latches.safetensors", opts, NULL,
    };
    struct model_file m;
    int i;

    stop_init();
    i = cli_parse(&tool, argc, argv, NULL);
    if (argc - i != 2)
        die(RC_USAGE, "name a model to take the shape of, and a file to "
            "write; try 'latches --help'");
    model_load(argv[i], &m);
    write_net(&m, argv[i]);
    model_save(argv[i + 1], m.config, &m.info, m.model->net, m.weights);
    model_file_release(&m);
    return RC_OK;
}
