/*
 * engine_run.h - a problem through windows of so many steps, by the numeric
 * contract or by the engine in any of its settings, and what came of it.
 */
#ifndef UNIT_ENGINE_RUN_H
#define UNIT_ENGINE_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "ref/problem.h"

/* What a window came to. */
struct result {
    float *out, *state, *grad;     /* (B,T,O), (B,S), (P) */
    double *loss;                  /* (B,T) */
    int *calls;                    /* (B,T) */
    bool bad;
};

struct windows {                   /* of w->steps steps each, but the last */
    const struct problem *p;
    int steps, n;
    struct result *r;
};

struct setting {                   /* of the engine */
    const char *isa;       /* NULL: the best */
    int threads;
    bool gradient, twice, observe;
    bool fleet;            /* as one of a fleet's nets */
};

/* Free with windows_free; the problem must outlive them.  `steps` of each. */
struct windows run_contract(const struct problem *p, int steps);
struct windows run_engine(const struct problem *p, int steps,
                          const struct setting *s);
void windows_free(struct windows *w);

/* ---- comparisons (engine_same.c): fail, saying where --------------------- */

/* Bit for bit. */
void windows_same(const char *what, const struct windows *a,
                  const struct windows *b, bool gradient);
/* To float accuracy, with the double evaluator (ref.h) on the same windows. */
void windows_near_reference(const char *what, const struct windows *a);

#endif
