"""arith32.py - float arithmetic as docs/numerics.md has it, sections 5 to 7.

Arrays of float32 in, arrays of float32 out; one rounding an operator.
"""
import numpy as np

F = np.float32


def h(text):
    return F(float.fromhex(text))


def hs(text):
    return [h(t) if "x" in t else F(t) for t in text.replace(",", " ").split()]


ONE64, TIE_SHIFT, TIE = (np.uint64(i) for i in (1, 34, 1 << 63))
TINY = np.uint64(2 * int(np.float64(1.2e-38).view(np.uint64)))


def fma(x, y, z):
    """x * y + z with one rounding: the sum in double, rounded to odd."""
    p = np.multiply(x, y, dtype=np.float64)
    s = p + z
    # Only where s is a tie of two floats, or a subnormal, can odd be seen.
    u = s.view(np.uint64)
    u = u + u                           # without the sign
    suspect = (u << TIE_SHIFT == TIE) | (u - ONE64 < TINY)
    if suspect.any():
        s = to_odd(p, z, s, suspect)
    return s.astype(F)


def to_odd(p, z, s, suspect):
    """p + z rounded to odd where it is suspect and not exact; else s."""
    b = s - p
    e = (p - (s - b)) + (z - b)
    bits = np.asarray(s).view(np.int64)
    down = (np.signbit(e) != np.signbit(s)).astype(np.int64)
    return np.where(suspect & (e != 0) & np.isfinite(e), (bits - down) | 1,
                    bits).view(np.float64)


def trim(x):
    """+0 below 2^-100; NaN stays."""
    return np.where(np.abs(x) < h("0x1p-100"), F(0), x)


def poly(x, coefficients):
    p = np.broadcast_to(coefficients[0], np.shape(x))
    for c in coefficients[1:]:
        p = fma(p, x, c)
    return p


def clamp(x, low, high):
    return np.where(x < F(low), F(low), np.where(x > F(high), F(high), x))


ONE, TWO, HALF = F(1), F(2), F(0.5)
NEAR = hs("0x1.6d5436p-10 0x1.123d6ap-7 0x1.5554e2p-5 0x1.55548cp-3 0.5")
LOG2E, BIG = h("0x1.715476p+0"), h("0x1.8p23")
LN2, LN2_LOW = h("0x1.62e43p-1"), h("-0x1.05c610p-29")


def near(r):
    return fma(r * r, poly(r, NEAR), r)


def reduced(x):
    n = fma(x, LOG2E, BIG) - BIG
    return fma(-n, LN2, x), n


def parts(x):
    r, n = reduced(x)
    return near(fma(-n, LN2_LOW, r)), n


def parts2(x, lo, rest):
    r, n = reduced(x)
    t = near(r)
    rest = fma(-n, LN2_LOW, lo) + rest
    return fma(rest, ONE + t, t), n


def scale(p, n):
    """p * 2^n, rounded once: exact in double, whose exponents reach."""
    n = np.where(np.isfinite(n), n, 0).astype(np.int32)
    return np.ldexp(p.astype(np.float64), n).astype(F)


def exp(x):
    t, n = parts(clamp(x, -104, 89))
    return scale(ONE + t, n)


def magnitude(x, limit):
    """max(-|x|, -limit), NaN kept."""
    a = -np.abs(x)
    return np.where(a < F(-limit), F(-limit), a)


def down_parts(x):
    t, n = parts(magnitude(x, 110))
    return scale(ONE + t, n), t, n


def down(x):
    return down_parts(x)[0]


def sigmoid(x):
    t = down(x)
    u = t / (ONE + t)
    b = np.where(x < 0, t, ONE)
    return fma(-b, u, b)


def swish(x):
    t, t1, n = down_parts(x)
    u = t / (ONE + t)
    low = np.where(x < F(-110), F(-110), x)
    b = np.where(x >= 0, x, scale(fma(low, t1, low), n))
    y = fma(-b, u, b)
    y = np.where((x > F(-0.25)) & (x < 0), x * u, y)
    return np.where(x > F(110), x, y)


def swish_d(x):
    t = down(x)
    u = t / (ONE + t)
    s = np.where(x < 0, fma(-t, u, t), ONE - u)
    c = np.where(x < 0, ONE - u, u)
    return s * fma(clamp(x, -110, 110), c, ONE)


