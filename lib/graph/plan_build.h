/* plan_build.h - inside the planner: items (operations not yet in order) and
 * values.  items.c makes items, schedule.c orders, merges and fuses them,
 * values.c says what each value is. */
#ifndef GRAPH_PLAN_BUILD_H
#define GRAPH_PLAN_BUILD_H

#include "graph/plan.h"

enum { R_VEC = REGIONS, R_BVEC, ALL_REGIONS };   /* param_only programs */

struct value {
    struct plan_value v;   /* class: V_UNKNOWN until it has a role, or at last
                              KEPT, TEMP, SCRATCH; made .. last_op are filled by
                              the scheduler */
    int item;              /* that makes it, -1: a leaf */
    bool keep;             /* another region or a sink reads it */
    bool outside;          /* read by something that is no run (gemm, copy,
                              sink): no scratch */
};

struct item_prod {
    int value, k, param, row0, col0, sign;
    bool transposed;
};

struct item {
    enum instr_kind kind;
    int region, dst;               /* value */
    /* I_EW, I_OVER */
    enum op op;
    int nargs, arg[3], power, site, heads;
    double p;
    /* I_GEMM */
    enum start start;
    enum init_class init;
    bool trim;
    int init_value;                /* value or -1 */
    int nprod;
    struct item_prod *prod;
    int ntok;
    struct plan_tok tok[PLAN_TOKS];
    /* I_COPY: arg[0] -> dst */
    int doff, aoff, n;
};

struct build {
    const struct graph *g;
    const struct graph_case *c;
    struct plan *plan;
    struct plan_case *pc;
    bool several;                  /* more than one case: all in the loop */
    int nval, cval, nitem, citem;
    struct value *val;
    struct item *item;
    int *of;                       /* node -> value */
    bool *outlives;                /* node: an adjoint of a next state that is
                                      read after its step */
};

int build_value(struct build *b, int size, int region);
struct item *build_item(struct build *b, enum instr_kind kind, int region,
                        int dst);

/* items.c: before all nodes: which adjoints need a copy; the items of node v.
 */
void build_outlive(struct build *b);
void build_node(struct build *b, int v);

/* When all items are there: order those of a region into instructions. */
struct schedule *schedule_open(struct build *b);
void schedule_region(struct schedule *s, int region, struct plan_region *out);
void schedule_close(struct schedule *s);
/* values.c: before scheduling, roles and who must be kept. */
void value_roles(struct build *b);
/* After it: the classes of the others; all values to the case. */
void value_classes(struct build *b);

#endif
