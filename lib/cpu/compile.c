/* compile.c - instructions of the plan with addresses, packed weights and
 * tables that the kernels take. */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "cpu/run.h"

static struct ew_arg
ew_operand(const struct ref *r)
{
    struct ew_arg a = { .off = r->place == P_SLOT ? r->off : 0 };

    if (r->place == P_SLOT) {
        a.where = EA_SLOT;
    } else if (r->place == P_NUM) {
        a.where = EA_CONST;
        a.k = r->num;
    } else {
        a.where = EA_ARRAY;
        a.arr = (uint8_t)r->place;
    }
    return a;
}

static struct ew_op *
ew_ops(const struct instr *in, const struct ref *at, int lanes, int drop_site,
       bool dropout)
{
    struct ew_op *ops = xcalloc((size_t)in->nops, sizeof *ops);

    for (int i = 0; i < in->nops; i++) {
        const struct plan_op *o = &in->ops[i];
        struct ew_op *e = &ops[i];

        e->code = (uint8_t)o->op;
        e->trim = o->trim;
        e->nargs = (uint8_t)o->nargs;
        e->power = (int16_t)(o->op == OP_ONEHOT ? lanes : o->power);
        e->d = ew_operand(&at[o->d]);
        if (o->nargs > 0)
            e->a = ew_operand(&at[o->a[0]]);
        if (o->nargs > 1)
            e->b = ew_operand(&at[o->a[1]]);
        if (o->nargs > 2)
            e->c = ew_operand(&at[o->a[2]]);
        if (o->op != OP_DROP)
            continue;
        e->p = o->p;
        e->scale = 1.0f / (1.0f - (float)o->p);
        e->site = (uint32_t)(drop_site + o->site);
        if (!dropout)
            e->code = OP_MOV;
    }
    return ops;
}

/* Note an array that the run reads or writes. */
static void
touch(struct code *c, const struct ew_arg *a)
{
    if (a->where != EA_ARRAY || a->arr == P_VEC)
        return;
    for (int i = 0; i < c->nplaces; i++)
        if (c->place[i] == a->arr)
            return;
    c->place[c->nplaces++] = a->arr;
}

static void
code_ew(struct code *c, const struct instr *in, int slots, int lanes,
        int drop_site)
{
    c->ew = (struct ew_prog){ in->nops, slots, in->size * lanes,
                              ew_ops(in, c->at, lanes, drop_site, true) };
    c->ew_eval = c->ew;
    c->ew_eval.ops = ew_ops(in, c->at, lanes, drop_site, false);
    for (int i = 0; i < in->nops; i++) {
        touch(c, &c->ew.ops[i].d);
        touch(c, &c->ew.ops[i].a);
        touch(c, &c->ew.ops[i].b);
        touch(c, &c->ew.ops[i].c);
    }
}

static const struct net_param *
param(const struct runner *r, const struct layer *y, int i)
{
    return &r->net->params[y->net->first_param + i];
}

static void
code_gemm(struct runner *r, const struct layer *y, struct code *c,
          const struct plan_gemm *g)
{
    static const enum gemm_mode modes[] = {
        [START_ZERO] = GEMM_ZERO, [START_CHAIN] = GEMM_CHAIN,
        [START_ADD] = GEMM_ADD,
    };
    int nvec = 0, v = 0;

    if (g->nseg > MAX_SEGS)
        die(RC_DATA, "layer '%s': %d products meet in one vector, %d is "
            "the limit", y->net->name, g->nseg, MAX_SEGS);
    c->plan = g;
    for (int i = 0; i < g->nout; i++)
        nvec += (int)wide(r, g->out[i].size) / LANES;
    for (int i = 0; i < g->nseg; i++)
        c->depth += g->seg[i].k;
    c->coff = xcalloc((size_t)nvec, sizeof *c->coff);
    c->ioff = xcalloc((size_t)nvec, sizeof *c->ioff);
    for (int i = 0; i < g->nout; i++)
        for (int k = 0; k < wide(r, g->out[i].size); k += LANES, v++)
            c->ioff[v] = v * LANES;     /* of a token table */
    c->dst = c->at[g->out[0].d].place;
    c->init = g->init == INIT_NONE || g->init == INIT_TOKEN ? P_NONE :
              c->at[g->out[0].init].place;
    c->seg = xcalloc((size_t)g->nseg + 1, sizeof *c->seg);
    c->a = xcalloc((size_t)g->nseg + 1, sizeof *c->a);
    c->aoff = xcalloc((size_t)g->nseg + 1, sizeof *c->aoff);
    for (int i = 0; i < g->nseg; i++)
        c->a[i] = c->at[g->seg[i].a];
    c->packed = xaligned(r->k->pack_size(c->depth, nvec) + LANES,
                         sizeof(float));
    if (g->init == INIT_TOKEN)
        c->table = xaligned((size_t)y->plan->eq->input_size *
                            (size_t)nvec * LANES, sizeof(float));
    c->gemm = (struct gemm){
        .nets = r->lanes, .nvec = nvec, .nseg = g->nseg, .seg = c->seg,
        .b = c->packed, .coff = c->coff, .ioff = c->ioff,
        .mode = modes[g->start], .trim = g->trim,
    };
}

