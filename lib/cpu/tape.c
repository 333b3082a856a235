/*
 * tape.c - the kernels that a pass through the trunk calls, one after another.
 *
 * With a few rows and a few units, finding what a product or a run reads and
 * writes takes longer than the product.  All of it is the same from window to
 * window as long as they are of one shape: so the second in a row of a shape is
 * recorded, and from then on windows of this shape only play the kernels, until
 * another is recorded.  What does not fit TAPE_BYTES (of 10 units, some 200
 * steps of a GRU, 300 of an LSTM) is never recorded.
 */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "cpu/run.h"

enum { TAPE_ROWS = 16, TAPE_BYTES = 1 << 19 };

struct tape_op {
    enum { TAPE_GEMM, TAPE_FLEET, TAPE_LOOK, TAPE_RUN, TAPE_EW, TAPE_CLEAR,
           TAPE_COPY, TAPE_PAD } kind;
    int n;                          /* RUN: tiles; LOOK, COPY: rows */
    union {
        struct gemm gemm;
        struct fleet_gemm fleet;
        struct {
            int layer;
            const struct code *code;
            int out;
            float *c;
            const int32_t *tok;
        } look;
        const struct ew_tile *tile;
        struct { const struct ew_prog *prog; const struct ew_ctx *ctx; } ew;
        struct {
            float *to;
            const float *from;
            ptrdiff_t ts, fs;
            size_t bytes;
        } mem;
        struct { int layer, step; } pad;
    } u;
    struct tape_op *next;
};

struct shape {
    int rows, steps;
    enum step_variant variant;
    const float *weights;           /* a fleet's products read them there */
};

struct tape {
    struct shape seen, made;        /* the last window's; the one recorded */
    bool full;                      /* what was seen does not fit */
    struct tape_op *first, *last;
    char *memory;
    size_t used;
    float *slots;                   /* of element-wise runs */
};

/* A piece of the tape's memory, NULL when it is full: nothing moves. */
static void *
piece(struct tape *t, size_t bytes)
{
    void *p = t->memory + t->used;

    bytes = (bytes + 63) / 64 * 64;
    if (t->full || bytes > TAPE_BYTES - t->used) {
        t->full = true;
        return NULL;
    }
    t->used += bytes;
    return p;
}

static void *
copy(struct tape *t, const void *from, size_t bytes)
{
    void *p = piece(t, bytes);

    return p ? memcpy(p, from, bytes) : NULL;
}

static struct tape_op *
append(struct tape *t, int kind)
{
    struct tape_op *op = piece(t, sizeof *op);

    if (!op)
        return NULL;
    op->kind = kind;
    op->next = NULL;
    if (t->last)
        t->last->next = op;
    else
        t->first = op;
    return t->last = op;
}

void
tape_gemm(struct tape *t, const struct gemm *g)
{
    struct tape_op *op = append(t, TAPE_GEMM);
    const struct gemm_seg *seg = copy(t, g->seg,
                                      (size_t)g->nseg * sizeof *seg);

    if (!op || !seg)
        return;
    op->u.gemm = *g;
    op->u.gemm.seg = seg;
    op->u.gemm.ahead = NULL;
}

void
tape_fleet(struct tape *t, const struct fleet_gemm *g)
{
    struct tape_op *op = append(t, TAPE_FLEET);
    const struct fleet_seg *seg = copy(t, g->seg,
                                       (size_t)g->nseg * sizeof *seg);

    if (!op || !seg)
        return;
    op->u.fleet = *g;
    op->u.fleet.seg = seg;
}

void
tape_look(struct tape *t, int layer, const struct code *code, int out,
          float *c, const int32_t *tok, int rows)
{
    struct tape_op *op = append(t, TAPE_LOOK);

    if (!op)
        return;
    op->n = rows;
    op->u.look.layer = layer;
    op->u.look.code = code;
    op->u.look.out = out;
    op->u.look.c = c;
    op->u.look.tok = tok;
}

void
tape_ew(struct tape *t, const struct runner *r, const struct ew_prog *p,
        const struct ew_ctx *x)
{
    bool few = ew_few(p, x->rows);
    struct tape_op *op = append(t, few ? TAPE_RUN : TAPE_EW);
    const struct ew_ctx *ctx = copy(t, x, sizeof *ctx);
    size_t n = (size_t)p->nops;
    float *constants;
    struct ew_tile *tile;

    if (!op || !ctx)
        return;
    if (!few) {
        op->u.ew.prog = p;
        op->u.ew.ctx = ctx;
        return;
    }
    constants = piece(t, (size_t)ew_constants(p) * LANES * sizeof *constants);
    tile = piece(t, n * sizeof *tile);
    if (!constants || !tile)
        return;
    r->k->ew_make(p, ctx, t->slots, constants, tile);
    op->u.tile = tile;
    op->n = p->nops;
}

