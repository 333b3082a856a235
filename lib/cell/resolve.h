/*
 * resolve.h - inside the cell room: the way from syntax to equations.
 *
 * resolve.c goes through the text in force: states, parameters, cases, sizes.
 * nodes.c turns one case's expressions into nodes, collecting what must have
 * the same size, over.c the functions over units.  init.c reads the init and
 * rate statements.
 */
#ifndef CELL_RESOLVE_H
#define CELL_RESOLVE_H

#include "cell/sizes.h"
#include "cell/syntax.h"

/* What the caller of cell_resolve() gets the first member of. */
struct resolved {
    struct equations e;
    struct arena arena;
    const struct cell *c;
    struct value *set;             /* options, per symbol */
    int *width;                    /* per symbol: its size, 0 if it has none */
    const struct expr **formula;
    int nformulas;
};

/* What an expression came to. */
enum val_kind { VAL_NONE, VAL_NUMBER, VAL_NODE };
struct val {
    enum val_kind kind;
    double num;
    int node;
};

struct width {              /* `: 4*h` or `size u = 4*h` */
    int var, line;
    const char *name;
    const struct expr *value;
    bool done;
};

struct slice {              /* x[from:to] */
    int at, node;           /* case's place, node */
    int of, var;            /* sizes: of the whole vector, of the slice */
    const struct expr *src;
    int from, to;
    bool done;
};

struct resolver {
    struct resolved *out;
    const struct cell *c;
    const struct value *set;
    const struct cell_args *args;
    struct sizes sizes;
    int *var;               /* per symbol: its size, a matrix's rows */
    int *cols;              /* per symbol: a matrix's columns */
    int *heads;             /* per symbol: a matrix's heads, 0: it has none */
    int *head_rows;         /* and the size of the rows of one, or -1 */
    const struct stmt **made;   /* per symbol: what makes a matrix, or NULL */
    int *param, *state;     /* per symbol: its place, or -1 */
    struct width *width;
    struct slice *slice;
    int nwidths, nslices, output_var, nnodes;
    const char **prime;     /* per state: "h'" */

    struct cell_case *cs;   /* the case being built */
    int cap;
    int *node_var;          /* per node: its size; -1: a number */
    const struct expr **src;
    struct val *now;        /* per symbol: what it stands for so far */
    struct val *next;       /* per symbol: a state's next value */
    int *leaf;              /* per symbol: node of an input, state, vector */
};

const char *sym_name(const struct resolver *r, int sym);
/* " (at step 3)" where there are several cases, else "". */
const char *case_text(const struct resolver *r);

/* A new node of r->cs: `src` for messages, `var` its size (-1: a number); one
 * more argument of it; the node or number of an expression. */
int node_new(struct resolver *r, enum op op, const struct expr *src, int var);
void node_arg(struct resolver *r, int node, int arg);
struct val node_build(struct resolver *r, const struct expr *e);
/* over.c: a function over units; what of it waits for the sizes. */
struct val over_build(struct resolver *r, const struct expr *e);
void over_fill(struct resolver *r, int node);
/* Build the statements in force at step `at` into r->cs (see cell.h). */
void build_case(struct resolver *r, int at);
/* Both expressions have the same size, or die saying which have not. */
void need_same(struct resolver *r, int line, const struct expr *a, int va,
               const struct expr *b, int vb);

/* slice.c: node `node` is src's units of node `of`; its bounds are taken when
 * they are known (slice_solve: true then), and when all sizes are. */
void slice_new(struct resolver *r, int node, const struct expr *src, int of);
bool slice_solve(struct resolver *r, struct slice *s);
void slice_finish(struct resolver *r, const struct slice *s);

/* heads.c: which matrices have heads or are made of others; a product of one
 * with heads and a node; what of it waits for the sizes. */
void heads_read(void *resolver, const struct stmt *s);
struct val heads_build(struct resolver *r, const struct expr *e, int node);
void heads_fill(struct resolver *r, int node);

/* When all sizes are known: fan_in, init, rate of every parameter. */
void read_inits(struct resolver *r);
/* number_env.width for a resolver and for a finished struct resolved. */
double width_known(void *resolver, int sym, bool *known);
double width_final(void *resolved, int sym, bool *known);

#endif
