/*
 * kernel.h - what the CPU engine asks of an instruction set.
 *
 * One source a kernel (lib/cpu/kernels/), compiled once per instruction set
 * over vec.h, whose vector has 16 float lanes everywhere (one zmm, two ymm,
 * four xmm or NEON registers).  All give the same bits (docs/numerics.md):
 * a product's element is one chain of fused multiply-adds, k ascending.
 *
 * Layout: a vector of n units takes round16(n) floats, its pad lanes hold
 * anything finite or not and are never mixed into real lanes.  Rows stand
 * `stride` floats apart; every address of a vector is 64-byte aligned unless
 * a comment says otherwise.
 */
#ifndef CPU_KERNEL_H
#define CPU_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "cell/op.h"
#include "graph/update.h"

enum { LANES = 16 };

/* Adjoints are trimmed: what is below this in magnitude is +0
 * (docs/numerics.md, "Trim"). */
#define TRIM_BELOW 0x1p-100f

/* +0 if |x| < 2^exponent (a normal number), else x; NaN stays.  By whole
 * numbers, so that the compiler makes vectors of it. */
static inline float
cut_below(float x, int exponent)
{
    int32_t bits, least = (127 + exponent) << 23;

    memcpy(&bits, &x, sizeof bits);
    bits &= -(int32_t)((bits & INT32_MAX) >= least);
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline float
trim(float x)
{
    return cut_below(x, -100);
}

/* ---- products ------------------------------------------------------------
 * C[r][v*16+j] over rows r and column vectors v: a chain of fma over the
 * segments in order, k ascending in each:
 *     acc = start;  for seg, for k: acc = fma(A[r][k], B[k][col], acc)
 *     C = end(acc), trimmed (see below) if `trim`
 * A's element (r, k) of a segment is a[r * rs + k * ks], any alignment.
 * B is packed by `pack` below, or a fleet's where it is.  Column vector v of
 * row r lies at c + r * crs + coff[v].
 * The initial row is  i_r = init + (tok ? tok[r * tok_stride] : r) * irs
 * and its column vector v at i_r + ioff[v] (irs = 0: the same for all rows).
 */
enum gemm_mode {
    GEMM_ZERO,      /* acc from +0; C = acc */
    GEMM_CHAIN,     /* acc from init; C = acc */
    GEMM_ADD,       /* acc from +0; C = init + acc (init may be C itself) */
    GEMM_SUM,       /* acc from +0 for each segment that `begins` a chain:
                       C = (C + acc) + acc + ..., the first C +0 if `set` */
};

/* Memory that will be read or written soon.  Products fetch it while they add
 * up: 2 * lines lines of 64 bytes every PREFETCH_STRIDE k of a tile, half
 * from p on, half from p + half on; then p moves on by step, up to end; then
 * come the other parts. */
enum { PREFETCH_STRIDE = 8, PREFETCH_MOST = 32 };

struct prefetch_part {
    const float *p, *end;
};

struct prefetch {
    const float *p, *end;
    int lines;
    ptrdiff_t half, step;
    const struct prefetch_part *next, *last;     /* last: one behind */
};

struct gemm_seg {
    const float *a;
    ptrdiff_t rs, ks;
    int k;
    bool begins;                    /* GEMM_SUM; the first must */
    const float *b;                 /* its first k, where B is not packed */
};

struct gemm {
    int nets;                       /* 1, or LANES: then every number is a
                                       vector of theirs, a column vector one
                                       column */
    int rows, nvec;                 /* column vectors in all */
    int nseg;
    const struct gemm_seg *seg;
    const float *b;                 /* packed, sum of seg.k deep */
    ptrdiff_t bk;                   /* of a fleet that is not packed (else 0):
                                       floats from one k to the next; columns
                                       are side by side */
    float *c;
    ptrdiff_t crs;
    const ptrdiff_t *coff;          /* (nvec) */
    enum gemm_mode mode;
    bool set;                       /* GEMM_SUM */
    bool trim;                      /* not with GEMM_SUM */
    const float *init;
    ptrdiff_t irs;
    const ptrdiff_t *ioff;          /* (nvec) */
    const int32_t *tok;             /* (rows) or NULL */
    ptrdiff_t tok_stride;
    struct prefetch *prefetch;      /* or NULL.  Not fetched by a product of one
                                       tile, nor where B exceeds a cache: then
                                       that is */
};

/* ---- element-wise programs ------------------------------------------------
 * A run of operations over vectors of one size, done tile by tile (some rows
 * times some column vectors, a few KB, so that temporaries stay in L1).
 * Operands: a scratch slot of the tile, an array's vector, or a constant.
 * Operators are those of cell/ops.def, d = op(a, b, c); what each does is in
 * kernels/ew_body.h.
 */
enum ew_where {
    EA_SLOT,      /* scratch slot `off` of the tile */
    EA_ARRAY,     /* array number `arr`: base + row * stride + off */
    EA_CONST,     /* the number k of the operand */
};

struct ew_arg {
    uint8_t where;
    uint8_t arr;
    float k;
    ptrdiff_t off;   /* slot number, or floats from the row's start */
};

struct ew_op {
    uint8_t code;            /* enum op, an element-wise one */
    uint8_t nargs;
    bool trim;               /* the result; not where it differs by row */
    int16_t power;           /* POW, D_POW: the power; ONEHOT: how often each
                                unit stands there (a fleet's lanes) */
    struct ew_arg d, a, b, c;
    double p;                /* DROP: as the config has it, */
    float scale;             /* and 1 / (1 - p) */
    uint32_t site;           /* DROP: number of the drop() in the model */
};

struct ew_prog {
    int nops, nslots;        /* slots are numbered 0..nslots-1, <= 64 */
    int size;                /* units: vectors of round16(size) floats */
    const struct ew_op *ops;
};

enum { EW_ARRAYS = 16 };

struct ew_drop {
    uint64_t seed;
    uint32_t step;
};

/* Where a run happens: rows 0..rows-1 of each array. */
struct ew_ctx {
    int rows;
    float *base[EW_ARRAYS];
    ptrdiff_t stride[EW_ARRAYS];    /* floats between rows; 0: same for all */
    const int32_t *tok;             /* tokens of the rows, or NULL */
    ptrdiff_t tok_stride;
    /* DROP: Philox(seed; index, step, RNG_DROP) where index's high word is
     * site << 16 | block of 4 units and low word = place[row]; unit u is kept
     * iff word u%4 >= p * 2^32. */
    const struct ew_drop *drop;
    const uint32_t *place;          /* (rows): step * 2^? + row, made by the
                                       engine; opaque here */
};

/* One operation over one tile: `rows` rows of `nvec` vectors.  An operand's
 * row r begins at p + r * row; its vectors stand `vec` floats apart: 16, or 0
 * for a constant, whose 16 copies lie at p.  d may be one of the arguments. */
struct ew_operand {
    float *p;
    ptrdiff_t row, vec;
};

struct ew_tile {
    int rows, nvec;
    int row0, col0;              /* the run's row and unit it begins at */
    struct ew_operand d, a, b, c;
    const struct ew_op *op;
    const struct ew_ctx *ctx;
};

enum {
    EW_FEW = 16,                    /* vectors of an operand: one tile */
    EW_SLOTS = 64 * EW_FEW * LANES, /* floats of its scratch slots */
};

static inline bool
ew_few(const struct ew_prog *p, int rows)
{
    return (ptrdiff_t)rows * ((p->size + LANES - 1) / LANES) <= EW_FEW;
}

/* Constants of a program: each has LANES copies. */
static inline int
ew_constants(const struct ew_prog *p)
{
    int n = 0;

    for (const struct ew_op *o = p->ops; o < p->ops + p->nops; o++)
        n += (o->nargs > 0 && o->a.where == EA_CONST) +
             (o->nargs > 1 && o->b.where == EA_CONST) +
             (o->nargs > 2 && o->c.where == EA_CONST);
    return n;
}

/* ---- operators over units --------------------------------------------------
 * d = op(arg[0], ...) over each of `heads` heads of `units` units, row by row
 * (cell/ops.def, docs/numerics.md).  A unit is `lanes` floats: 1, or LANES, of
 * as many nets.  d is none of the arguments.
 */
struct over_rows {
    float *p;                       /* NULL: the operator has fewer arguments */
    ptrdiff_t stride;               /* floats between rows; 0: same for all */
};

struct over {
    enum op op;
    int rows, heads, units, lanes;
    struct over_rows d, arg[3];
};

/* ---- updates --------------------------------------------------------------
 * What an update takes, each LANES times: of one net all alike, of a fleet a
 * number a net.  `in` and `out` are epsilon where it stands, or 0; rest is
 * 1 - alpha, rest1 and rest2 are 1 - beta1 and 1 - beta2; step is lr / c1, root
 * the square root of c2, where c1 = 1 - beta1^t, c2 = 1 - beta2^t by running
 * products in double, then rounded; AdamW has no decay, and shrink lr * decay
 * (else 0).
 */
enum rule_number {
    RULE_SCALE, RULE_LR, RULE_DECAY, RULE_MU, RULE_ALPHA, RULE_REST, RULE_IN,
    RULE_OUT, RULE_BETA1, RULE_BETA2, RULE_REST1, RULE_REST2, RULE_STEP,
    RULE_ROOT, RULE_SHRINK, RULE_NUMBERS
};

struct rule_numbers {
    enum update_kind kind;
    bool nesterov;
    float x[RULE_NUMBERS][LANES];
};

/* ---- the rest -------------------------------------------------------------*/

struct kernels {
    const char *isa;      /* "sse2", "avx2", "avx512", "neon" */

    void (*gemm)(const struct gemm *g);
    /* Floats needed for a packed B of `nvec` column vectors, k deep. */
    size_t (*pack_size)(int k, int nvec);
    /* Put the n x k block w into packed B at depth k0 and column vector v0:
     * element (column j, depth i) = sign * w[j * ns + i * ks], j < n, i < k.
     * ktotal is that of the whole B.  B was zeroed once before. */
    void (*pack)(int nets, float *b, int ktotal, int k0, int v0,
                 const float *w, ptrdiff_t ns, ptrdiff_t ks, int n, int k,
                 float sign);

    void (*ew)(const struct ew_prog *p, const struct ew_ctx *c);
    /* The same in two parts, for few rows (ew_few) that come again and again:
     * tile (nops) made once, then run.  slots (EW_SLOTS floats), constants
     * (ew_constants, LANES) and c are theirs as long. */
    void (*ew_make)(const struct ew_prog *p, const struct ew_ctx *c,
                    float *slots, float *constants, struct ew_tile *tile);
    void (*ew_run)(const struct ew_tile *tile, int n);

    void (*over)(const struct over *o);

    /* acc[j] += segment sum: s = +0; for r ascending s += x[r * stride + j]
     * (rows with use[r] == 0 left out; use may be NULL); acc[j] += s. */
    void (*colsum)(float *acc, const float *x, ptrdiff_t stride, int rows,
                   int size, const uint8_t *use);

    /* c[n] = from[n] + sign * w[n * ns], n < size, of one net or of LANES (each
     * a vector); without `from` (NULL) c[n] = sign * w[n * ns]. */
    void (*look)(int nets, float *c, const float *from, const float *w,
                 ptrdiff_t ns, int size, float sign);
    /* to[tok[r] * width + j] += x[r * stride + j], r ascending; width is a
     * multiple of 16. */
    void (*scatter)(float *to, const int32_t *tok, const float *x,
                    ptrdiff_t stride, int rows, int width);
    /* acc[j] += sign * part[j]; part[j] = +0; n is a multiple of 16. */
    void (*drain)(float *acc, float *part, int n, float sign);

    /* Softmax cross-entropy of `rows` rows of logits (K classes, stride ls),
     * of one net or LANES of them (then each number is a vector of theirs):
     * m = max (NaN if any is), e = exp(x - m), s = 16 partial sums by index
     * mod 16, then the tree ((0+8)+(4+12)) ... of docs/numerics.md.
     * loss[r] = d_log((double)s) - ((double)x[target] - (double)m).
     * If dlogits: d = (e/s - onehot) / count, one division each, trimmed, pads
     * +0.
     * probs, dlogits may be NULL; correct[r] = 1 if the first largest logit
     * is the target's, and the loss is not NaN.  The target is the same for
     * every net. */
    void (*softmax)(int nets, int rows, int classes, const float *logits,
                    ptrdiff_t ls, const int32_t *target, float count,
                    double *loss, uint8_t *correct, float *dlogits,
                    ptrdiff_t ds, float *probs, ptrdiff_t ps);

    /* Gradients number at .. at+n-1 of one net or of LANES, g being the first:
     * which nets (bit by bit) have one that is NaN or beyond limit.  Each is
     * cut to -cut..cut (LANES, of one net all alike; NULL: not), and its square
     * added to part (PARTIALS, nets), by its number mod PARTIALS (NULL:
     * not). */
    uint32_t (*clip)(int nets, size_t at, size_t n, float *g, float limit,
                     const float *cut, double *part);

    /* n weights updated, formulas in docs/numerics.md: g is already clipped;
     * scale multiplies it first.  m, v are NULL where the rule has none. */
    void (*update)(const struct rule_numbers *u, size_t n, float *w,
                   const float *g, float *m, float *v);

    /* Multiply-adds a second of a loop that does nothing else, for benches:
     * runs `n` rounds and returns the flops done. */
    double (*peak)(long n);
};

/* The best this machine has, or the one UNROLL_ISA names (dies with RC_DEVICE
 * if it is missing here, RC_USAGE if unknown).  Sets the control registers:
 * round to nearest, gradual underflow. */
const struct kernels *kernels_pick(void);
/* By name; NULL if this machine cannot run it or the build lacks it. */
const struct kernels *kernels_named(const char *isa);

#endif
