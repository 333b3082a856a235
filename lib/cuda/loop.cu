/*
 * loop.cu - parts of time loops (emit_loop.c): slices of units, and products
 * with the matrices' rows in shared memory.
 *
 * CTA c of G owns units c * per .. of a value, per = size / G rounded up.
 * Chains are those of product.cu.
 */
struct slice {
    int first, n;
};

FUNCTION struct slice
slice_of(int size)
{
    int G = (int)gridDim.x, per = (size + G - 1) / G;
    int first = (int)blockIdx.x * per;

    return { first, first >= size ? 0 : size - first < per ? size - first
                                                           : per };
}

/* Other CTAs' units of what was written before may be read after it. */
FUNCTION void
loop_barrier(const struct work &w)
{
    if (gridDim.x > 1)
        grid_barrier(w.barrier);
    else
        __syncthreads();
}

/* +0 in the CTA's units of a value; padding: of rows without step t alone. */
FUNCTION void
loop_clear(const struct work &w, float *const *at, const int64_t *value,
           bool padding, int t)
{
    struct slice s = slice_of((int)value[VALUE_SIZE]);

    for (int i = (int)threadIdx.x; i < s.n * w.B; i += (int)blockDim.x) {
        int r = i / s.n;

        if (!padding || t >= w.list[w.now[NOW_ENDS] + r])
            value_at(w, at, value, r)[s.first + i % s.n] = 0.0f;
    }
}

FUNCTION int
product_depth(const int64_t *code)
{
    const int64_t *seg = code + PRODUCT_WORDS;
    int depth = 0;

    for (int s = 0; s < (int)code[PRODUCT_SEGMENTS]; s++)
        depth += (int)seg[s * SEGMENT_WORDS + SEGMENT_K];
    return depth;
}

/* The CTA's rows of a product's matrices to shared memory; returns what is
 * behind them.  Rows are an odd number of words apart. */
FUNCTION float *
loop_load(float *const *at, const int64_t *code, float *to)
{
    int nseg = (int)code[PRODUCT_SEGMENTS], wide = product_depth(code) | 1;
    const int64_t *seg = code + PRODUCT_WORDS, *o = seg + nseg * SEGMENT_WORDS;

    for (int i = 0; i < (int)code[PRODUCT_OUTS]; i++) {
        struct slice s = slice_of((int)o[OUT_VALUE + VALUE_SIZE]);
        const int64_t *block = o + OUT_WORDS;
        int k0 = 0;

        for (int g = 0; g < nseg; g++) {
            int K = (int)seg[g * SEGMENT_WORDS + SEGMENT_K];
            const float *y = at[PLANE_WEIGHTS] + block[BLOCK_OFF];
            float sign = (float)block[BLOCK_SIGN];

            for (int e = (int)threadIdx.x; e < s.n * K; e += (int)blockDim.x) {
                int n = block[BLOCK_KS] == 1 ? e / K : e % s.n;
                int k = block[BLOCK_KS] == 1 ? e % K : e / s.n;

                to[n * wide + k0 + k] = sign *
                    y[(s.first + n) * block[BLOCK_NS] + k * block[BLOCK_KS]];
            }
            k0 += K;
            block += BLOCK_WORDS;
        }
        to += s.n * wide;
        o = block;
    }
    return to;
}

/* ROWS rows of one unit by a thread. */
enum { LOOP_ROWS = 4 };

FUNCTION void
loop_product(const struct work &w, float *const *at, const int64_t *code,
             const float *y)
{
    int nseg = (int)code[PRODUCT_SEGMENTS], wide = product_depth(code) | 1;
    const int64_t *seg = code + PRODUCT_WORDS, *o = seg + nseg * SEGMENT_WORDS;
    int tall = (w.B + LOOP_ROWS - 1) / LOOP_ROWS;

    for (int i = 0; i < (int)code[PRODUCT_OUTS]; i++) {
        struct slice s = slice_of((int)o[OUT_VALUE + VALUE_SIZE]);

        for (int e = (int)threadIdx.x; e < s.n * tall; e += (int)blockDim.x) {
            int n = s.first + e % s.n, r0 = e / s.n * LOOP_ROWS;
            const float *row = y + e % s.n * wide;
            float c[LOOP_ROWS];

#pragma unroll
            for (int q = 0; q < LOOP_ROWS; q++)
                c[q] = code[PRODUCT_START] == START_CHAIN && r0 + q < w.B
                    ? initial(w, at, o, r0 + q, n) : 0.0f;
            for (int g = 0; g < nseg; g++) {
                const int64_t *v = seg + g * SEGMENT_WORDS;
                int K = (int)v[SEGMENT_K];
                const float *a[LOOP_ROWS];

#pragma unroll
                for (int q = 0; q < LOOP_ROWS; q++)
                    a[q] = value_at(w, at, v, r0 + q < w.B ? r0 + q : r0);
                for (int k = 0; k < K; k++) {
#pragma unroll
                    for (int q = 0; q < LOOP_ROWS; q++)
                        c[q] = fmaf(a[q][k], row[k], c[q]);
                }
                row += K;
            }
#pragma unroll
            for (int q = 0; q < LOOP_ROWS; q++)
                if (r0 + q < w.B)
                    value_at(w, at, o + OUT_VALUE, r0 + q)[n] =
                        finished(w, at, code, o, r0 + q, n, c[q]);
        }
        y += s.n * wide;
        o += OUT_WORDS + nseg * BLOCK_WORDS;
    }
}

/* The CTA's units of the value that parts of another are copied to. */
FUNCTION void
loop_copy(const struct work &w, float *const *at, const int64_t *code, int doff,
          int aoff, int n)
{
    const int64_t *to = code, *from = to + VALUE_WORDS;
    struct slice s = slice_of((int)to[VALUE_SIZE]);

    for (int i = (int)threadIdx.x; i < s.n * w.B; i += (int)blockDim.x) {
        int r = i / s.n, j = s.first + i % s.n - doff;

        if (j >= 0 && j < n)
            value_at(w, at, to, r)[doff + j] =
                value_at(w, at, from, r)[aoff + j];
    }
}
