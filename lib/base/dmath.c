/*
 * dmath.c - elementary functions in double from add, mul, div alone.
 *
 * Every polynomial is a Taylor series on a range where its next term is below
 * half a unit in the last place; every reduction constant is split so that
 * its product with the integer quotient is exact.
 */
#include "base/dmath.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/dlog.h"

#define LOG2_E   0x1.71547652b82fep+0
#define TWO_OVER_PI 0x1.45f306dc9c883p-1
#define PIO2_A   0x1.921fb544p+0        /* pi/2 in pieces of 33 bits */
#define PIO2_B   0x1.0b4611a6p-34
#define PIO2_C   0x1.3198a2e037073p-69
#define TWO_OVER_SQRT_PI 0x1.20dd750429b6dp+0
#define ONE_OVER_SQRT_PI 0x1.20dd750429b6dp-1

/* x * 2^k for k in -2200..2200; rounds once. */
static double
scale(double x, int k)
{
    uint64_t bits;
    double p;

    while (k > 1023) {
        x *= 0x1p+1023;
        k -= 1023;
    }
    if (k < -1022) {          /* leave the one rounding to the last step */
        x *= 0x1p-960;
        k += 960;
        while (k < -1022) {
            x *= 0x1p-1022;
            k += 1022;
        }
    }
    bits = (uint64_t)(k + 1023) << 52;
    memcpy(&p, &bits, sizeof p);
    return x * p;
}

/* e^r - 1 for |r| <= 0.35. */
static double
expm1_taylor(double r)
{
    double p = 1.0 / 6227020800.0;                          /* 1/13! */

    p = p * r + 1.0 / 479001600.0;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    return p * r * r + r;
}

/* e^(x + low), low a small correction. */
static double
exp_corrected(double x, double low)
{
    double k, high, r, p;

    if (isnan(x))
        return x;
    if (x > 709.79)
        return HUGE_VAL;
    if (x < -745.2)
        return 0.0;
    k = floor(x * LOG2_E + 0.5);
    high = x - k * LN2_HIGH;
    low -= k * LN2_LOW;
    r = high + low;
    low += high - r;
    p = expm1_taylor(r);
    return scale(1.0 + (p + low * (1.0 + p)), (int)k);
}

double
d_exp(double x)
{
    return exp_corrected(x, 0.0);
}

/* x = m * 2^k with m in [sqrt(1/2), sqrt(2)); x positive and finite. */
static double
split_exponent(double x, int *k)
{
    uint64_t bits;
    int e = 0;

    if (x < DBL_MIN) {
        x *= 0x1p+54;
        e = -54;
    }
    memcpy(&bits, &x, sizeof bits);
    e += (int)(bits >> 52) - 1023;
    bits = (bits & 0xfffffffffffffu) | (uint64_t)1023 << 52;
    memcpy(&x, &bits, sizeof x);
    if (x >= 0x1.6a09e667f3bcdp+0) {
        x *= 0.5;
        e++;
    }
    *k = e;
    return x;
}

/* d_pow multiplies it by up to a thousand: as a pair. */
static struct dd
log_pair(double x)
{
    int k;
    double m = split_exponent(x, &k);

    return log_split(m, k);
}

double
d_log(double x)
{
    if (isnan(x) || x < 0.0)
        return NAN;
    if (x == 0.0)
        return -HUGE_VAL;
    if (isinf(x))
        return x;
    return log_pair(x).hi;
}

/* sin(r + low) and cos(r + low) for |r| <= pi/4, low below one ulp of it. */
static double
sin_taylor(double r, double low)
{
    double q = r * r, p = 1.0 / 355687428096000.0;          /* 1/17! */

    p = p * q - 1.0 / 1307674368000.0;
    p = p * q + 1.0 / 6227020800.0;
    p = p * q - 1.0 / 39916800.0;
    p = p * q + 1.0 / 362880.0;
    p = p * q - 1.0 / 5040.0;
    p = p * q + 1.0 / 120.0;
    p = p * q - 1.0 / 6.0;
    return r + (p * q * r + low * (1.0 - 0.5 * q));
}

static double
cos_taylor(double r, double low)
{
    double q = r * r, h = 0.5 * q, w = 1.0 - h;
    double p = -1.0 / 6402373705728000.0;                   /* 1/18! */

    p = p * q + 1.0 / 20922789888000.0;
    p = p * q - 1.0 / 87178291200.0;
    p = p * q + 1.0 / 479001600.0;
    p = p * q - 1.0 / 3628800.0;
    p = p * q + 1.0 / 40320.0;
    p = p * q - 1.0 / 720.0;
    p = p * q + 1.0 / 24.0;
    return w + (((1.0 - w) - h) + (p * q * q - r * low));
}

