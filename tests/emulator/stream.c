/*
 * stream.c - work in line.  Nothing is done before somebody waits, and then in
 * the plan's order among streams, so that whoever reads too early or forgets
 * an event sees it.
 */
#include "emulator/emulator.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

void
work_add(struct work **list, int *n, int *room, const struct work *w)
{
    if (*n == *room) {
        struct work *more = emu_new((size_t)*room * 2 + 16, sizeof *more);

        if (*n)
            memcpy(more, *list, (size_t)*n * sizeof *more);
        free(*list);
        *list = more;
        *room = 2 * *room + 16;
    }
    (*list)[(*n)++] = *w;
}

void
work_release(struct work *w)
{
    free(w->args);
    w->args = NULL;
}

void
stream_add(struct gpu_stream *s, const struct work *w)
{
    if (s->capture)
        graph_keep(s, w);
    else
        work_add(&s->work, &s->n, &s->room, w);
}

static double
seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void
work_do(struct gpu *g, struct work *w)
{
    switch (w->kind) {
    case WORK_WRITE:
        memcpy((void *)(uintptr_t)w->to, w->host, w->bytes);
        break;
    case WORK_READ:
        memcpy((void *)(uintptr_t)w->host, (void *)(uintptr_t)w->from,
               w->bytes);
        break;
    case WORK_MOVE:
        memmove((void *)(uintptr_t)w->to, (void *)(uintptr_t)w->from,
                w->bytes);
        break;
    case WORK_FILL:
        memset((void *)(uintptr_t)w->to, w->byte, w->bytes);
        break;
    case WORK_LAUNCH:
        grid_run(g, w->kernel, &w->shape, w->args);
        break;
    case WORK_RECORD:
        w->event->happened++;
        w->event->time = seconds();
        break;
    case WORK_AWAIT:
        break;
    case WORK_PRODUCT:
        product_do(&w->product);
        break;
    case WORK_GRAPH:
        graph_do(g, w->graph);
        break;
    }
}

static bool
empty(const struct gpu_stream *s)
{
    return s->first == s->n;
}

static bool
ready(const struct gpu_stream *s)
{
    const struct work *w = &s->work[s->first];

    return !empty(s) && (w->kind != WORK_AWAIT ||
                         w->event->happened >= w->turn);
}

static void
step(struct gpu_stream *s)
{
    struct work w = s->work[s->first++];

    if (empty(s))
        s->first = s->n = 0;
    work_do(s->g, &w);
    work_release(&w);
}

/* One of the streams' next works: those of `first` before others, unless the
 * plan says otherwise.  False if nothing can be done. */
static bool
step_any(struct gpu *g, struct gpu_stream *first)
{
    struct gpu_stream *chosen = NULL;
    uint64_t n = 0;

    if (g->plan.kind < PLAN_DESCENDING && first && ready(first)) {
        step(first);
        return true;
    }
    for (struct gpu_stream *s = g->streams; s; s = s->next)
        if (ready(s) && (g->plan.kind != PLAN_SHUFFLED ||
                         !emu_draw(g, ++n)))
            chosen = s;
    if (chosen)
        step(chosen);
    return chosen;
}

static void
finish(struct gpu *g, struct gpu_stream *s)
{
    while (!empty(s))
        if (!step_any(g, s))
            emu_fail("a stream waits for an event that never happens");
}

void
stream_drain(struct gpu *g)
{
    for (struct gpu_stream *s = g->streams; s; s = s->next)
        finish(g, s);
}

struct gpu_stream *
stream_open(struct gpu *g)
{
    struct gpu_stream *s = emu_new(1, sizeof *s);

    *s = (struct gpu_stream){ .head = g->head, .g = g, .next = g->streams };
    g->streams = s;
    return s;
}

static void
not_captured(const struct gpu *g, const char *what)
{
    if (g->capturing)
        emu_fail("%s while work is captured", what);
}

void
stream_close(struct gpu_stream *s)
{
    struct gpu_stream **p = &s->g->streams;

    not_captured(s->g, "a stream is closed");
    finish(s->g, s);
    while (*p != s)
        p = &(*p)->next;
    *p = s->next;
    free(s->work);
    free(s);
}

void
stream_wait(struct gpu_stream *s)
{
    not_captured(s->g, "a stream is waited for");
    finish(s->g, s);
}

bool
stream_done(struct gpu_stream *s)
{
    not_captured(s->g, "a stream is asked");
    if (!empty(s))
        step_any(s->g, s);
    return empty(s);
}

struct gpu_event *
event_open(struct gpu *g)
{
    struct gpu_event *e = emu_new(1, sizeof *e);

    e->head = g->head;
    e->g = g;
    return e;
}

void
event_close(struct gpu_event *e)
{
    stream_drain(e->g);                   /* works point to it */
    free(e);
}