static double
operations(const struct code *c, const struct instr *in)
{
    double n = 0;

    for (int i = 0; i < in->gemm.nout; i++)
        n += 2.0 * c->depth * in->gemm.out[i].size;
    return n + (double)in->nops * in->size;
}

static void
open_region(struct runner *r, const struct layer *y, struct code_case *kase,
            struct code_region *c, const struct plan_region *p)
{
    struct ref *at = kase->layout->at;

    c->n = p->n;
    c->code = xcalloc((size_t)p->n + 1, sizeof *c->code);
    for (int i = 0; i < p->n; i++) {
        const struct instr *in = &p->instr[i];

        c->code[i].kind = in->kind;
        c->code[i].at = at;
        if (in->kind == I_EW)
            code_ew(&c->code[i], in, layout_slots(kase->plan, in, at),
                    r->lanes, y->drop_site);
        else if (in->kind == I_GEMM)
            code_gemm(r, y, &c->code[i], &in->gemm);
        else if (in->kind == I_OVER)
            c->code[i].over = in;
        else
            c->code[i].copy = &in->copy;
        c->operations += operations(&c->code[i], in);
    }
}

static void
note_tables(struct runner *r)
{
    struct layer *y = &r->layers[0];
    struct layer_code *to = &y->code[r->variant];

    token_set_open(&to->made, y->plan->eq->input_size);
    for (int i = 0; i < y->plan->ncases; i++)
        for (int k = 0; k < REGIONS; k++) {
            struct code_region *g = &y->cases[i].region[k];

            for (int n = 0; n < g->n; n++) {
                if (!g->code[n].table)
                    continue;
                to->table = xrealloc(to->table, (size_t)to->ntables + 1,
                                     sizeof *to->table);
                to->table[to->ntables++] = &g->code[n];
            }
        }
}

void
code_open(struct runner *r)
{
    for (int l = 0; l < r->nlayers; l++) {
        struct layer *y = &r->layers[l];

        y->cases = xcalloc((size_t)y->plan->ncases, sizeof *y->cases);
        y->code[r->variant].cases = y->cases;
        for (int i = 0; i < y->plan->ncases; i++) {
            struct code_case *c = &y->cases[i];

            c->plan = &y->plan->cases[i];
            c->layout = &y->layout->cases[i];
            for (int k = 0; k < REGIONS; k++)
                open_region(r, y, c, &c->region[k], &c->plan->region[k]);
            prefetch_open(&c->region[R_LOOP], &c->plan->region[R_LOOP],
                       c->layout->at, true);
            prefetch_open(&c->region[R_BLOOP], &c->plan->region[R_BLOOP],
                       c->layout->at, false);
            open_region(r, y, c, &c->vec, &c->plan->vec);
            open_region(r, y, c, &c->bvec, &c->plan->bvec);
        }
    }
    if (r->net->input_token)
        note_tables(r);
    code_relocate(r);      /* param_only runs come before any array */
}

static void
close_region(struct code_region *c)
{
    for (int i = 0; i < c->n; i++) {
        struct code *x = &c->code[i];

        free((void *)x->ew.ops);
        free((void *)x->ew_eval.ops);
        free(x->seg);
        free(x->a);
        free(x->aoff);
        free(x->coff);
        free(x->ioff);
        free(x->packed);
        free(x->table);
    }
    free(c->code);
    free(c->prefetch);
}

static void
close_cases(struct code_case *c, int n)
{
    for (int i = 0; c && i < n; i++) {
        for (int k = 0; k < REGIONS; k++)
            close_region(&c[i].region[k]);
        close_region(&c[i].vec);
        close_region(&c[i].bvec);
    }
    free(c);
}

void
code_close(struct runner *r)
{
    for (int l = 0; l < r->nlayers; l++)
        for (int v = 0; v < STEP_VARIANTS; v++)
            close_cases(r->layers[l].code[v].cases,
                        r->net->layers[l].graph->ncases);
}

/* ---- new arrays ---------------------------------------------------------- */

/* Where a value's plane begins. */
static ptrdiff_t
plane(const struct runner *r, int l, const struct ref *ref)
{
    return ref->off * plane_rows(r, l, ref->place);
}

static void
move_operand(const struct runner *r, int l, struct ew_arg *a,
             const struct ref *ref)
{
    if (a->where == EA_ARRAY)
        a->off = plane(r, l, ref);
}