/* sin(x + turns * pi/2). */
static double
sin_turned(double x, int turns)
{
    double k, r;
    struct dd a, b;
    int quadrant;

    if (!(fabs(x) < 1e15))
        return NAN;
    k = floor(x * TWO_OVER_PI + 0.5);
    a = two_sum(x - k * PIO2_A, -(k * PIO2_B));
    b = two_sum(a.hi, -(k * PIO2_C));
    b.lo += a.lo;
    r = b.hi + b.lo;
    b.lo += b.hi - r;
    quadrant = (int)(((int64_t)k + turns) & 3);
    if (quadrant & 1)
        r = cos_taylor(r, b.lo);
    else
        r = sin_taylor(r, b.lo);
    return quadrant & 2 ? -r : r;
}

double
d_sin(double x)
{
    return x == 0.0 ? x : sin_turned(x, 0);
}

double
d_cos(double x)
{
    return sin_turned(x, 1);
}

static struct dd
pair_product(struct dd a, struct dd b)
{
    struct dd p = two_product(a.hi, b.hi);

    return two_sum(p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi));
}

/* x^n by repeated squaring in pairs, so that the result is exact wherever it
 * can be; NaN if a partial product leaves the range of pairs. */
static double
whole_power(double x, int n)
{
    struct dd p = { 1.0, 0.0 }, b = { x, 0.0 };
    double q;

    for (unsigned m = n < 0 ? -(unsigned)n : (unsigned)n; m; m >>= 1) {
        if (m & 1)
            p = pair_product(p, b);
        if (m > 1)
            b = pair_product(b, b);
    }
    if (!(fabs(p.hi) > 1e-250 && fabs(p.hi) < 1e250))
        return NAN;
    if (n > 0)
        return p.hi;
    q = 1.0 / p.hi;
    b = two_product(q, p.hi);
    return q + ((1.0 - b.hi) - b.lo - q * p.lo) * q;
}

static double
power_of_positive(double x, double y)
{
    struct dd l, p;

    if (x == 1.0)
        return 1.0;
    if (x == 0.0 || isinf(x) || isinf(y))
        return (x > 1.0) == (y > 0.0) ? HUGE_VAL : 0.0;
    l = log_pair(x);
    if (fabs(y) > 0x1p+70 || fabs(l.hi * y) > 800.0)
        return l.hi * y > 0.0 ? HUGE_VAL : 0.0;
    p = two_product(l.hi, y);
    return exp_corrected(p.hi, p.lo + l.lo * y);
}

double
d_pow(double x, double y)
{
    if (y == 0.0)
        return 1.0;
    if (isnan(x) || isnan(y))
        return NAN;
    if (y == floor(y) && fabs(y) <= 64.0) {
        double p = whole_power(x, (int)y);

        if (!isnan(p))
            return p;
    }
    if (x >= 0.0)
        return power_of_positive(x, y);
    if (isinf(y) || y != floor(y))
        return NAN;
    x = power_of_positive(-x, y);
    return y * 0.5 != floor(y * 0.5) ? -x : x;
}

double
d_tanh(double x)
{
    double a = fabs(x), k, r, p, m, t;

    if (isnan(x) || x == 0.0)
        return x;
    if (a > 22.0)
        return x > 0.0 ? 1.0 : -1.0;
    /* m = e^2a - 1, kept accurate where it is small. */
    k = floor(2.0 * a * LOG2_E + 0.5);
    r = (2.0 * a - k * LN2_HIGH) - k * LN2_LOW;
    p = expm1_taylor(r);
    m = k == 0.0 ? p : scale(p, (int)k) + (scale(1.0, (int)k) - 1.0);
    t = m / (m + 2.0);
    return x > 0.0 ? t : -t;
}

/* 2/sqrt(pi) (a - a^3/(1! 3) + a^5/(2! 5) - ...) for a <= 1. */
static double
erf_taylor(double a)
{
    double q = -a * a, p = 0.0, factorial = 6402373705728000.0;   /* 18! */

    for (int n = 18; n >= 1; n--) {
        p = (p + 1.0 / (factorial * (2 * n + 1))) * q;
        factorial /= n;
    }
    return TWO_OVER_SQRT_PI * (a + a * p);
}

/* 1 - erfc for a in 1..6, with erfc = e^-a^2 / sqrt(pi) over the continued
 * fraction a + (1/2)/(a + 1/(a + (3/2)/(a + ...))). */
static double
erf_fraction(double a)
{
    struct dd q = two_product(a, a);
    double f = a;

    for (int n = a < 2.0 ? 200 : 60; n >= 1; n--)
        f = a + 0.5 * n / f;
    return 1.0 - ONE_OVER_SQRT_PI * exp_corrected(-q.hi, -q.lo) / f;
}

double
d_erf(double x)
{
    double a = fabs(x), f;

    if (isnan(x))
        return x;
    f = a > 6.0 ? 1.0 : a < 1.0 ? erf_taylor(a) : erf_fraction(a);
    return signbit(x) ? -f : f;
}
