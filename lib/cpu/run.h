/*
 * run.h - inside the engine: a net's plan made ready for the kernels.
 *
 * Rows of a batch are taken in blocks: a microbatch, or several in windows of
 * one step (net_plan_rows()).  A block's arrays hold (step, row) flattened: row
 * r of step t is number t * R + r.  Each value has a plane of its own, its rows
 * one after another without gaps, so that runs and products read in sequence.
 * Layers of the recurrent stack see every position; those of the head the
 * positions that the mask has, gathered one after another ("compact").
 */
#ifndef CPU_RUN_H
#define CPU_RUN_H

#include "cpu/engine.h"
#include "cpu/kernel.h"
#include "cpu/launch.h"
#include "cpu/layout.h"
#include "cpu/live.h"
#include "cpu/pool.h"
#include "graph/net_plan.h"
#include "graph/sizes.h"

enum { TILE_ROWS = 128, MAX_SEGS = 256,
       LARGE_TABLE = 1 << 16,       /* weights; its columns are worth leaving
                                       alone whose token did not come */
       /* steps of two cases can take turns all through a segment */
       MAX_PARTS = SEGMENT / 2 + 1 };

/* Tokens, each once. */
struct token_set {
    uint8_t *in;                    /* per token */
    int32_t *list;
    int n;
};

/* An instruction with its packed weights. */
struct code {
    enum instr_kind kind;
    const struct ref *at;           /* of the case's values */
    /* I_EW */
    struct ew_prog ew, ew_eval;     /* with and without dropout */
    int nplaces;                    /* arrays it touches, but for P_VEC */
    uint8_t place[PLACES];
    /* I_GEMM */
    const struct plan_gemm *plan;
    struct gemm gemm;               /* all but addresses of rows */
    struct gemm_seg *seg;
    ptrdiff_t *coff, *ioff;
    float *packed, *table;          /* table: bias + token columns */
    struct ref *a;                  /* each segment's value */
    ptrdiff_t *aoff;
    enum place dst, init;
    int depth;                      /* sum of k */
    /* I_COPY */
    const struct plan_copy *copy;
    /* I_OVER */
    const struct instr *over;
};

struct code_region {
    int n;
    struct code *code;
    double operations;              /* a row */
    /* what its products ask for (prefetch.c) */
    int nprefetch;
    struct ref *prefetch;
    double products;                /* of a number and a vector, a row */
};

struct code_case {
    const struct plan_case *plan;
    struct layout_case *layout;
    struct code_region region[REGIONS], vec, bvec;
};

struct layer {
    const struct net_layer *net;
    int drop_site;                  /* of its first drop() in the net */
    /* of the step variant under way */
    const struct plan *plan;
    const struct layout *layout;
    struct code_case *cases;
    float *vec;                     /* P_VEC */
    struct layer_code {             /* of each; NULL until it runs */
        struct layout *layout;
        struct code_case *cases;
        float *vec;
        int ntables;                /* codes that have a table by token */
        struct code **table;
        struct token_set made;      /* tokens whose rows are in the tables */
    } code[STEP_VARIANTS];
    float *rblock, *rtotal;         /* like vec: reductions */
    /* block arrays; base: where each begins, for exec.c */
    float *base[PLACES];
    int keep_floats;                /* of a row of keep */
    float *keep, *state, *out, *dout;
    float *dn[2];                   /* adjoint of the states: before step t
                                       in dn[t & 1], after it in the other */
    float *iblock, *itotal;         /* gradients of initial states */
};

/* Pairs of one of the contract's segments; in windows of one step, a block's
 * pairs. */
struct segment {
    int first, end;                 /* flattened or compact numbers */
};

/* The sums of an accumulator: (rows, k), or (k, rows) where all of them are
 * columns by token: then rows of tokens that did not come are not there.  (A
 * fleet's columns are vectors; its small tables stand like the gradient.) */
struct sum {
    const struct accumulator *a;
    int rows;                       /* of its block */
    bool transposed;
    int ld;                         /* floats between rows of the buffers */
    bool in_place;                  /* total is in the gradient */
    ptrdiff_t *off;                 /* of each column vector: 0, 16, ... */
    float *block, *total;           /* of a microbatch; of the batch so far */
    bool shared;                    /* others add to some of its columns */
    /* transposed: the gradient's columns that were written last, and their
     * tokens, outside of which it is +0; NULL: none was */
    const float *in;
    struct token_set written;
    struct came {                   /* a thread's tokens in either, or NULL */
        struct token_set block, total;
    } *came;
};

