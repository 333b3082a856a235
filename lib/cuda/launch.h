/*
 * launch.h - kernels launched for the window under way (d->w).
 *
 *     struct work w = launch_work(d);
 *     w.code = launch_code(d, code);
 *     launch_each(d, K_CLEAR, &w, elements);
 *
 * A launch is for all nets; those that do not take part leave at once.
 */
#ifndef CUDA_LAUNCH_H
#define CUDA_LAUNCH_H

#include "cuda/nets.h"

enum { THREADS = 128, SIDE = 16, PLACES_A_CTA = 8 };

/* What all kernels are told; rows: B. */
struct work launch_work(const struct device *d);
gpu_address launch_code(const struct device *d, size_t word);

/* A thread an element, n of them. */
void launch_each(struct device *d, enum kernel_number k, struct work *w,
                 size_t n);
/* x by y CTAs of so many threads and bytes of shared memory. */
void launch_grid(struct device *d, struct gpu_kernel *k, struct work *w,
                 size_t x, size_t y, int threads, size_t shared);
/* Shared memory of tiles of 16 m by 16 m. */
size_t launch_tile_bytes(int m);
/* A list's instructions on rows first .. first+rows-1 of all planes; rows < 0:
 * on the compact ones. */
void launch_list(struct device *d, const struct launch_list *g, int first,
                 int rows, int turn);

const struct plan *launch_plan(const struct device *d, int l);
const struct kase_code *launch_kase(const struct device *d, int l, int c);
int launch_microbatches(const struct device *d);

#endif
