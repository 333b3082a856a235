/* dlog.h - the logarithm's inner part, without a branch, so that a compiler can
 * take several at once; and numbers that are pairs of doubles. */
#ifndef BASE_DLOG_H
#define BASE_DLOG_H

#define LN2_HIGH 0x1.62e42fefa3800p-1   /* 42 bits: k * LN2_HIGH is exact */
#define LN2_LOW  0x1.ef35793c76730p-45

/* A number as the unevaluated sum of two doubles. */
struct dd {
    double hi, lo;
};

static inline struct dd
two_sum(double a, double b)
{
    double s = a + b, t = s - a;

    return (struct dd){ s, (a - (s - t)) + (b - t) };
}

/* Dekker's product: halves of 26 bits multiply exactly. */
static inline struct dd
two_product(double a, double b)
{
    double p = a * b, t, ah, al, bh, bl;

    t = 0x1.0000002p+27 * a;
    ah = t - (t - a);
    al = a - ah;
    t = 0x1.0000002p+27 * b;
    bh = t - (t - b);
    bl = b - bh;
    return (struct dd){ p, ((ah * bh - p) + ah * bl + al * bh) + al * bl };
}

/* log (m 2^k) = k log 2 + 2 (s + s^3/3 + s^5/5 + ...), s = (m - 1) / (m + 1),
 * for m in [sqrt(1/2), sqrt(2)).  s and s^3/3 carry a low part; the terms after
 * them are small enough without one. */
static inline struct dd
log_split(double m, double k)
{
    double f = m - 1.0, s, low, q, tail;
    struct dd d = two_sum(m, 1.0), p, square, cube, sum, t;

    s = f / d.hi;
    p = two_product(s, d.hi);
    low = ((f - p.hi) - p.lo - s * d.lo) / d.hi;
    square = two_product(s, s);
    square.lo += 2.0 * s * low;
    cube = two_product(square.hi, s);
    cube.lo += square.lo * s + square.hi * low;
    q = square.hi;
    tail = 1.0 / 25.0;
    tail = tail * q + 1.0 / 23.0;
    tail = tail * q + 1.0 / 21.0;
    tail = tail * q + 1.0 / 19.0;
    tail = tail * q + 1.0 / 17.0;
    tail = tail * q + 1.0 / 15.0;
    tail = tail * q + 1.0 / 13.0;
    tail = tail * q + 1.0 / 11.0;
    tail = tail * q + 1.0 / 9.0;
    tail = tail * q + 1.0 / 7.0;
    tail = tail * q + 1.0 / 5.0;
    tail *= q * cube.hi;
    s *= 2.0;
    low *= 2.0;
    t.hi = 2.0 * cube.hi / 3.0;
    p = two_product(t.hi, 3.0);
    t.lo = ((2.0 * cube.hi - p.hi) - p.lo + 2.0 * cube.lo) / 3.0;
    sum = two_sum(s, t.hi);
    sum.lo += low + t.lo + 2.0 * tail;
    t = two_sum(k * LN2_HIGH, sum.hi);
    t.lo += sum.lo + k * LN2_LOW;
    return two_sum(t.hi, t.lo);
}

#endif
