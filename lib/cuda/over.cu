/*
 * over.cu - operators over a vector's units, or each of its heads'
 * (docs/numerics.md, section 18): a thread a head of a row.
 */

/* 16 partial sums by index mod 16, and the tree. */
FUNCTION float
sum_over(const float *x, int n)
{
    float part[PARTIALS];

#pragma unroll
    for (int i = 0; i < PARTIALS; i++)
        part[i] = 0.0f;
    for (int j0 = 0; j0 < n; j0 += PARTIALS)
#pragma unroll
        for (int i = 0; i < PARTIALS; i++)
            if (j0 + i < n)
                part[i] = part[i] + x[j0 + i];
    /* all indices known, so that the sums stay in registers */
#pragma unroll
    for (int level = 1; level < PARTIALS; level *= 2)
#pragma unroll
        for (int i = 0; i < PARTIALS / 2; i++)
            if (i < PARTIALS / 2 / level)
                part[i] = part[i] + part[i + PARTIALS / 2 / level];
    return part[0];
}

/* NaN if one is; never -0. */
FUNCTION float
largest(const float *x, int n)
{
    float most = x[0];

    for (int j = 1; j < n; j++)
        most = most >= x[j] || most != most ? most : x[j];
    return most + 0.0f;
}

FUNCTION void
fill(float *d, int n, float x)
{
    for (int j = 0; j < n; j++)
        d[j] = x;
}

/* The adjoint's sum, for the first of the largest. */
FUNCTION void
to_largest(float *d, int n, const float *dy, const float *x)
{
    float most = largest(x, n), all = sum_over(dy, n);
    int at = 0;

    while (at < n && x[at] != most)
        at++;
    for (int j = 0; j < n; j++)
        d[j] = j == at ? all : 0.0f;
}

/* From the last unit down: what it and those after it get. */
FUNCTION void
down(float *d, int n, const float *dy)
{
    float s = dy[n - 1];

    for (int j = n - 1; j > 0; j--) {
        d[j] = s;
        s = s + dy[j - 1];
    }
    d[0] = s;
}

/* The same through a product's factors; y is the value. */
FUNCTION void
down_product(float *d, int n, const float *dy, const float *x, const float *y)
{
    float s = dy[n - 1];

    for (int j = n - 2; j >= 0; j--) {
        float by = x[j + 1];

        d[j + 1] = s * y[j];
        s = dy[j] + by * s;
    }
    d[0] = s;
}

/* a: which, b: heads; code: the value, up to three arguments. */
KERNEL
over(struct work w)
{
    float *const *at = planes_of(w);
    const int64_t *code = w.code;
    int i = thread_number(), r = i / w.b, n = (int)code[VALUE_SIZE] / w.b;
    float *d;
    const float *x[3] = { nullptr, nullptr, nullptr };

    if (!at || r >= launch_rows(w))
        return;
    i = i % w.b * n;
    d = value_at(w, at, code, r) + i;
    for (int k = 0; k < 3; k++) {
        code += VALUE_WORDS;
        if (code[VALUE_PLANE] >= 0)
            x[k] = value_at(w, at, code, r) + i;
    }
    switch (w.a) {
    case OVER_SUM:
        fill(d, n, sum_over(x[0], n));
        break;
    case OVER_AMAX:
        fill(d, n, largest(x[0], n));
        break;
    case OVER_CUMSUM:
        d[0] = x[0][0];
        for (int j = 0; j + 1 < n; j++)
            d[j + 1] = d[j] + x[0][j + 1];
        break;
    case OVER_CUMPROD:
        d[0] = x[0][0];
        for (int j = 0; j + 1 < n; j++)
            d[j + 1] = d[j] * x[0][j + 1];
        break;
    case OVER_D_AMAX:
        to_largest(d, n, x[0], x[1]);
        break;
    case OVER_D_CUMSUM:
        down(d, n, x[0]);
        break;
    case OVER_D_CUMPROD:
        down_product(d, n, x[0], x[1], x[2]);
    }
}
