/*
 * plan.h - how a layer's step is run: what the passes make of its graph.
 *
 *   split   W [a; b] is two products (done when the graph is made)
 *   hoist   what does not depend on the state leaves the time loop: regions
 *           PRE and POST, and their adjoints
 *   merge   products of the same vectors become one wide product
 *   fuse    element-wise nodes between products become one run
 *   defer   weight gradients leave the loop: one product over steps and rows
 *   keep    only what a later region reads is kept for every step
 *
 * No pass changes a bit: all keep the order of docs/numerics.md.
 *
 * Regions run in this order; LOOP goes through the steps upwards, BLOOP
 * downwards, the others take all steps at once.
 */
#ifndef GRAPH_PLAN_H
#define GRAPH_PLAN_H

#include "graph/graph.h"

enum region { R_PRE, R_LOOP, R_POST, R_BPOST, R_BLOOP, R_BPRE, REGIONS };

/* Arrays a value can live in.  `off` says where among the array's values: the
 * sum of the rounded sizes of those before it, a multiple of 16. */
enum place {
    P_NONE,
    P_NUM,       /* a constant: num */
    P_SLOT,      /* scratch of a run: off = slot number */
    P_TEMP,      /* between instructions of one region, one step */
    P_KEEP,      /* kept for every step */
    P_INPUT,     /* the layer's input */
    P_STATE,     /* states before the step */
    P_NEXT,      /* states after it: P_STATE of the next step */
    P_OUT,       /* the output, where it is no state */
    P_DOUT,      /* adjoint of the output */
    P_DX,        /* adjoint of the input */
    P_DNEXT,     /* adjoint of the states after the step */
    P_DSTATE,    /* adjoint of the states before it */
    P_VEC,       /* param_only: one row for all */
    PLACES
};

struct ref {
    enum place place;
    int off;
    float num;       /* P_NUM */
    int size;        /* units of the value */
};

/* d = op(a...) over `size` units. */
struct plan_op {
    enum op op;
    int nargs, power, site;
    double p;        /* OP_DROP */
    struct ref d, a[3];
};

enum start { START_ZERO, START_CHAIN, START_ADD };   /* gemm modes */
enum init_class { INIT_NONE, INIT_VEC, INIT_TOKEN, INIT_ROWS };

/* Row look-up: sign * column col0 + token of the matrix. */
struct plan_tok {
    int param, col0, sign;
};

enum { PLAN_TOKS = 4 };

struct plan_out {
    struct ref d;
    int size;
    struct ref init;         /* INIT_VEC, INIT_ROWS; INIT_TOKEN: bias or
                                P_NONE */
    int ntok;
    struct plan_tok tok[PLAN_TOKS];
};

struct plan_seg {
    struct ref a;
    int k;
};

/* Block (out, seg) of the packed matrix. */
struct plan_block {
    int param, col0, sign;
    bool transposed;
};

struct plan_gemm {
    enum start start;
    enum init_class init;
    int nout, nseg;
    struct plan_out *out;
    struct plan_seg *seg;
    struct plan_block *block;     /* (nout, nseg) */
};

/* dst[off + j] = src[from + j], j < n: concatenation and slices. */
struct plan_copy {
    struct ref d, a;
    int doff, aoff, n;
};

enum instr_kind { I_EW, I_GEMM, I_COPY };

struct instr {
    enum instr_kind kind;
    int size, nops, nslots;       /* I_EW */
    struct plan_op *ops;
    struct plan_gemm gemm;
    struct plan_copy copy;
};

struct plan_region {
    int n;
    struct instr *instr;
    int temp;                     /* floats of a row's P_TEMP */
};

struct plan_weight {              /* weight_grad with places */
    int param, col0, k, rows, sign;
    bool token;
    struct ref arg, dy;
};

struct plan_reduce {              /* P_VEC off = sum over pairs of src */
    struct ref src, d;
    int size;
};

struct plan_vector {              /* gradient of a learned vector */
    int param, size;
    struct ref src;               /* P_VEC */
};

struct plan_named {
    const char *name;
    struct ref ref;
    int size;
};

struct plan_case {
    int at;
    struct plan_region region[REGIONS];
    struct plan_region vec;       /* param_only values, once an update */
    struct plan_region bvec;      /* their adjoints, after the reductions */
    int nweight, nreduce, nvector;
    struct plan_weight *weight;
    struct plan_reduce *reduce;
    struct plan_vector *vector;
    int *param_off;               /* per learned vector: P_VEC off, -1 */
    int *dstate;                  /* per state: 1 if P_DSTATE is written */
    int nnamed;                   /* kept for observe */
    struct plan_named *named;
};

struct plan {
    const struct equations *eq;
    bool gradient, observe, dinput, carry;
    int ncases;
    struct plan_case *cases;
    int keep, vec;                /* floats of a row's P_KEEP; of P_VEC */
    int state;                    /* floats of P_STATE */
    int *state_off;               /* per state */
    struct ref output;            /* P_NEXT or P_OUT */
    int out;                      /* floats of P_OUT and P_DOUT rows */
};

struct plan_options {
    bool gradient;       /* with the adjoint */
    bool observe;        /* every named vector is kept */
    bool dinput;         /* the layer below wants the adjoint of its output */
    bool carry;          /* the adjoint of the states before the step is
                            wanted: by the step before, or because their
                            initial values are learned */
};

/* Free with plan_free; the graph must outlive it. */
struct plan *plan_new(const struct graph *g, const struct plan_options *o);
void plan_free(struct plan *p);

static inline int
round16(int n)
{
    return (n + 15) & ~15;
}

/* Floats from a row of n units to the next.  Rows a multiple of 2 KB apart
 * would all fall on the same few lines of a cache. */
static inline int
row_floats(int n)
{
    int m = round16(n);

    return m && m % 512 == 0 ? m + 16 : m;
}

#endif
