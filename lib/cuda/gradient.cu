/*
 * gradient.cu - gradients of weights: sums over pairs (a row at a step) in the
 * contract's segments and microbatches (docs/numerics.md, section 3).
 */

/* Is the token among those that came?  Its number there, or -1. */
FUNCTION int
distinct_number(const struct work &w, int token)
{
    const int *list = w.list + w.now[NOW_DISTINCT];
    int first = 0, end = w.now[NOW_NDISTINCT];

    while (first < end) {
        int m = (first + end) / 2;

        if (list[m] == token)
            return m;
        if (list[m] < token)
            first = m + 1;
        else
            end = m;
    }
    return -1;
}

/* A microbatch's plain sums of unit i where distinct token d came, segment by
 * segment, added to `sum`. */
FUNCTION float
by_token(const struct work &w, float *const *at, const int64_t *part,
         const int *first_segment, int d, int i, float sum)
{
    int set = (int)part[PART_SET];
    const int *starts = set_list(w, set, SET_STARTS);
    const int *rows = set_list(w, set, SET_TOKEN_ROWS);
    const int *segments = set_list(w, set, SET_TOKEN_SEGMENTS);
    int p = starts[d], end = starts[d + 1];
    float sign = (float)part[PART_SIGN];

    while (p < end && segments[p] < first_segment[0])
        p++;
    while (p < end && segments[p] < first_segment[1]) {
        int segment = segments[p];
        float c = 0.0f;

        for (; p < end && segments[p] == segment; p++)
            c = c + value_at(w, at, part + PART_DY, rows[p])[i];
        sum = sum + sign * c;
    }
    return sum;
}

/* A microbatch's chains for element (i, j), one a segment, added to `sum`. */
FUNCTION float
by_pair(const struct work &w, float *const *at, const int64_t *part,
        const int *first_segment, int i, int j, float sum)
{
    int set = (int)part[PART_SET];
    const int *rows = set_list(w, set, SET_ROWS);
    const int *segments = set_list(w, set, SET_SEGMENTS);
    float sign = (float)part[PART_SIGN];

    for (int s = first_segment[0]; s < first_segment[1]; s++) {
        float c = 0.0f;

        for (int p = segments[s]; p < segments[s + 1]; p++)
            c = fmaf(value_at(w, at, part + PART_DY, rows[p])[i],
                     sign * value_at(w, at, part + PART_ARG, rows[p])[j], c);
        sum = sum + c;
    }
    return sum;
}

/* Element (i, j) of a sum; d: the number of token j, or -1.  w.b: microbatches,
 * in all of these kernels. */
FUNCTION void
element(const struct work &w, float *const *at, int i, int j, int d)
{
    const int64_t *code = w.code;
    float total = 0.0f, *g = at[PLANE_GRADIENT] + code[SUM_OFF] +
                             i * code[SUM_LD] + j;

    for (int m = 0; m < w.b; m++) {
        const int64_t *part = code + SUM_WORDS;
        float sum = 0.0f;

        for (int n = 0; n < (int)code[SUM_PRODUCTS]; n++) {
            const int *first = set_list(w, (int)part[PART_SET], SET_BLOCKS) +
                               m;

            if (!part[PART_TOKEN])
                sum = by_pair(w, at, part, first, i, j, sum);
            else if (d >= 0)
                sum = by_token(w, at, part, first, d, i, sum);
            part += PART_WORDS;
        }
        total = total + sum;
    }
    *g = code[SUM_SET] ? total : *g + total;
}

/* A thread an element: small matrices, and those that tokens and vectors
 * meet. */
KERNEL
gradient(struct work w)
{
    float *const *at = planes_of(w);
    int n = thread_number(), k = (int)w.code[SUM_K];

    if (at && n / k < (int)w.code[SUM_ROWS])
        element(w, at, n / k, n % k, distinct_number(w, n % k));
}

/* The columns of the tokens that came; the others' are +0 before. */
KERNEL
gradient_tokens(struct work w)
{
    float *const *at = planes_of(w);
    int n = thread_number(), rows = (int)w.code[SUM_ROWS], d = n / rows;

    if (at && d < w.now[NOW_NDISTINCT])
        element(w, at, n % rows, w.list[w.now[NOW_DISTINCT] + d], d);
}

