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

/* What a value is, which says where it comes from and how long it lives. */
enum value_class {
    V_UNKNOWN,
    V_NUMBER,    /* a constant: num */
    V_INPUT,     /* the layer's input */
    V_STATE,     /* state `index` before the step */
    V_NEXT,      /* and after it: V_STATE of the next step */
    V_OUTPUT,    /* the output, where it is no state */
    V_DOUTPUT,   /* adjoint of the output */
    V_DINPUT,    /* adjoint of the input */
    V_DNEXT,     /* adjoint of state `index` after the step */
    V_DSTATE,    /* and before it: V_DNEXT of the step before */
    V_VECTOR,    /* param_only, one for all rows: learned vector `index`, or
                    (-1) what is made of them or summed over rows */
    V_KEPT,      /* kept for every step */
    V_TEMP,      /* between instructions of one region, one step */
    V_SCRATCH,   /* between operations of one run */
};

/*
 * A value: `size` numbers a row and step.  Kept, temporary and scratch values
 * live from where they are made (instruction `made`, operation `made_op` in it)
 * to where they are read last; instructions are numbered upwards in the order
 * in which they run, across regions.  A device may give two values the same
 * memory if one is made when the other is not read any more; an element-wise
 * operation may write where it reads.
 */
struct plan_value {
    enum value_class class;
    int size, index;
    float num;
    int region;                   /* it is made in; -1: elsewhere */
    int made, made_op, last, last_op;
    bool sink;                    /* read when all regions have run, too */
};

/* d = op(a...) over `size` units, or trim(op(a...)). */
struct plan_op {
    enum op op;
    bool trim;
    int nargs, power, site;
    double p;        /* OP_DROP */
    int d, a[3];     /* values */
};

enum start { START_ZERO, START_CHAIN, START_ADD };   /* gemm modes */
enum init_class { INIT_NONE, INIT_VEC, INIT_TOKEN, INIT_ROWS };

/* Row look-up: sign * column col0 + token of the matrix. */
struct plan_tok {
    int param, col0, sign;
};

enum { PLAN_TOKS = 4 };

struct plan_out {
    int d, size;
    int init;                /* INIT_VEC, INIT_ROWS; INIT_TOKEN: bias or -1 */
    int ntok;
    struct plan_tok tok[PLAN_TOKS];
};

struct plan_seg {
    int a, k;
};

/* Block (out, seg) of the packed matrix: out.size x seg.k from row0 and col0
 * on, or the transpose of seg.k x out.size. */
struct plan_block {
    int param, row0, col0, sign;
    bool transposed;
};

struct plan_gemm {
    enum start start;
    enum init_class init;
    bool trim;                    /* the end of the chain: an adjoint */
    int nout, nseg;
    struct plan_out *out;
    struct plan_seg *seg;
    struct plan_block *block;     /* (nout, nseg) */
};

/* dst[off + j] = src[from + j], j < n: concatenation and slices. */
struct plan_copy {
    int d, a, doff, aoff, n;
};

enum instr_kind { I_EW, I_GEMM, I_COPY, I_OVER };

struct instr {
    enum instr_kind kind;
    int size, nops;               /* I_EW; I_OVER: one operator */
    int heads;                    /* I_OVER: it is over each one's units */
    struct plan_op *ops;
    struct plan_gemm gemm;
    struct plan_copy copy;
};

struct plan_region {
    int n;
    struct instr *instr;
};

struct plan_weight {              /* weight_grad with values */
    int param, row0, col0, k, rows, sign;
    bool token, swapped;
    int arg, dy;                  /* arg: -1 by token */
};

struct plan_reduce {              /* vector d = sum over pairs of src */
    int src, d, size;
};

struct plan_vector {              /* gradient of a learned vector */
    int param, size;
    int src;                      /* a V_VECTOR */
};

struct plan_named {
    const char *name;
    int value, size;
};

struct plan_case {
    int at;
    int nvalues;
    struct plan_value *value;     /* what numbers of values stand for */
    struct plan_region region[REGIONS];
    struct plan_region vec;       /* param_only values, once an update */
    struct plan_region bvec;      /* their adjoints, after the reductions */
    int nweight, nreduce, nvector;
    struct plan_weight *weight;
    struct plan_reduce *reduce;
    struct plan_vector *vector;
    int *param;                   /* per parameter: its V_VECTOR, or -1 */
    int *dstate;                  /* per state: 1 if V_DSTATE is written */
    int nnamed;                   /* kept for observe */
    struct plan_named *named;
};

struct plan {
    const struct equations *eq;
    bool gradient, observe, dinput, carry;
    int ncases;
    struct plan_case *cases;
    int output;                   /* the state whose next value it is; -1: it
                                     is a V_OUTPUT */
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

#endif
