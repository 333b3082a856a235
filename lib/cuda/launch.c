/* launch.c - kernels launched for a window's net. */
#include "cuda/launch.h"

#include <stdlib.h>

struct work
launch_work(const struct device *d)
{
    return (struct work){
        .at = d->at_there, .now = d->ints_there,
        .list = d->ints_there + d->list * sizeof(int32_t),
        .barrier = d->barrier, .planes = d->nplanes, .B = d->w.B,
        .T = d->w.T, .rows = d->w.B,
    };
}

gpu_address
launch_code(const struct device *d, size_t word)
{
    return d->code_there + word * sizeof(int64_t);
}

/* CTAs of `threads` threads, x by y of them for each net. */
void
launch_grid(struct device *d, struct gpu_kernel *k, struct work *w,
            size_t x, size_t y, int threads, size_t shared)
{
    struct gpu_shape s = {
        .grid = { (unsigned)x, (unsigned)y, (unsigned)d->o.nets },
        .block = { (unsigned)threads }, .shared = shared,
    };
    void *args[] = { w };

    if (x && y)
        gpu_launch(d->stream, k, &s, args);
}

/* A thread an element. */
void
launch_each(struct device *d, enum kernel_number k, struct work *w, size_t n)
{
    launch_grid(d, d->kernel[k], w, (n + THREADS - 1) / THREADS, 1, THREADS,
                0);
}

size_t
launch_tile_bytes(int m)
{
    return (size_t)(2 * SIDE * (SIDE * m + 1)) * sizeof(float);
}

/* Large ones in tiles of 64 x 64 if these fill the device, others in tiles of
 * 16 x 16, tiny ones a thread an element. */
static void
launch_product(struct device *d, const struct launch *x, struct work *w,
               size_t rows)
{
    size_t many = (size_t)gpu_facts(d->gpu)->multiprocessors;
    size_t tall = (rows + 63) / 64;

    if (tall * (size_t)x->tiles4 >= many && x->depth >= SIDE)
        launch_grid(d, d->kernel[K_PRODUCT_4], w, tall, (size_t)x->tiles4,
                    SIDE * SIDE, launch_tile_bytes(4));
    else if (rows >= SIDE && x->columns >= SIDE && x->depth >= SIDE)
        launch_grid(d, d->kernel[K_PRODUCT_1], w, (rows + 15) / 16,
                    (size_t)x->tiles1, SIDE * SIDE, launch_tile_bytes(1));
    else
        launch_each(d, K_PRODUCT, w, rows * (size_t)x->columns);
}

/* rows: of the launch; -1: the compact ones. */
void
launch_list(struct device *d, const struct launch_list *g, int first, int rows,
            int turn)
{
    size_t n = (size_t)(rows < 0 ? d->w.places : rows);

    for (int i = 0; i < g->n && n; i++) {
        const struct launch *x = &g->launch[i];
        struct work w = launch_work(d);

        w.first = first;
        w.rows = rows;
        w.turn = turn;
        w.code = launch_code(d, x->code);
        switch (x->kind) {
        case I_EW:
            launch_grid(d, x->kernel, &w, (n * (size_t)x->columns + THREADS -
                                           1) / THREADS, 1, THREADS, 0);
            break;
        case I_GEMM:
            launch_product(d, x, &w, n);
            break;
        case I_COPY:
            w.a = x->copy.doff;
            w.b = x->copy.aoff;
            w.c = x->copy.n;
            launch_each(d, K_COPY, &w, n * (size_t)x->columns);
            break;
        case I_OVER:
            w.a = x->over;
            w.b = x->columns;
            launch_each(d, K_OVER, &w, n * (size_t)x->columns);
            break;
        }
    }
}

const struct plan *
launch_plan(const struct device *d, int l)
{
    return d->plan->layers[l].plan[d->w.variant];
}

const struct kase_code *
launch_kase(const struct device *d, int l, int c)
{
    return &d->layers[l].code[d->w.variant].cases[c];
}

int
launch_microbatches(const struct device *d)
{
    return (d->w.B + MICROBATCH - 1) / MICROBATCH;
}