void
event_record(struct gpu_event *e, struct gpu_stream *s)
{
    if (graph_record(s, e))
        return;
    e->asked++;
    stream_add(s, &(struct work){ .kind = WORK_RECORD, .event = e });
}

void
event_await(struct gpu_stream *s, struct gpu_event *e)
{
    if (graph_await(s, e))
        return;
    stream_add(s, &(struct work){ .kind = WORK_AWAIT, .event = e,
                                  .turn = e->asked });
}

double
event_seconds(struct gpu_event *from, struct gpu_event *to)
{
    not_captured(from->g, "an event is asked");
    if (!from->asked || !to->asked)
        emu_fail("gpu_event_seconds: an event was never recorded");
    while (from->happened < from->asked || to->happened < to->asked)
        if (!step_any(from->g, NULL))
            emu_fail("an event never happens");
    return to->time - from->time;
}

/* ---- copies --------------------------------------------------------------*/

void
copy_write(struct gpu_stream *s, gpu_address to, const void *from, size_t bytes)
{
    memory_inside(to, bytes, "gpu_write()");
    stream_add(s, &(struct work){ .kind = WORK_WRITE, .to = to, .host = from,
                                  .bytes = bytes });
}

void
copy_read(struct gpu_stream *s, void *to, gpu_address from, size_t bytes)
{
    memory_inside(from, bytes, "gpu_read()");
    stream_add(s, &(struct work){ .kind = WORK_READ, .from = from, .host = to,
                                  .bytes = bytes });
}

void
copy_move(struct gpu_stream *s, gpu_address to, gpu_address from, size_t bytes)
{
    memory_inside(to, bytes, "gpu_move() to");
    memory_inside(from, bytes, "gpu_move() from");
    if (to < from + bytes && from < to + bytes)
        emu_fail("gpu_move() of %zu bytes onto themselves", bytes);
    stream_add(s, &(struct work){ .kind = WORK_MOVE, .to = to, .from = from,
                                  .bytes = bytes });
}

void
copy_fill(struct gpu_stream *s, gpu_address to, int byte, size_t bytes)
{
    memory_inside(to, bytes, "gpu_fill()");
    stream_add(s, &(struct work){ .kind = WORK_FILL, .to = to, .byte = byte,
                                  .bytes = bytes });
}

/* ---- launches ------------------------------------------------------------*/

static void
check_shape(const struct gpu *g, const struct gpu_kernel *k,
            const struct gpu_shape *x)
{
    uint64_t threads = (uint64_t)x->block[0] * x->block[1] * x->block[2];
    uint64_t ctas = (uint64_t)x->grid[0] * x->grid[1] * x->grid[2];

    if (threads > (uint64_t)g->facts.block_threads ||
            x->grid[1] > 65535 || x->grid[2] > 65535 || ctas > INT32_MAX)
        emu_fail("kernel %s: %llu CTAs of %llu threads are too many",
                 k->is->name, (unsigned long long)ctas,
                 (unsigned long long)threads);
    if (x->shared > g->facts.block_shared)
        emu_fail("kernel %s: %zu bytes of shared memory are more than %zu",
                 k->is->name, x->shared, g->facts.block_shared);
    if (x->cooperative && ctas > (uint64_t)g->facts.multiprocessors *
            (uint64_t)device_resident(g, (int)threads, x->shared))
        emu_fail("kernel %s: %llu CTAs do not fit at once", k->is->name,
                 (unsigned long long)ctas);
}

/* Pointers to the arguments, and these behind them. */
static void **
copy_args(const struct emu_kernel *k, void **args)
{
    size_t bytes = (size_t)k->args * sizeof(void *), at;
    char *block;

    for (int i = 0; i < k->args; i++)
        bytes += (k->sizes[i] + 15) / 16 * 16 + 16;
    block = emu_new(bytes + 16, 1);
    at = ((size_t)k->args * sizeof(void *) + 15) / 16 * 16;
    for (int i = 0; i < k->args; i++) {
        ((void **)(void *)block)[i] = block + at;
        memcpy(block + at, args[i], k->sizes[i]);
        at += (k->sizes[i] + 15) / 16 * 16;
    }
    return (void **)(void *)block;
}

void
stream_launch(struct gpu_stream *s, struct gpu_kernel *k,
       const struct gpu_shape *shape, void **args)
{
    check_shape(s->g, k, shape);
    stream_add(s, &(struct work){ .kind = WORK_LAUNCH, .kernel = k,
                                  .shape = *shape,
                                  .args = copy_args(k->is, args) });
}

void
stream_multiply(struct gpu_stream *s, const struct gpu_product *p)
{
    product_check(p);
    if (!s->products)
        emu_fail("gpu_multiply() before gpu_products()");
    stream_add(s, &(struct work){ .kind = WORK_PRODUCT, .product = *p });
}

void
stream_products(struct gpu_stream *s)
{
    not_captured(s->g, "gpu_products() is called");
    s->products = true;
}
