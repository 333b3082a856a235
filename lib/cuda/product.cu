/*
 * product.cu - matrix products: every element one chain of fused
 * multiply-adds, over the segments in order, k ascending in each, never split
 * (docs/numerics.md, sections 1, 2 and 5).
 */

/* What an element's chain begins with, or what is added to it: unit n of
 * output o at row r. */
FUNCTION float
initial(const struct work &w, float *const *at, const int64_t *o, int r,
        int n)
{
    const int64_t *init = o + OUT_INIT;
    int tokens = (int)o[OUT_TOKENS];
    bool first = init[VALUE_PLANE] < 0;
    float x = first ? 0.0f : value_at(w, at, init, r)[n];

    for (int i = 0; i < tokens; i++) {
        const int64_t *t = o + OUT_TOKEN + 3 * i;
        float y = (float)t[2] * at[PLANE_WEIGHTS][t[0] + n * t[1] +
                                                  token_of(w, r)];

        x = first ? y : x + y;
        first = false;
    }
    return x;
}

FUNCTION float
finished(const struct work &w, float *const *at, const int64_t *code,
         const int64_t *o, int r, int n, float c)
{
    if (code[PRODUCT_START] == START_ADD)
        c = initial(w, at, o, r, n) + c;
    return code[PRODUCT_TRIM] ? trim(c) : c;
}

/* A thread an element: for small ones. */
KERNEL
product(struct work w)
{
    float *const *at = planes_of(w);
    const int64_t *code = w.code, *seg = code + PRODUCT_WORDS, *o, *block;
    int nseg = (int)code[PRODUCT_SEGMENTS], cols = (int)code[PRODUCT_COLUMNS];
    int i = thread_number(), r = i / cols, n = i % cols;
    float c = 0.0f;

    if (!at || r >= launch_rows(w))
        return;
    for (o = seg + nseg * SEGMENT_WORDS; n >= o[OUT_VALUE + VALUE_SIZE];
         o += OUT_WORDS + nseg * BLOCK_WORDS)
        n -= (int)o[OUT_VALUE + VALUE_SIZE];
    block = o + OUT_WORDS;
    if (code[PRODUCT_START] == START_CHAIN)
        c = initial(w, at, o, r, n);
    for (int s = 0; s < nseg; s++) {
        const float *a = value_at(w, at, seg, r);
        const float *y = at[PLANE_WEIGHTS] + block[BLOCK_OFF] +
                         n * block[BLOCK_NS];
        float sign = (float)block[BLOCK_SIGN];
        int64_t ks = block[BLOCK_KS];

        for (int k = 0; k < (int)seg[SEGMENT_K]; k++)
            c = fmaf(a[k], sign * y[k * ks], c);
        seg += SEGMENT_WORDS;
        block += BLOCK_WORDS;
    }
    value_at(w, at, o + OUT_VALUE, r)[n] =
        finished(w, at, code, o, r, n, c);
}

/*
 * A CTA of 16 x 16 threads makes 16 RM rows by 16 RN units of one output, a
 * thread every 16th of each: operands pass through shared memory, 16 deep.
 * blockIdx.x: rows; blockIdx.y: tiles of units, output after output.
 */
enum { SIDE = 16, DEEP = 16 };

template <int RM, int RN>
FUNCTION void
product_tiles(const struct work &w)
{
    float *const *at = planes_of(w);
    const int64_t *code = w.code, *seg = code + PRODUCT_WORDS, *o, *block;
    const int tall = SIDE * RM, wide = SIDE * RN;
    int nseg = (int)code[PRODUCT_SEGMENTS], rows = launch_rows(w);
    int x = (int)threadIdx.x % SIDE, y = (int)threadIdx.x / SIDE;
    int r0 = (int)blockIdx.x * tall, tile = (int)blockIdx.y, n0, size;
    float *as = (float *)shared_memory(), *bs = as + DEEP * (tall + 1);
    float c[RM][RN];

    if (!at || r0 >= rows)
        return;
    for (o = seg + nseg * SEGMENT_WORDS;; o += OUT_WORDS + nseg * BLOCK_WORDS) {
        size = (int)o[OUT_VALUE + VALUE_SIZE];
        if (tile < (size + wide - 1) / wide)
            break;
        tile -= (size + wide - 1) / wide;
    }
    n0 = tile * wide;
    block = o + OUT_WORDS;
    for (int i = 0; i < RM; i++)
        for (int j = 0; j < RN; j++) {
            int r = r0 + y + SIDE * i, n = n0 + x + SIDE * j;

            c[i][j] = 0.0f;
            if (code[PRODUCT_START] == START_CHAIN && r < rows && n < size)
                c[i][j] = initial(w, at, o, r, n);
        }
    for (int s = 0; s < nseg; s++) {
        const float *weights = at[PLANE_WEIGHTS] + block[BLOCK_OFF];
        float sign = (float)block[BLOCK_SIGN];
        int64_t ns = block[BLOCK_NS], ks = block[BLOCK_KS];
        int depth = (int)seg[SEGMENT_K];

        for (int k0 = 0; k0 < depth; k0 += DEEP) {
            int deep = depth - k0 < DEEP ? depth - k0 : DEEP;

            for (int i = (int)threadIdx.x; i < DEEP * tall; i += SIDE * SIDE) {
                int k = i % DEEP, r = i / DEEP;

                as[k * (tall + 1) + r] = k < deep && r0 + r < rows
                    ? value_at(w, at, seg, r0 + r)[k0 + k] : 0.0f;
            }
            for (int i = (int)threadIdx.x; i < DEEP * wide; i += SIDE * SIDE) {
                /* neighbours read neighbours, however the matrix stands */
                int k = ks == 1 ? i % DEEP : i / wide;
                int n = ks == 1 ? i / DEEP : i % wide;

                bs[k * (wide + 1) + n] = k < deep && n0 + n < size
                    ? sign * weights[(n0 + n) * ns + (k0 + k) * ks] : 0.0f;
            }
            __syncthreads();
            for (int k = 0; k < deep; k++) {
                float a[RM], b[RN];

#pragma unroll
                for (int i = 0; i < RM; i++)
                    a[i] = as[k * (tall + 1) + y + SIDE * i];
#pragma unroll
                for (int j = 0; j < RN; j++)
                    b[j] = bs[k * (wide + 1) + x + SIDE * j];
#pragma unroll
                for (int i = 0; i < RM; i++)
#pragma unroll
                    for (int j = 0; j < RN; j++)
                        c[i][j] = fmaf(a[i], b[j], c[i][j]);
            }
            __syncthreads();
        }
        seg += SEGMENT_WORDS;
        block += BLOCK_WORDS;
    }
    for (int i = 0; i < RM; i++)
        for (int j = 0; j < RN; j++) {
            int r = r0 + y + SIDE * i, n = n0 + x + SIDE * j;

            if (r < rows && n < size)
                value_at(w, at, o + OUT_VALUE, r)[n] =
                    finished(w, at, code, o, r, n, c[i][j]);
        }
}

KERNEL
product_1(struct work w)
{
    product_tiles<1, 1>(w);
}

KERNEL
product_4(struct work w)
{
    product_tiles<4, 4>(w);
}