struct scratch {                    /* one thread's */
    float *temp;
    float *pack;
    float *tok;
    struct token_set came;          /* tokens of a segment */
    bool *begun, *direct;           /* per accumulator: this thread's share of
                                       the total holds a sum; the block's sums
                                       go straight to it */
    double seconds[WORK_KINDS];
    double operations;              /* but for what is done once an update */
    struct launches once, pass[2];  /* of the stack's passes: forward, adjoint
                                    */
    struct launches *q;             /* the list under way */
    struct prefetch prefetch;       /* what its products ask for */
    struct prefetch_part part[PREFETCH_MOST];
};

struct runner {
    const struct net *net;
    struct stretches live;
    struct net_plan *plan;
    const struct kernels *k;
    struct runner_options o;
    int lanes;                      /* nets side by side: 1 or LANES */
    struct pool *pool;
    struct scratch *scratch;
    int nlayers, stack;             /* stack: the plan's stack */
    struct layer *layers;
    struct sum *sums;               /* one an accumulator */
    const float *weights;
    const float *learned;           /* what they are made of, where matrices are
                                       derived; the same where none is */
    float *made;                    /* for those weights, or NULL */
    size_t pack_floats;
    enum step_variant variant;      /* under way */
    bool stale[STEP_VARIANTS];      /* the weights are newer than the packs */
    /* the block under way */
    const struct window *w;
    struct mask mask;               /* the window's */
    loss_fn *loss;
    void *loss_ctx;
    bool gradient;                  /* this run asks for it */
    struct ew_drop drop;            /* its dropout */
    int row0, R, T;                 /* first row of the block, rows, steps */
    int *ends;                      /* (R): steps of the window that each row
                                       of the block has */
    bool padded;                    /* some row has fewer than T */
    size_t cap_flat, cap_compact;   /* places the arrays hold */
    size_t kept_floats;             /* of keep, state, out and dout */
    int cap_rows;                   /* rows of a block, likewise */
    bool spills;                    /* they are larger than a cache nearby */
    float *xin;                     /* vector input, padded */
    int32_t *tok;                   /* tokens, flattened */
    uint32_t *place;                /* for dropout */
    int ncompact;
    bool all_scored;                /* compact places are the flattened ones:
                                       the head works on the stack's arrays */
    int32_t *ct, *cb;               /* step and row of a compact place */
    float *cx, *cdx;                /* head's input and its adjoint */
    int32_t *ctok;
    uint32_t *cplace;
    int nstack_segments, nhead_segments, cap_segments;
    struct segment *stack_segments, *head_segments;
};

/* compile.c: all layers' code for the variant under way, and of all. */
void code_open(struct runner *r);
void code_close(struct runner *r);
/* Offsets of values, when the arrays have new sizes. */
void code_relocate(struct runner *r);
/* Pack everything that the variant under way needs from the weights block. */
void code_load(struct runner *r);

/* prefetch.c: note which values a region of the loop touches, `up` or down the
 * steps; ask for those that are touched after these rows' products.
 * prefetch_begin: ask for any parts, beside so many products of a number and a
 * vector. */
void prefetch_open(struct code_region *g, const struct plan_region *p,
                const struct ref *at, bool up);
void prefetch_region(const struct runner *r, struct scratch *s, int l,
                     const struct code_region *g, bool up, int first,
                     int rows);
void prefetch_begin(struct prefetch *a, const struct prefetch_part *part, int n,
                 double products);

/* exec.c: the launches of rows first .. first+rows-1 (flattened or compact) of
 * a region; of what is computed once an update. */
void exec_region(struct runner *r, int layer, int kase, enum region region,
                 int first, int rows, struct scratch *s);
void exec_vec(struct runner *r, struct layer *y, const struct code_region *c);

/* address.c: where the block's arrays begin, after R is known. */
void address_block(struct runner *r);
/* Row 0 of a layer's output; rows stand layer_stride() apart. */
float *layer_output(const struct runner *r, int l);
/* Row 0 of a value that outlives its step, and the floats between its rows;
 * of a number of one, in a case. */
float *ref_rows(const struct runner *r, int l, struct ref ref,
                ptrdiff_t *stride);
float *value_rows(const struct runner *r, int l, int kase, int value,
                  ptrdiff_t *stride);
/* Rows of an array's planes (times the lanes of a fleet): a value's plane
 * begins at off * this. */
ptrdiff_t plane_rows(const struct runner *r, int l, enum place p);

