/* graphs.c - the launches of windows that come again and again. */
#include "cuda/nets.h"

/* Nets whose steps are of several cases have other launches at other steps of
 * the sequence. */
static bool
can_keep(const struct device *d)
{
    for (int l = 0; l < d->stack; l++)
        if (d->layers[l].ncases > 1)
            return false;
    return true;
}

static bool
same(const struct launches_key *a, const struct launches_key *b)
{
    const struct shape *v = &a->w, *w = &b->w;

    return a->kind == b->kind && a->carry == b->carry &&
           a->update == b->update && a->probs == b->probs && v->B == w->B &&
           v->T == w->T && v->places == w->places &&
           v->padded == w->padded && v->variant == w->variant;
}

static struct kept_graph *
find(struct device *d, const struct launches_key *key)
{
    for (int i = 0; i < GRAPHS; i++)
        if (d->graph[i].seen && same(&d->graph[i].key, key))
            return &d->graph[i];
    return NULL;
}

static void
drop(struct kept_graph *k)
{
    if (k->graph)
        gpu_graph_free(k->graph);
    k->graph = NULL;
    k->seen = false;
}

void
graphs_run(struct device *d, const struct launches_key *key, launches_fn *fn)
{
    struct kept_graph *k = find(d, key);

    if (!k || !can_keep(d)) {
        k = &d->graph[d->next_graph];
        d->next_graph = (d->next_graph + 1) % GRAPHS;
        drop(k);
        k->seen = true;
        k->key = *key;
        fn(d, key);
        return;
    }
    if (!k->graph) {
        gpu_capture(d->stream);
        fn(d, key);
        k->graph = gpu_capture_end(d->stream);
    }
    gpu_graph_launch(d->stream, k->graph);
}

void
graphs_forget(struct device *d)
{
    for (int i = 0; i < GRAPHS; i++)
        drop(&d->graph[i]);
}
