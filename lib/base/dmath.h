/*
 * dmath.h - elementary functions in double, the same bits on every machine.
 *
 * libm's differ between machines; these are fixed sequences of IEEE add, mul,
 * div and sqrt (no fma, no tables from outside), good to about 1e-15 relative.
 * For schedules, initialisation, losses and statistics; the float functions of
 * the kernels are in cpu/vmath.h.
 */
#ifndef BASE_DMATH_H
#define BASE_DMATH_H

double d_exp(double x);
double d_log(double x);          /* x < 0: NaN; 0: -inf */
double d_sin(double x);          /* |x| up to 1e6 */
double d_cos(double x);
double d_pow(double x, double y);   /* x > 0, or y a whole number */
double d_tanh(double x);
double d_erf(double x);

#endif