void
tape_clear(struct tape *t, float *to, size_t bytes)
{
    struct tape_op *op = append(t, TAPE_CLEAR);

    if (op) {
        op->u.mem.to = to;
        op->u.mem.bytes = bytes;
    }
}

/* The shape does not tell which rows are short: that is seen when it plays. */
void
tape_pad(struct tape *t, int layer, int step)
{
    struct tape_op *op = append(t, TAPE_PAD);

    if (op) {
        op->u.pad.layer = layer;
        op->u.pad.step = step;
    }
}

void
tape_copy(struct tape *t, float *to, ptrdiff_t ts, const float *from,
          ptrdiff_t fs, int rows, size_t bytes)
{
    struct tape_op *op = append(t, TAPE_COPY);

    if (!op)
        return;
    op->n = rows;
    op->u.mem.to = to;
    op->u.mem.from = from;
    op->u.mem.ts = ts;
    op->u.mem.fs = fs;
    op->u.mem.bytes = bytes;
}

static void
play(const struct runner *r, const struct tape *t)
{
    const struct kernels *k = r->k;

    for (const struct tape_op *op = t->first; op; op = op->next)
        switch (op->kind) {
        case TAPE_GEMM:
            k->gemm(&op->u.gemm);
            break;
        case TAPE_FLEET:
            k->fleet_gemm(&op->u.fleet);
            break;
        case TAPE_LOOK:
            exec_look(r, op->u.look.layer, op->u.look.code, op->u.look.out,
                      op->u.look.c, op->u.look.tok, op->n);
            break;
        case TAPE_RUN:
            k->ew_run(op->u.tile, op->n);
            break;
        case TAPE_EW:
            k->ew(op->u.ew.prog, op->u.ew.ctx);
            break;
        case TAPE_CLEAR:
            memset(op->u.mem.to, 0, op->u.mem.bytes);
            break;
        case TAPE_PAD:
            if (r->padded)
                pad_states(r, op->u.pad.layer, op->u.pad.step, 0, r->R);
            break;
        case TAPE_COPY:
            for (int i = 0; i < op->n; i++)
                memcpy(op->u.mem.to + i * op->u.mem.ts,
                       op->u.mem.from + i * op->u.mem.fs, op->u.mem.bytes);
        }
}

/* Can every window of one shape be the same?  A dropout's masks change from
 * update to update, a case's steps from window to window. */
static bool
fits(const struct runner *r)
{
    bool yes = pool_threads(r->pool) == 1 && !r->o.profile && !r->o.observe;

    for (int l = 0; l < r->trunk; l++)
        if (r->net->layers[l].eq->ndrops || r->net->layers[l].eq->ncases > 1)
            yes = false;
    return yes && r->trunk > 0;
}

void
tape_open(struct runner *r)
{
    for (int i = 0; i < 2 && fits(r); i++)
        r->tape[i] = xcalloc(1, sizeof *r->tape[i]);
}

void
tape_forget(struct runner *r)
{
    for (int i = 0; i < 2; i++)
        if (r->tape[i])
            r->tape[i]->seen = r->tape[i]->made = (struct shape){ .rows = 0 };
}

void
tape_close(struct runner *r)
{
    for (int i = 0; i < 2; i++) {
        if (r->tape[i]) {
            free(r->tape[i]->memory);
            free(r->tape[i]->slots);
        }
        free(r->tape[i]);
    }
}

static bool
alike(const struct shape *a, const struct shape *b)
{
    return a->rows == b->rows && a->steps == b->steps &&
           a->variant == b->variant && a->weights == b->weights;
}

bool
tape_play(struct runner *r, int which)
{
    struct tape *t = r->tape[which];
    struct shape now = { r->R, r->T, r->variant, r->weights };
    bool again;

    if (!t || r->R > TAPE_ROWS)
        return false;
    again = alike(&now, &t->seen);
    t->seen = now;
    if (alike(&now, &t->made)) {
        play(r, t);
        return true;
    }
    if (!again)
        t->full = false;
    if (!again || t->full)
        return false;
    if (!t->memory) {
        t->memory = (char *)xaligned(TAPE_BYTES / sizeof(float),
                                     sizeof(float));
        t->slots = xaligned(EW_SLOTS, sizeof *t->slots);
    }
    t->made.rows = 0;
    t->first = t->last = NULL;
    t->used = 0;
    r->record = t;
    return false;
}

void
tape_stop(struct runner *r)
{
    struct tape *t = r->record;

    if (!t)
        return;             /* threads come here side by side, without a tape */
    r->record = NULL;
    if (!t->full)
        t->made = t->seen;
}
