/* fixture.h - a net, a batch and what PyTorch made of them in float64, from
 * tests/fixtures (make_fixtures.py there says what the files hold). */
#ifndef REF_FIXTURE_H
#define REF_FIXTURE_H

#include "problem.h"

struct fixture {
    struct problem p;                  /* weights and batch from the file */
    double *weights;                   /* (P) */
    double *out, *state, *grad, loss;  /* (B,T,O), (B,S), (P) */
};

void fixture_read(const char *path, struct fixture *f);
void fixture_release(struct fixture *f);

#endif
