/* meter.c - see meter.h. */
#include "meter.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/die.h"

double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double
cycles_a_second(void)
{
    enum { N = 200000 };
    unsigned long x = 0;
    double t = now();

#if defined __x86_64__
#define STEP "add $1, %0\n\t"
#else
#define STEP "add %0, %0, #1\n\t"
#endif
#define STEP8 STEP STEP STEP STEP STEP STEP STEP STEP
    for (int i = 0; i < N; i += 32)
        __asm__ volatile(STEP8 STEP8 STEP8 STEP8 : "+r"(x));
    t = now() - t;
    return (double)x / t;
}

double
measure_peak(const struct kernels *k)
{
    double best = 0.0;

    for (int i = 0; i < 3; i++) {
        double t = now(), flops = k->peak(20000);

        t = now() - t;
        best = flops / t > best ? flops / t : best;
    }
    return best;
}

static int
by_size(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;

    return (a > b) - (a < b);
}

double
median(const double *x, int n)
{
    double *copy = xcalloc((size_t)n, sizeof *copy), m;

    memcpy(copy, x, (size_t)n * sizeof *copy);
    qsort(copy, (size_t)n, sizeof *copy, by_size);
    m = copy[n / 2];
    free(copy);
    return m;
}
