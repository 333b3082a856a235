/* layout.c - see layout.h. */
#include "cpu/layout.h"

#include <stdlib.h>

#include "base/die.h"

enum { NEVER = 0x7fffffff };

/* ---- planes that values share ------------------------------------------- */

struct piece {               /* a stretch of floats and who has it last */
    int off, last, last_op;
};

/* Pieces of so many units, a heap: the one that is free first is on top. */
struct shelf {
    int units, n, cap;
    struct piece *heap;
};

struct planes {
    int n, top;
    struct shelf *shelf;
};

static struct shelf *
shelf_of(struct planes *p, int units)
{
    for (int i = 0; i < p->n; i++)
        if (p->shelf[i].units == units)
            return &p->shelf[i];
    p->shelf = xrealloc(p->shelf, (size_t)p->n + 1, sizeof *p->shelf);
    p->shelf[p->n] = (struct shelf){ units, 0, 0, NULL };
    return &p->shelf[p->n++];
}

static bool
sooner(const struct piece *a, const struct piece *b)
{
    return a->last < b->last || (a->last == b->last && a->last_op < b->last_op);
}

static void
sink_down(struct shelf *s, int i)
{
    struct piece x = s->heap[i];

    for (int k; (k = 2 * i + 1) < s->n; i = k) {
        if (k + 1 < s->n && sooner(&s->heap[k + 1], &s->heap[k]))
            k++;
        if (!sooner(&s->heap[k], &x))
            break;
        s->heap[i] = s->heap[k];
    }
    s->heap[i] = x;
}

static void
shelf_add(struct shelf *s, struct piece x)
{
    int i = s->n++;

    if (i == s->cap) {
        s->cap = s->cap ? 2 * s->cap : 8;
        s->heap = xrealloc(s->heap, (size_t)s->cap, sizeof *s->heap);
    }
    for (; i > 0 && sooner(&x, &s->heap[(i - 1) / 2]); i = (i - 1) / 2)
        s->heap[i] = s->heap[(i - 1) / 2];
    s->heap[i] = x;
}

/* A place for a value that is born when the piece's last reader is done; an
 * element-wise reader may be the very operation that makes it.  The two have
 * as many units: a step's rows of one must lie where those of the other lay.
 */
static int
take(struct planes *p, const struct plan_value *v, int last, bool share)
{
    struct shelf *s = shelf_of(p, v->size);
    struct piece *q = s->heap;

    if (share && s->n && (q->last < v->made || (q->last == v->made &&
                                                q->last_op <= v->made_op))) {
        int off = q->off;

        q->last = last;
        q->last_op = v->last_op;
        sink_down(s, 0);
        return off;
    }
    shelf_add(s, (struct piece){ p->top, last, v->last_op });
    p->top += row_floats(v->size);
    return p->top - row_floats(v->size);
}

/* All pieces are free again, but keep their units: a step runs one case, and
 * where its rows of any two values lie in one piece they are the same floats,
 * which no other step has. */
static void
planes_again(struct planes *p)
{
    for (int i = 0; i < p->n; i++)
        for (int k = 0; k < p->shelf[i].n; k++)
            p->shelf[i].heap[k].last = p->shelf[i].heap[k].last_op = -1;
}

static void
planes_release(struct planes *p)
{
    for (int i = 0; i < p->n; i++)
        free(p->shelf[i].heap);
    free(p->shelf);
}

struct birth {
    int made, made_op, value;
};

static int
by_birth(const void *pa, const void *pb)
{
    const struct birth *a = pa, *b = pb;

    if (a->made != b->made)
        return a->made < b->made ? -1 : 1;
    if (a->made_op != b->made_op)
        return a->made_op < b->made_op ? -1 : 1;
    return a->value < b->value ? -1 : 1;
}

/* Values that have their planes by life, in order of birth. */
static int
births(const struct plan_case *c, struct birth *order)
{
    int n = 0;

    for (int i = 0; i < c->nvalues; i++) {
        const struct plan_value *v = &c->value[i];

        if (v->class == V_KEPT || v->class == V_TEMP)
            order[n++] = (struct birth){ v->made, v->made_op, i };
    }
    qsort(order, (size_t)n, sizeof *order, by_birth);
    return n;
}

static void
place_living(const struct plan *p, const struct plan_case *c,
             struct planes *keep, struct layout_case *out)
{
    struct birth *order = xcalloc((size_t)c->nvalues + 1, sizeof *order);
    int n = births(c, order);
    struct planes temp[REGIONS] = {{ 0, 0, NULL }};

