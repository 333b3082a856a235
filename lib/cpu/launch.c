/* launch.c - see launch.h. */
#include "cpu/launch.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/progress.h"
#include "base/stop.h"
#include "cpu/run.h"

enum {
    CAPTURE_BYTES = 1 << 19,     /* of 10 units, some 200 steps of a GRU, 300
                                    of an LSTM; */
    CAPTURE_SHARE = 16,          /* or so much of what the window keeps */
    /* a launch with the longest list of segments */
    ONCE_BYTES = MAX_SEGS * sizeof(struct gemm_seg) + 4096,
};

/* ---- lists --------------------------------------------------------------- */

static void
reserve(struct launches *q, size_t bytes)
{
    q->room = bytes;
    q->memory = (char *)xaligned(bytes / sizeof(float) + 1, sizeof(float));
}

void
launches_open(struct launches *q)
{
    reserve(q, ONCE_BYTES);
}

void
launches_close(struct launches *q)
{
    free(q->memory);
    free(q->slots);
}

void
launches_forget(struct launches *q)
{
    q->seen = q->made = (struct shape){ .rows = 0 };
}

static size_t
lines(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

struct launch *
launch_captured(struct launches *q, size_t more)
{
    size_t bytes = lines(sizeof(struct launch)) + lines(more);
    struct launch *x;

    if (bytes > q->room - q->used) {
        q->full = true;
        q->capturing = false;
        return (struct launch *)(void *)q->memory;
    }
    x = (struct launch *)(void *)(q->memory + q->used);
    x->next = NULL;
    q->used += bytes;
    if (q->last)
        q->last->next = x;
    else
        q->first = x;
    return q->last = x;
}

/* Behind the context stand constants, then tiles. */
struct launch *
launch_ew(struct launches *q, const struct ew_prog *p, int rows)
{
    size_t ctx = lines(sizeof(struct ew_ctx)), constants;
    struct launch *x;

    if (!q->capturing || !ew_few(p, rows)) {
        x = launch_new(q, LAUNCH_EW, ctx);
    } else {
        constants = (size_t)ew_constants(p) * LANES * sizeof(float);
        x = launch_new(q, LAUNCH_TILES, ctx + constants +
                       (size_t)p->nops * sizeof(struct ew_tile));
        x->u.ew.tile = (struct ew_tile *)(void *)
                       ((char *)launch_more(x) + ctx + constants);
        x->n = p->nops;
    }
    x->u.ew.prog = p;
    x->u.ew.ctx = launch_more(x);
    return x;
}

void
launch_ew_ready(const struct runner *r, struct launches *q, struct launch *x)
{
    char *constants = (char *)launch_more(x) + lines(sizeof(struct ew_ctx));

    if (x->kind == LAUNCH_TILES)
        r->k->ew_make(x->u.ew.prog, x->u.ew.ctx, q->slots,
                      (float *)(void *)constants, x->u.ew.tile);
}

/* ---- running ------------------------------------------------------------- */

static inline void
run(const struct runner *r, struct scratch *s, const struct launch *x)
{
    const struct kernels *k = r->k;

    switch (x->kind) {
    case LAUNCH_GEMM:
        k->gemm(&x->u.gemm);
        break;
    case LAUNCH_EW:
        k->ew(x->u.ew.prog, x->u.ew.ctx);
        break;
    case LAUNCH_TILES:
        k->ew_run(x->u.ew.tile, x->n);
        break;
    case LAUNCH_COPY:
        for (int i = 0; i < x->n; i++)
            memcpy(x->u.mem.to + i * x->u.mem.ts,
                   x->u.mem.from + i * x->u.mem.fs, x->u.mem.bytes);
        break;
    case LAUNCH_OVER:
        k->over(&x->u.over);
        break;
    case LAUNCH_CLEAR:
        memset(x->u.mem.to, 0, x->u.mem.bytes);
        break;
    case LAUNCH_PAD:                /* which rows are short is seen now */
        if (r->padded)
            pad_states(r, x->u.pad.layer, x->u.pad.step, x->u.pad.first,
                       x->u.pad.end);
        break;
    case LAUNCH_PREFETCH:
        memcpy(s->part, launch_more((struct launch *)x),
               (size_t)x->n * sizeof *s->part);
        prefetch_begin(&s->prefetch, s->part, x->n, x->u.prefetch.products);
    }
}

void
launch_run(const struct runner *r, struct scratch *s, const struct launch *x)
{
    double t0;

    if (!r->o.profile) {
        run(r, s, x);
        return;
    }
    t0 = wall_seconds();
    run(r, s, x);
    s->seconds[x->kind == LAUNCH_GEMM ? WORK_PRODUCTS : WORK_ELEMENTS] +=
        wall_seconds() - t0;
}

/* ---- capture and replay -------------------------------------------------- */

static bool
alike(const struct shape *a, const struct shape *b)
{
    return a->rows == b->rows && a->steps == b->steps &&
           a->variant == b->variant && a->dropout == b->dropout &&
           a->first_step == b->first_step;
}

/* Steps beyond all that some case names are alike. */
static int
first_step(const struct runner *r)
{
    int most = 0;

    for (int l = 0; l < r->stack; l++)
        for (int c = 0; c < r->layers[l].plan->ncases; c++)
            if (r->layers[l].plan->cases[c].at > most)
                most = r->layers[l].plan->cases[c].at;
    return r->w->first_step < most ? r->w->first_step : most;
}

static void
capture(const struct runner *r, struct launches *q)
{
    size_t bytes = r->kept_floats * sizeof(float) / CAPTURE_SHARE;

    if (bytes < CAPTURE_BYTES)
        bytes = CAPTURE_BYTES;
    if (bytes > q->room) {
        free(q->memory);
        reserve(q, bytes);
    }
    if (!q->slots)
        q->slots = xaligned(EW_SLOTS, sizeof *q->slots);
    q->made.rows = 0;
    q->first = q->last = NULL;
    q->used = 0;
    q->operations = 0;
    q->capturing = true;
}

static void
replay(const struct runner *r, struct scratch *s, const struct launches *q)
{
    for (const struct launch *x = q->first; x; x = x->next)
        launch_run(r, s, x);
    s->operations += q->operations;
}

bool
launches_begin(const struct runner *r, struct scratch *s, int pass)
{
    struct launches *q = &s->pass[pass];
    struct shape now = { r->R, r->T, r->variant, r->w->dropout,
                         first_step(r) };
    bool again;

    again = alike(&now, &q->seen);
    q->seen = now;
    if (alike(&now, &q->made)) {
        replay(r, s, q);
        return true;
    }
    q->full &= again;
    if (again && !q->full) {
        capture(r, q);
        s->q = q;
    }
    return false;
}

void
launches_end(struct scratch *s)
{
    if (s->q->capturing && !stop_asked())
        s->q->made = s->q->seen;
    s->q->capturing = false;
    s->q = &s->once;
}
