/*
 * rng.h - counter-based random numbers: Philox 4x32-10 (Salmon et al. 2011,
 * "Parallel random numbers: as easy as 1, 2, 3").
 *
 * A draw is a pure function of (seed, purpose, step, index): nothing one part
 * of a program draws can shift what another draws, and a resumed run needs no
 * saved state.  key = seed; counter = {index low, index high, step, purpose}.
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

enum rng_purpose {      /* never renumber: part of the numeric contract */
    RNG_INIT   = 1,     /* weights; step = parameter's place in the table */
    RNG_ORDER  = 2,     /* order of a stored set; step = epoch */
    RNG_DROP   = 3,     /* dropout; step = update */
    RNG_TASK   = 4,     /* what gentask draws; step = split and pass */
    RNG_SAMPLE = 5,     /* text drawn from a net by eval */
    RNG_STATS  = 6,     /* bootstrap, swarm layout, irreps */
    RNG_TEMPLATE = 7,   /* templates on groups */
};

/* The raw block function. */
void philox(uint64_t seed, uint64_t index, uint32_t step, uint32_t purpose,
            uint32_t out[4]);

/* A stream of draws: blocks index, index+1, ... of one (seed, purpose, step),
 * each block's four words in order. */
struct rng {
    uint64_t seed, index;
    uint32_t step, purpose;
    uint32_t buf[4];
    int left;           /* words of buf not yet used */
};

void rng_init(struct rng *r, uint64_t seed, uint32_t purpose, uint32_t step,
              uint64_t index);
uint32_t rng_u32(struct rng *r);
/* Uniform in [0, n), exact (rejection by Lemire 2019); n >= 1. */
uint32_t rng_below(struct rng *r, uint32_t n);
/* Uniform in [0, 1): the upper 24 bits of a word, times 2^-24. */
float rng_float(struct rng *r);
/* Uniform in [0, 1) with 53 bits of two words. */
double rng_double(struct rng *r);
/* Standard normal: Box-Muller in double with dmath's log, sin, cos; draws two
 * doubles and uses the cosine half only. */
double rng_normal(struct rng *r);
/* order[0..n-1] becomes a permutation of 0..n-1 (Fisher-Yates, from the
 * top). */
void rng_shuffle(struct rng *r, uint32_t *order, uint32_t n);

#endif