static void
move_ops(const struct runner *r, int l, struct ew_prog *p,
         const struct ref *at, const struct instr *in)
{
    struct ew_op *ops = (struct ew_op *)p->ops;

    for (int i = 0; i < in->nops; i++) {
        const struct plan_op *o = &in->ops[i];

        move_operand(r, l, &ops[i].d, &at[o->d]);
        move_operand(r, l, &ops[i].a, &at[o->a[0]]);
        move_operand(r, l, &ops[i].b, &at[o->a[1]]);
        move_operand(r, l, &ops[i].c, &at[o->a[2]]);
    }
}

static void
move_gemm(const struct runner *r, int l, struct code *c)
{
    const struct plan_gemm *g = c->plan;
    int v = 0;

    for (int i = 0; i < g->nseg; i++)
        c->aoff[i] = plane(r, l, &c->a[i]);
    for (int i = 0; i < g->nout; i++) {
        const struct plan_out *o = &g->out[i];
        ptrdiff_t d = plane(r, l, &c->at[o->d]), init = 0;

        if (c->init != P_NONE)
            init = plane(r, l, &c->at[o->init]);
        for (int k = 0; k < wide(r, o->size); k += LANES, v++) {
            c->coff[v] = d + k;
            if (g->init != INIT_TOKEN)
                c->ioff[v] = init + k;
        }
    }
}

static void
move_region(const struct runner *r, int l, struct code_region *c,
            const struct plan_region *p)
{
    for (int i = 0; i < c->n; i++) {
        if (c->code[i].kind == I_GEMM)
            move_gemm(r, l, &c->code[i]);
        if (c->code[i].kind != I_EW)
            continue;
        move_ops(r, l, &c->code[i].ew, c->code[i].at, &p->instr[i]);
        move_ops(r, l, &c->code[i].ew_eval, c->code[i].at, &p->instr[i]);
    }
}

void
code_relocate(struct runner *r)
{
    for (int l = 0; l < r->nlayers; l++)
        for (int v = 0; v < STEP_VARIANTS; v++) {
            struct code_case *c = r->layers[l].code[v].cases;

            for (int i = 0; c && i < r->net->layers[l].graph->ncases; i++) {
                for (int k = 0; k < REGIONS; k++)
                    move_region(r, l, &c[i].region[k], &c[i].plan->region[k]);
                move_region(r, l, &c[i].vec, &c[i].plan->vec);
                move_region(r, l, &c[i].bvec, &c[i].plan->bvec);
            }
        }
}

/* ---- new weights --------------------------------------------------------- */

static void
load_packed(struct runner *r, const struct layer *y, struct code *c)
{
    const struct plan_gemm *g = c->plan;
    ptrdiff_t nets = r->lanes;
    int v0 = 0;

    for (int i = 0; i < g->nout; i++) {
        int k0 = 0;

        for (int s = 0; s < g->nseg; s++) {
            const struct plan_block *b = &g->block[i * g->nseg + s];
            const struct net_param *p = param(r, y, b->param);
            const float *w = r->weights + (size_t)nets *
                             (p->offset + (size_t)b->col0 +
                              (size_t)b->row0 * (size_t)p->cols);
            ptrdiff_t row = p->cols * nets;

            r->k->pack(r->lanes, c->packed, c->depth, k0, v0, w,
                       b->transposed ? nets : row,
                       b->transposed ? row : nets, g->out[i].size,
                       g->seg[s].k, (float)b->sign);
            k0 += g->seg[s].k;
        }
        v0 += (int)wide(r, g->out[i].size) / LANES;
    }
}

static void
load_region(struct runner *r, const struct layer *y, struct code_region *c)
{
    for (int i = 0; i < c->n; i++) {
        if (c->code[i].kind == I_GEMM)
            load_packed(r, y, &c->code[i]);
    }
}

void
code_load(struct runner *r)
{
    for (int l = 0; l < r->nlayers; l++) {
        struct layer *y = &r->layers[l];

        token_set_clear(&y->code[r->variant].made);
        for (int i = 0; i < y->plan->ncases; i++) {
            struct code_case *c = &y->cases[i];

            for (int k = 0; k < y->plan->eq->nparams; k++) {
                const struct net_param *p = param(r, y, k);

                if (!p->matrix)
                    memcpy(y->vec + c->layout->at[c->plan->param[k]].off *
                           r->lanes,
                           r->weights + p->offset * (size_t)r->lanes,
                           (size_t)(p->rows * r->lanes) * sizeof(float));
            }
            exec_vec(r, y, &c->vec);
            for (int k = 0; k < REGIONS; k++)
                load_region(r, y, &c->region[k]);
        }
    }
}