    planes_again(keep);
    for (int i = 0; i < n; i++) {
        const struct plan_value *v = &c->value[order[i].value];
        struct ref *at = &out->at[order[i].value];

        if (v->class == V_KEPT) {
            at->off = take(keep, v, v->sink ? NEVER : v->last, !p->observe);
            at->place = P_KEEP;
        } else {
            at->off = take(&temp[v->region], v, v->last, true);
            at->place = P_TEMP;
        }
    }
    for (int r = 0; r < REGIONS; r++) {
        out->temp[r] = temp[r].top;
        planes_release(&temp[r]);
    }
    free(order);
}

/* ---- the others ---------------------------------------------------------- */

static struct ref
place_role(struct layout *y, const struct plan_value *v)
{
    static const enum place places[] = {
        [V_NUMBER] = P_NUM, [V_INPUT] = P_INPUT, [V_STATE] = P_STATE,
        [V_NEXT] = P_NEXT, [V_OUTPUT] = P_OUT, [V_DOUTPUT] = P_DOUT,
        [V_DINPUT] = P_DX, [V_DNEXT] = P_DNEXT, [V_DSTATE] = P_DSTATE,
        [V_VECTOR] = P_VEC, [V_SCRATCH] = P_NONE,
    };
    struct ref at = { places[v->class], 0, v->size, v->num };

    switch (v->class) {
    case V_STATE: case V_NEXT: case V_DNEXT: case V_DSTATE:
        at.off = y->state_off[v->index];
        break;
    case V_VECTOR:
        at.off = y->vec;
        y->vec += round16(v->size);
        break;
    default:
        break;
    }
    return at;
}

static void
place_case(struct layout *y, const struct plan *p, int i, struct planes *keep)
{
    const struct plan_case *c = &p->cases[i];
    struct layout_case *out = &y->cases[i];

    out->at = xcalloc((size_t)c->nvalues + 1, sizeof *out->at);
    for (int v = 0; v < c->nvalues; v++) {
        out->at[v].size = c->value[v].size;
        if (c->value[v].class != V_KEPT && c->value[v].class != V_TEMP)
            out->at[v] = place_role(y, &c->value[v]);
    }
    place_living(p, c, keep, out);
    y->keep = keep->top;
}

struct layout *
layout_new(const struct plan *p)
{
    struct layout *y = xcalloc(1, sizeof *y);
    const struct equations *eq = p->eq;
    struct planes keep = { 0, 0, NULL };

    y->ncases = p->ncases;
    y->cases = xcalloc((size_t)p->ncases, sizeof *y->cases);
    y->state_off = xcalloc((size_t)eq->nstates + 1, sizeof(int));
    for (int i = 0; i < eq->nstates; i++) {
        y->state_off[i] = y->state;
        y->state += row_floats(eq->states[i].size);
    }
    y->out = row_floats(eq->output_size);
    y->output = (struct ref){ P_OUT, 0, eq->output_size, 0 };
    if (p->output >= 0)
        y->output = (struct ref){ P_NEXT, y->state_off[p->output],
                                  eq->output_size, 0 };
    for (int i = 0; i < p->ncases; i++)
        place_case(y, p, i, &keep);
    planes_release(&keep);
    return y;
}

void
layout_free(struct layout *y)
{
    if (!y)
        return;
    for (int i = 0; i < y->ncases; i++)
        free(y->cases[i].at);
    free(y->cases);
    free(y->state_off);
    free(y);
}

int
layout_kept(const struct layout *y, bool gradient)
{
    return y->keep + y->state + (y->output.place == P_OUT ? y->out : 0) +
           (gradient ? y->out : 0);
}

/* ---- scratch slots of a run ---------------------------------------------- */

int
layout_slots(const struct plan_case *c, const struct instr *run,
             struct ref *at)
{
    int *free_slot = xcalloc((size_t)run->nops + 1, sizeof *free_slot);
    int nfree = 0, slots = 0;

    for (int k = 0; k < run->nops; k++) {
        const struct plan_op *o = &run->ops[k];

        for (int i = 0; i < o->nargs; i++) {
            bool again = false;

            for (int j = 0; j < i; j++)
                again |= o->a[j] == o->a[i];
            if (!again && c->value[o->a[i]].class == V_SCRATCH &&
                c->value[o->a[i]].last_op == k)
                free_slot[nfree++] = at[o->a[i]].off;
        }
        if (c->value[o->d].class == V_SCRATCH) {
            at[o->d].place = P_SLOT;
            at[o->d].off = nfree ? free_slot[--nfree] : slots++;
        }
    }
    free(free_slot);
    return slots;
}
