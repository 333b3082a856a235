/*
 * meter.h - what benches measure with: processor time, the clock, and the
 * rate of a loop that does nothing but multiply-adds.
 */
#ifndef BENCH_METER_H
#define BENCH_METER_H

#include "cpu/kernel.h"

/* Seconds this thread has run: others on the machine do not count. */
double now(void);
/* Cycles a second, from additions that wait for each other. */
double cycles_a_second(void);
/* Floating-point operations a second at best. */
double measure_peak(const struct kernels *k);
double median(const double *x, int n);

#endif