/* Tiles as in product.cu, the pairs being its depth. */
template <int RM, int RN>
FUNCTION void
gradient_tiles(const struct work &w)
{
    float *const *at = planes_of(w);
    const int64_t *code = w.code;
    const int tall = SIDE * RM, wide = SIDE * RN;
    int x = (int)threadIdx.x % SIDE, y = (int)threadIdx.x / SIDE;
    int i0 = (int)blockIdx.x * tall, j0 = (int)blockIdx.y * wide;
    int rows = (int)code[SUM_ROWS], cols = (int)code[SUM_K];
    float *as = (float *)shared_memory(), *bs = as + DEEP * (tall + 1);
    float c[RM][RN], sum[RM][RN], total[RM][RN];

    if (!at)
        return;
    for (int i = 0; i < RM; i++)
        for (int j = 0; j < RN; j++)
            total[i][j] = 0.0f;
    for (int m = 0; m < w.b; m++) {
        const int64_t *part = code + SUM_WORDS;

        for (int i = 0; i < RM; i++)
            for (int j = 0; j < RN; j++)
                sum[i][j] = 0.0f;
        for (int n = 0; n < (int)code[SUM_PRODUCTS]; n++, part += PART_WORDS) {
            int set = (int)part[PART_SET];
            const int *pairs = set_list(w, set, SET_ROWS);
            const int *segments = set_list(w, set, SET_SEGMENTS);
            const int *first = set_list(w, set, SET_BLOCKS) + m;
            float sign = (float)part[PART_SIGN];

            for (int s = first[0]; s < first[1]; s++) {
                for (int i = 0; i < RM; i++)
                    for (int j = 0; j < RN; j++)
                        c[i][j] = 0.0f;
                for (int p = segments[s]; p < segments[s + 1]; p += DEEP) {
                    int deep = segments[s + 1] - p;

                    deep = deep < DEEP ? deep : DEEP;
                    for (int e = (int)threadIdx.x; e < DEEP * tall;
                         e += SIDE * SIDE) {
                        int k = e / tall, i = e % tall;

                        as[k * (tall + 1) + i] = k < deep && i0 + i < rows
                            ? value_at(w, at, part + PART_DY,
                                       pairs[p + k])[i0 + i] : 0.0f;
                    }
                    for (int e = (int)threadIdx.x; e < DEEP * wide;
                         e += SIDE * SIDE) {
                        int k = e / wide, j = e % wide;

                        bs[k * (wide + 1) + j] = k < deep && j0 + j < cols
                            ? sign * value_at(w, at, part + PART_ARG,
                                              pairs[p + k])[j0 + j] : 0.0f;
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
                for (int i = 0; i < RM; i++)
                    for (int j = 0; j < RN; j++)
                        sum[i][j] = sum[i][j] + c[i][j];
            }
        }
        for (int i = 0; i < RM; i++)
            for (int j = 0; j < RN; j++)
                total[i][j] = total[i][j] + sum[i][j];
    }
    for (int i = 0; i < RM; i++)
        for (int j = 0; j < RN; j++) {
            int n = i0 + y + SIDE * i, k = j0 + x + SIDE * j;

            if (n < rows && k < cols) {
                float *g = at[PLANE_GRADIENT] + code[SUM_OFF] +
                           n * code[SUM_LD] + k;

                *g = code[SUM_SET] ? total[i][j] : *g + total[i][j];
            }
        }
}

KERNEL
gradient_1(struct work w)
{
    gradient_tiles<1, 1>(w);
}

KERNEL
gradient_4(struct work w)
{
    gradient_tiles<4, 4>(w);
}

/*
 * Plain sums of a value's units, for learned vectors: 16 units a CTA and 16
 * segments at once, which are then added in order.  a: set, b: microbatches;
 * code: the value, and the vector that it goes to.
 */
KERNEL
reduce(struct work w)
{
    float *const *at = planes_of(w);
    const int64_t *from = w.code, *to = from + VALUE_WORDS;
    const int *pairs = set_list(w, w.a, SET_ROWS);
    const int *segments = set_list(w, w.a, SET_SEGMENTS);
    const int *blocks = set_list(w, w.a, SET_BLOCKS);
    int x = (int)threadIdx.x % SIDE, y = (int)threadIdx.x / SIDE;
    int n = (int)blockIdx.x * SIDE + x, size = (int)from[VALUE_SIZE];
    float *part = (float *)shared_memory();
    float total = 0.0f, sum = 0.0f;
    int m = 0;

    if (!at)
        return;
    for (int s0 = 0; s0 < blocks[w.b]; s0 += SIDE) {
        float c = 0.0f;

        if (s0 + y < blocks[w.b] && n < size)
            for (int p = segments[s0 + y]; p < segments[s0 + y + 1]; p++)
                c = c + value_at(w, at, from, pairs[p])[n];
        part[y * SIDE + x] = c;
        __syncthreads();
        for (int s = s0; y == 0 && s < s0 + SIDE && s < blocks[w.b]; s++) {
            for (; s == blocks[m + 1]; m++) {
                total = total + sum;
                sum = 0.0f;
            }
            sum = sum + part[(s - s0) * SIDE + x];
        }
        __syncthreads();
    }
    if (y == 0 && n < size)
        value_at(w, at, to, 0)[n] = total + sum;
}

/* Learned vectors: what came of them to the gradient.  a: where, b: units. */
KERNEL
add_vector(struct work w)
{
    float *const *at = planes_of(w);
    int n = thread_number();

    if (at && n < w.b) {
        float *g = at[PLANE_GRADIENT] + w.code[VALUE_WORDS] + n;

        *g = *g + value_at(w, at, w.code, 0)[n];
    }
}

/* Learned initial values: the adjoint of the states before the first step, a
 * microbatch's rows at a time.  b: units; code: the adjoint, the gradient. */
KERNEL
add_states(struct work w)
{
    float *const *at = planes_of(w);
    int n = thread_number();
    float total = 0.0f;

    if (!at || n >= w.b || !w.now[NOW_FRESH])
        return;
    for (int r0 = 0; r0 < w.B; r0 += MICROBATCH) {
        float sum = 0.0f;

        for (int r = r0; r < r0 + MICROBATCH && r < w.B; r++)
            sum = sum + value_at(w, at, w.code, r)[n];
        total = total + (0.0f + sum);
    }
    at[PLANE_GRADIENT][w.code[VALUE_WORDS] + n] += total;
}
