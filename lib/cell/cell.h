/*
 * cell.h - the cell language (docs/cells.md): text in, sized equations out.
 *
 *   cell_parse()    text -> syntax; every error is file:line and dies
 *   cell_canonical  the text without comments and needless blanks: what goes
 *                   into a config, and so into a run's id
 *   cell_resolve()  syntax + sizes + options -> struct equations: names are
 *                   gone, every expression is a node with a size
 */
#ifndef CELL_CELL_H
#define CELL_CELL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "cell/op.h"

struct cell;

/* `file` is used in messages (and kept).  The caller frees with cell_free. */
struct cell *cell_parse(const char *text, const char *file);
void cell_free(struct cell *c);
/* Statements one a line, single blanks, no comments; parses to the same cell,
 * and is its own canonical form.  The caller frees. */
char *cell_canonical(const struct cell *c);
/* Declared options as {"forget_gate": true, ...} with the file's defaults;
 * the caller decrefs. */
json_t *cell_options(const struct cell *c);
bool cell_has_state(const struct cell *c);

/* Find a cell's text: as a path, in $UNROLL_CELLS, else among those compiled
 * in.  The caller frees; *file gets its name for messages (caller frees).
 * Dies if there is none, naming near ones. */
char *cell_find(const char *name, char **file);
/* Names of the compiled-in cells, NULL-ended. */
const char *const *cell_names(void);
/* The text of one of them, NULL if there is none. */
const char *cell_text(const char *name);

/* ---- resolved equations ------------------------------------------------ */

enum { EX_ARGS = 16 };

struct ex {
    enum op op;            /* a leaf, a mark, a function, OP_MATVEC: matrix
                              `param` times arg[0], OP_CONCAT, OP_SLICE */
    int size;              /* units; 0 only for OP_NUM */
    int nargs, arg[EX_ARGS];   /* earlier nodes */
    int param;             /* OP_PARAM, OP_MATVEC */
    bool transposed;       /* OP_MATVEC: the matrix is */
    int index;             /* OP_STATE: which; OP_DROP: numbers the sites;
                              OP_SLICE: its first unit in arg[0] */
    int power;             /* OP_POW: a whole number, may be negative */
    int heads;             /* of a function over units, each over its own */
    bool apart;            /* a term of its own in sums, as if it had a name */
    int head, of_heads;    /* OP_MATVEC, OP_SLICE: of a matrix of heads, number
                              `head` from 1 of so many; 0: of none */
    double num;            /* OP_NUM; OP_DROP: p */
    int line;              /* in the cell's text, for messages */
    const char *name;      /* the first name it was assigned to, or NULL */
};

/* How a parameter starts (docs/cells.md, "init"). */
enum init_kind {
    INIT_UNIFORM_FAN,      /* default: +-1/sqrt(fan_in) */
    INIT_ORTHOGONAL, INIT_XAVIER_UNIFORM, INIT_XAVIER_NORMAL,
    INIT_NORMAL,           /* standard deviation a */
    INIT_UNIFORM,          /* a..b */
    INIT_CONSTANT,         /* a */
    INIT_IDENTITY,
    INIT_CHRONO,           /* log U[1, a-1] */
    INIT_FORMULA,          /* f(i, n): see init_formula() */
};

/* What is made of a learned matrix before products use it: lib/graph. */
enum derive { DERIVE_NONE, DERIVE_CAYLEY, DERIVE_EXP, DERIVE_HOUSEHOLDER };

struct cell_param {
    char *name;            /* as in the text: "Uz" */
    bool matrix;
    int rows, cols;        /* vectors: cols = 1 */
    int heads;             /* blocks of as many rows each, for as many parts of
                              what the matrix acts on; 1 */
    enum derive derive;    /* products use what is made of it, as large */
    int fan_in;            /* columns of all products in its sum */
    enum init_kind init;
    double a, b;
    double sign;           /* 1, or -1 for `init b -chrono(T)` */
    int stack;             /* parameters with the same number >= 0 stood in
                              one `init [..]` and are drawn as one: matrices
                              (orthogonal, xavier_*) as one matrix, below one
                              another if their columns agree, else side by
                              side; vectors (chrono) from the same draw, each
                              with its sign.  -1: alone */
    int place;             /* in the stack, from 0 */
    int formula;           /* INIT_FORMULA: which, for init_formula() */
    double rate;           /* multiplies the learning rate; 1 */
    int line;
};

struct cell_state {
    char *name;
    int size;
    double num;            /* its value at the start, if param < 0 */
    int param;             /* learned initial value, or -1 */
};

/* What a name stands for when the step ends: "z", a state's next value "h'".
 * Several names can stand for one node. */
struct cell_name {
    const char *name;
    int node;
};

/* One way a step can go.  A cell without `at` has one case. */
struct cell_case {
    int at;                /* the step's number, from 1; 0: all others */
    int n;
    struct ex *ex;         /* in text order: arguments before users */
    int *next;             /* per state: the node of its primed value */
    int output;            /* node */
    int nnamed;
    struct cell_name *named;   /* in the order of their last assignments */
};

struct equations {
    int input_size, size, output_size;
    bool input_token;      /* OP_INPUT is a one-hot of a token */
    int nparams, nstates, ncases, ndrops;
    struct cell_param *params;   /* in order of first use in the text */
    struct cell_state *states;
    struct cell_case *cases;     /* `at 1`, `at 2`, ..., otherwise last */
    struct cell *cell;           /* the syntax it came from, borrowed */
};

struct cell_args {
    int input_size;
    bool input_token;
    int size;               /* the layer's */
    bool first_layer, last_layer;
    const json_t *options;  /* values for declared options; others ignored */
};

/* Dies (file:line) where sizes disagree or cannot be told.  The caller frees
 * with equations_free; the cell must outlive it. */
struct equations *cell_resolve(const struct cell *c,
                               const struct cell_args *args);
void equations_free(struct equations *e);

/* Value of an `init NAME = formula` at index i of n (dmath's functions). */
double init_formula(const struct equations *e, int formula, int i, int n);

/* The language's functions, a line each: "relu(x)      x if x > 0, else 0". */
void func_print(FILE *out);

#endif