def tanh(x):
    a = np.abs(x) + np.abs(x)
    a = np.where(a > F(20), F(20), a)
    t, n = parts(a)
    s = scale(np.ones_like(t), n)
    e = fma(s, t, s - ONE)
    half = HALF * e
    y = np.where(e > TWO, fma(F(-1), TWO / (e + TWO), ONE),
                 fma(-half, e / (e + TWO), half))
    return np.copysign(y, x)


CORE = hs("0x1.13bdc4p-4, -0x1.dd991ep-4, 0x1.e6dd26p-4, -0x1.fc3e38p-4, "
          "0x1.233af6p-3, -0x1.555b8cp-3, 0x1.99a478p-3, -0x1.000008p-2, "
          "0x1.555548p-2")


def core(f, lo):
    z = f * f
    return f + fma(F(-0.5), z, fma(z * f, poly(f, CORE), lo))


def log(x):
    tiny = x < h("0x1p-126")
    y = np.where(tiny, x * h("0x1p23"), x)
    m, e = np.frexp(y)                  # m in 0.5..1
    m, e = m.astype(F), e.astype(F)
    low = m < h("0x1.6a09e6p-1")
    m, e = np.where(low, m + m, m), np.where(low, e - ONE, e)
    e = np.where(tiny, e - F(23), e)
    y = fma(e, LN2, core(m - ONE, e * LN2_LOW))
    y = np.where(x == 0, F(-np.inf), np.where(x < 0, F(np.nan), y))
    return np.where(x == F(np.inf), x, y)


def softplus(x):
    t = down(x)
    y = np.where(t > h("0x1.a8279ap-2"),
                 core(fma(HALF, t, F(-0.5)),
                      np.broadcast_to(LN2_LOW, t.shape)) + LN2,
                 core(t, F(0)) + F(0))
    return np.where(x <= 0, F(0), x) + y


# ---- sine and cosine

TWO_OVER_PI, PI2 = h("0x1.45f306p-1"), hs(
    "0x1.921fb6p+0 -0x1.777a5cp-25 -0x1.ee59dap-50")
SIN = hs("-0x1.9928ecp-13, 0x1.1106dep-7, -0x1.555544p-3")
COS = hs("0x1.99e71cp-16, -0x1.6c0c26p-10, 0x1.55554ap-5, -0.5, 1")
# 2/pi to 256 bits behind the point
BITS_2_PI = int(
    "a2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561", 16)


def far_turn(x):
    """Quarter turns and rest of one |x| beyond 2^17 in whole numbers."""
    m, e = np.frexp(np.float64(abs(x)))
    m, e = int(m * 2.0 ** 24), int(e) - 24
    last = e - 1 + 95                   # of the 96 bits behind the point
    bits = BITS_2_PI >> (256 - last) & ((1 << 96) - 1)
    product = m * bits % (1 << 96)
    q, f = product >> 94, product >> 30 & ((1 << 64) - 1)
    if f >> 63:
        f, q = f - (1 << 64), q + 1
    r = F(np.float64(f) * np.float64(float.fromhex("0x1.921fb54442d18p-64")))
    return (-q % 4, -r) if x < 0 else (q % 4, r)


def turn(x):
    w = fma(x, TWO_OVER_PI, BIG)
    n = w - BIG
    r = x
    for c in PI2:
        r = fma(-n, c, r)
    near_by = np.abs(x) <= F(131072)
    q = np.where(near_by, n, 0).astype(np.int64) % 4
    if not near_by.all():
        q, r = np.array(q), np.array(r)
        for i in zip(*np.nonzero(~near_by)):
            if np.isfinite(x[i]):
                q[i], r[i] = far_turn(x[i])
            else:
                r[i] = np.nan
    return q, r


def circle(x, more):
    q, r = turn(x)
    q = (q + more) % 4
    z = r * r
    s, c = fma(z * r, poly(z, SIN), r), poly(z, COS)
    y = np.where(q % 2 == 0, s, c)
    return np.where(q >= 2, -y, y)


def sin(x):
    y = circle(x, 0)
    return np.where(x == 0, F(0), y) if np.any(x == 0) else y


def cos(x):
    return circle(x, 1)


# ---- the normal distribution's tail

TAIL = hs("0x1.307bf8p-6, -0x1.d85b58p-4, 0x1.27ed1ep-2, -0x1.693ebep-2, "
          "0x1.9ad992p-3, -0x1.5d0614p-4, 0x1.3bd730p-4, 0x1.54e106p-4, "
          "0x1.e6ed60p-4, 0x1.103f1cp-3")
G, A15, THIRD = h("0x1.1058fep-3"), h("0x1.dddddep-2"), h("0x1.555556p-2")