/* Floats of a vector of `size` units: a fleet has LANES nets a unit, a single
 * net pads to whole vectors; and from one row of an array to the next. */
static inline ptrdiff_t
wide(const struct runner *r, int size)
{
    return r->lanes > 1 ? (ptrdiff_t)size * LANES : round16(size);
}

static inline ptrdiff_t
row_stride(const struct runner *r, int size)
{
    return r->lanes > 1 ? (ptrdiff_t)size * LANES : row_floats(size);
}

static inline ptrdiff_t
layer_stride(const struct runner *r, int l)
{
    return row_stride(r, r->layers[l].plan->eq->output_size);
}

/* block.c: rows that the window's blocks have at most; arrays large enough for
 * any of them; the one that begins at row0 made ready; its last states handed
 * out. */
int block_rows(const struct runner *r);
void block_reserve(struct runner *r);
void block_begin(struct runner *r, int row0);
void block_end(struct runner *r);
/* Is a flattened place padding? */
static inline bool
is_pad(const struct runner *r, int f)
{
    return f / r->R >= r->ends[f % r->R];
}

/* Padding carries no adjoint, whatever its derivatives are: +0 in the rows
 * first..end-1 that do not have step t of the window, for the adjoint of the
 * states before it; and in all rows' padding for the adjoints that the layer's
 * gradients read.  What these are multiplied by there may still be infinite:
 * weights.c leaves it out. */
void pad_states(const struct runner *r, int l, int t, int first, int end);
void pad_gradients(const struct runner *r, int l);
/* A row of the window's vectors into one of the block's. */
void block_vector(const struct runner *r, float *to, const float *v);
void block_free(struct runner *r);

/* tokens.c */
void token_set_open(struct token_set *s, int tokens);
void token_set_close(struct token_set *s);
void token_set_clear(struct token_set *s);
/* The tables' rows for these tokens. */
void tokens_ready(struct runner *r, const int32_t *token, size_t n);
/* A weight's gradient at the tokens of n parts of a segment to accumulator a; a
 * block's sums to the total; the total to the gradient of the columns. */
void tokens_segment(struct runner *r, int layer, int kase,
                  const struct plan_weight *w, int a, const struct segment *c,
                  int n, int thread);
void tokens_add(const struct runner *r, const struct sum *u, int thread,
                int n0, int n1);
void tokens_finish(const struct runner *r, struct sum *u, float *grad,
                   size_t cols);
/* Is the gradient of its columns +0 where no token came? */
static inline bool
tokens_alone(const struct sum *u)
{
    return u->transposed && u->a->first && !u->shared;
}

/* passes.c */
void passes_run(struct runner *r);

/* sums.c */
void sums_open(struct runner *r);
void sums_close(struct runner *r);
/* Rows of the sum's matrix that are this thread's: whole lanes. */
void sum_share(const struct runner *r, const struct sum *u, int thread,
               int *n0, int *n1);
/* Elements of a buffer that belong to rows n0..n1-1 become +0. */
void sum_clear(const struct runner *r, const struct sum *u, int thread,
               float *x, int n0, int n1);
/* Where accumulator a's sums of this block go. */
float *sum_at(const struct runner *r, int a, const struct scratch *s);
/* Before a total's first sum: is it the first?  A kernel that cannot set it
 * gets it cleared. */
bool sum_begin(const struct runner *r, int a, int thread, bool can_set);
/* The block's rows n0..n1-1 to the total's. */
void sum_add(const struct runner *r, const struct sum *u, int thread, int n0,
             int n1);
/* The total to the gradient (P). */
void sum_finish(const struct runner *r, struct sum *u, float *grad);

/* weights.c: clear the totals; add a block's gradients (thread's share); put
 * the totals into grad (P). */
void weights_start(struct runner *r, float *grad);
void weights_block(struct runner *r, int thread);
void weights_finish(struct runner *r, float *grad);

/* vectors.c: the same for biases and other vectors, and for learned initial
 * states; a segment, then the block it ends. */
void vectors_start(struct runner *r);
void vectors_segment(struct runner *r, int l, const struct segment *c,
                     int thread);
void vectors_block(struct runner *r, int l, int thread);
void vectors_states(struct runner *r, int l);
void vectors_finish(struct runner *r, float *grad);
/* The stretches of a segment in which case `kase` of layer l runs: at most
 * MAX_PARTS. */
int segment_parts(const struct runner *r, int l, int kase,
                const struct segment *c, struct segment *part);

/* The case of a layer that runs at step t of the window. */
int layer_case(const struct runner *r, int l, int t);

#endif
