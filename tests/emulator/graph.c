/* graph.c - work that is kept while it is put in line, and done again and
 * again: in any order that what comes after what allows. */
#include "emulator/emulator.h"

#include <stdlib.h>
#include <string.h>

void
graph_keep(struct gpu_stream *s, const struct work *w)
{
    struct gpu_graph *k = s->capture;
    struct work mine = *w;

    mine.after[0] = s->last;
    mine.after[1] = s->also;
    for (int i = 0; i < 2; i++)
        if (mine.after[i] >= 0)
            k->work[mine.after[i]].followed = true;
    s->last = k->n;
    s->also = -1;
    work_add(&k->work, &k->n, &k->room, &mine);
}

/* Nothing but a place that comes after two others. */
static void
meet(struct gpu_stream *s)
{
    if (s->also >= 0)
        graph_keep(s, &(struct work){ .kind = WORK_AWAIT });
}

bool
graph_record(struct gpu_stream *s, struct gpu_event *e)
{
    e->capture = s->capture;
    if (!s->capture)
        return false;
    meet(s);
    e->at = s->last;
    return true;
}

bool
graph_await(struct gpu_stream *s, struct gpu_event *e)
{
    if (!s->capture && !e->capture)
        return false;
    if (s->capture && e->capture != s->capture)
        emu_fail("captured work awaits an event from outside");
    if (!s->capture) {
        s->capture = e->capture;
        s->last = e->at;
        s->also = -1;
        return true;
    }
    meet(s);
    s->also = e->at;
    meet(s);
    return true;
}

void
graph_capture(struct gpu_stream *s)
{
    struct gpu_graph *k = emu_new(1, sizeof *k);

    if (s->g->capturing)
        emu_fail("gpu_capture() while work is captured");
    k->head = s->head;
    k->g = s->g;
    k->origin = s;
    s->capture = k;
    s->last = s->also = -1;
    s->g->capturing = true;
}

struct gpu_graph *
graph_end(struct gpu_stream *s)
{
    struct gpu_graph *k = s->capture;

    if (!k || k->origin != s)
        emu_fail("gpu_capture_end() of a stream whose work is not captured");
    for (int i = 0; i < k->n; i++)
        if (!k->work[i].followed && i != s->last)
            emu_fail("captured work of another stream is not awaited");
    for (struct gpu_stream *o = s->g->streams; o; o = o->next)
        o->capture = NULL;
    s->g->capturing = false;
    return k;
}

void
graph_launch(struct gpu_stream *s, struct gpu_graph *k)
{
    stream_add(s, &(struct work){ .kind = WORK_GRAPH, .graph = k });
}

void
graph_free(struct gpu_graph *k)
{
    stream_drain(k->g);
    for (int i = 0; i < k->n; i++)
        work_release(&k->work[i]);
    free(k->work);
    free(k);
}

static bool
may_run(const struct work *w, const bool *is_done)
{
    for (int i = 0; i < 2; i++)
        if (w->after[i] >= 0 && !is_done[w->after[i]])
            return false;
    return true;
}

/* Ascending: as it was kept.  Descending: the last that may.  Shuffled: any
 * that may. */
void
graph_do(struct gpu *g, struct gpu_graph *k)
{
    bool *is_done = emu_new((size_t)k->n + 1, sizeof *is_done);
    int first = 0;                /* not yet done */

    while (first < k->n) {
        int chosen = -1, end = first + 64 < k->n ? first + 64 : k->n;
        uint64_t n = 0;

        for (int i = first; i < end; i++) {
            if (is_done[i] || !may_run(&k->work[i], is_done))
                continue;
            if (chosen < 0 || g->plan.kind == PLAN_DESCENDING ||
                    (g->plan.kind == PLAN_SHUFFLED && !emu_draw(g, ++n)))
                chosen = i;
            if (g->plan.kind < PLAN_DESCENDING)
                break;
        }
        work_do(g, &k->work[chosen]);
        is_done[chosen] = true;
        while (first < k->n && is_done[first])
            first++;
    }
    free(is_done);
}
