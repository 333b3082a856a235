/* work.cu - what kernels do before their own work: whose numbers, which row. */

#define KERNEL extern "C" __global__ void

/* Where the planes of this CTA's net begin; NULL: it does not take part. */
FUNCTION float *const *
planes_of(const struct work &w)
{
    if (!w.now[NOW_ACTIVE + blockIdx.z])
        return nullptr;
    return w.at + (size_t)blockIdx.z * (size_t)w.planes;
}

FUNCTION int
thread_number(void)
{
    return (int)(blockIdx.x * blockDim.x + threadIdx.x);
}

/* Rows of this launch. */
FUNCTION int
launch_rows(const struct work &w)
{
    return w.rows < 0 ? w.now[NOW_COMPACT] : w.rows;
}

/* Row r of the launch among a plane's. */
FUNCTION size_t
row_at(const struct work &w, int rows, int r)
{
    switch (rows) {
    case ROWS_HERE:
        return (size_t)(w.first + r);
    case ROWS_NEXT:
        return (size_t)(w.first + w.B + r);
    case ROWS_TURN:
        return (size_t)(w.turn * w.B + r);
    case ROWS_AFTER:
        return (size_t)((1 - w.turn) * w.B + r);
    case ROWS_LOCAL:
        return (size_t)r;
    default:
        return 0;
    }
}

/* Row r of a value. */
FUNCTION float *
value_at(const struct work &w, float *const *at, const int64_t *value, int r)
{
    return at[value[VALUE_PLANE]] + value[VALUE_OFF] +
           row_at(w, (int)value[VALUE_ROWS], r) * (size_t)value[VALUE_SIZE];
}

/* The token of row r of the launch. */
FUNCTION int
token_of(const struct work &w, int r)
{
    const int *list = w.list;

    if (w.rows < 0)
        r = list[w.now[NOW_PLACES] + r];
    else
        r += w.first;
    return list[w.now[NOW_TOKENS] + r];
}

/* A list of a set. */
FUNCTION const int *
set_list(const struct work &w, int set, int which)
{
    return w.list + w.list[set * SET_WORDS + which];
}

/* Unit j of row r, kept or not: docs/numerics.md, section 9.  site is the
 * drop()'s number in the net, least the first word that keeps. */
FUNCTION float
dropped(const struct work &w, float a, float scale, uint64_t least,
        uint32_t site, int r, int j)
{
    const int *seed = w.now + NOW_SEEDS + 2 * blockIdx.z;
    uint32_t k0 = (uint32_t)seed[0], k1 = (uint32_t)seed[1], word;
    uint32_t c0, c1 = site << 16 | (uint32_t)(j / 4);
    uint32_t c2 = (uint32_t)w.now[NOW_NUMBER], c3 = PURPOSE_DROP;

    if (!w.now[NOW_DROPOUT])
        return a;
    r = w.rows < 0 ? w.list[w.now[NOW_PLACES] + r] : w.first + r;
    c0 = (uint32_t)w.now[NOW_FIRST] + (uint32_t)r;
    for (int round = 0; round < 10; round++) {
        uint64_t x = (uint64_t)0xd2511f53 * c0, y = (uint64_t)0xcd9e8d57 * c2;

        c0 = (uint32_t)(y >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)y;
        c2 = (uint32_t)(x >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)x;
        k0 += 0x9e3779b9;
        k1 += 0xbb67ae85;
    }
    word = j % 4 == 0 ? c0 : j % 4 == 1 ? c1 : j % 4 == 2 ? c2 : c3;
    return word >= least ? a * scale : 0.0f;
}