def tail(a, hi, lo):
    d = a + F(3)
    u = F(3) / d
    v = a - (d - F(3))
    rest = fma(-u, v, fma(-u, d, F(3)))
    q = poly(u, TAIL)
    p = fma(q, u, G)
    y = p * u
    w = fma(q, u, G - p)
    w = fma(w, u, fma(p, u, -y))
    rest = rest * fma(u, A15, THIRD)
    t, n = parts2(hi, lo, rest)
    return y, fma(y, t, w), n


ERF = hs("-0x1.61db8ep-11, 0x1.4f2dfap-8, -0x1.b7a92ep-6, 0x1.ce2adap-4, "
         "-0x1.81273ap-2, 0x1.06eba8p-3")
GELU = hs("-0x1.265b36p-10, 0x1.466884p-7, -0x1.105746p-4, 0x1.988452p-2")


def at_most(a, limit):
    return np.where(a > F(limit), F(limit), a)


def erf(x):
    a = np.abs(x)
    small = fma(a, poly(a * a, ERF), a)
    b = at_most(a, 10)
    s = b * b
    y, z, n = tail(b * h("0x1.6a09e6p+0"), -s, fma(-b, b, s))
    large = fma(F(-2), scale(y + z, n), ONE)
    return np.copysign(np.where(a < F(0.75), small, large), x)


def erf_d(x):
    a = at_most(np.abs(x), 10.5)
    s = a * a
    t, n = parts2(-s, fma(-a, a, s), F(0))
    c = h("0x1.20dd76p+0")
    return scale(fma(c, t, c), n)


def gelu_tail(x):
    a = at_most(np.abs(x), 14.6)
    s = a * a
    lo = HALF * fma(-a, a, s)
    return a, s, lo, tail(a, F(-0.5) * s, lo)


def gelu(x):
    a, _, _, (y, z, n) = gelu_tail(x)
    s = x * x
    small = fma(s, poly(s, GELU), HALF * x)
    above = fma(-x, scale(y + z, n), x)
    b = a * y
    below = -scale(b + fma(a, z, fma(a, y, -b)), n)
    out = np.where(x >= 0, above, below)
    out = np.where(a < HALF, small, out)
    return np.where(x > F(14.6), x, np.where(np.isnan(x), x, out))


def gelu_d(x):
    a, s, lo, (y, z, n) = gelu_tail(x)
    q = scale(y + z, n)
    t, n = parts2(F(-0.5) * s, lo, F(0))
    c = h("0x1.988454p-2")
    d = scale(fma(c, t, c), n)
    return np.where(x < 0, fma(-a, d, q), fma(a, d, ONE - q))


def softmax_sum(e):
    """Section 8's sum over the last axis, of 16 partial ones."""
    k = e.shape[-1]
    s = np.zeros(e.shape[:-1] + (16,), F)
    for j in range(0, k, 16):
        part = e[..., j:j + 16]
        s[..., :part.shape[-1]] += part
    for half in (8, 4, 2, 1):
        s = s[..., :half] + s[..., half:]
    return s[..., 0]


FUNCTIONS = {"exp": exp, "sigmoid": sigmoid, "tanh": tanh, "log": log,
             "sin": sin, "cos": cos, "erf": erf, "gelu": gelu,
             "swish": swish, "softplus": softplus,
             "relu": lambda x: np.where(x <= 0, F(0), x),
             "square": lambda x: x * x, "sqrt": np.sqrt, "abs": np.abs}
SLOPES = {                      # (x, y, dy) -> the contribution to x
    "sigmoid": lambda x, y, d: d * (y * (ONE - y)),
    "tanh": lambda x, y, d: d * fma(-y, y, ONE),
    "exp": lambda x, y, d: d * y,
    "log": lambda x, y, d: d / x,
    "sin": lambda x, y, d: d * cos(x),
    "cos": lambda x, y, d: d * -sin(x),
    "erf": lambda x, y, d: d * erf_d(x),
    "gelu": lambda x, y, d: d * gelu_d(x),
    "swish": lambda x, y, d: d * swish_d(x),
    "softplus": lambda x, y, d: d * sigmoid(x),
    "relu": lambda x, y, d: np.where(x > 0, d, F(0)),
    "square": lambda x, y, d: d * (x + x),
    "sqrt": lambda x, y, d: d / (y + y),
    "abs": lambda x, y, d: np.where(x > 0, d, np.where(x < 0, -d, F(0))),
}
