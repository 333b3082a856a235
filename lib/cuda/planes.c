/*
 * planes.c - where the values of a net's plans stand on a device.
 *
 * A plane a value, its rows one after another without gaps.  Cases and step
 * variants of a layer share planes: a row at a step belongs to one case, a
 * window to one variant.
 */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "cuda/nets.h"

enum { FLOATS = 64 };            /* planes begin at multiples of so many */

static int
plane_new(struct device *d, int layer, enum extent extent, int width)
{
    d->plane = xrealloc(d->plane, (size_t)d->nplanes + 1, sizeof *d->plane);
    d->plane[d->nplanes] = (struct plane){ extent, layer, width };
    return d->nplanes++;
}

/* ---- layers --------------------------------------------------------------*/

static enum extent
positions(const struct device *d, int l)
{
    return l < d->stack ? EXTENT_FLAT : EXTENT_COMPACT;
}

static struct place
place(int plane, enum rows rows, int size)
{
    return (struct place){ plane, rows, size, 0 };
}

static void
open_layer(struct device *d, int l)
{
    struct layer *y = &d->layers[l];
    const struct plan *p = d->plan->layers[l].plan[STEPS_SEVERAL];
    const struct equations *eq = y->net->eq;

    y->state = xcalloc((size_t)eq->nstates + 1, sizeof *y->state);
    y->dstate = xcalloc((size_t)eq->nstates + 1, sizeof *y->dstate);
    for (int i = 0; i < eq->nstates; i++) {
        int size = eq->states[i].size;

        y->state[i] = plane_new(d, l, EXTENT_STATES, size);
        y->dstate[i] = d->plan->gradient
                           ? plane_new(d, l, EXTENT_TURNS, size) : -1;
    }
    if (p->output < 0) {
        y->out = plane_new(d, l, positions(d, l), eq->output_size);
        y->output = place(y->out, ROWS_HERE, eq->output_size);
    } else {
        y->out = -1;
        y->output = place(y->state[p->output], ROWS_NEXT, eq->output_size);
    }
    y->dout = d->plan->gradient
                  ? plane_new(d, l, positions(d, l), eq->output_size) : -1;
    y->doutput = place(y->dout, ROWS_HERE, eq->output_size);
}

/* ---- values --------------------------------------------------------------*/

/* The first plane of this kind that the case does not use yet. */
static int
take(struct device *d, int l, enum extent extent, int width, bool *used)
{
    for (int i = PLANES; i < d->nplanes; i++) {
        const struct plane *p = &d->plane[i];

        if (used[i] || p->layer != l || p->extent != extent ||
            p->width != width)
            continue;
        used[i] = true;
        return i;
    }
    used[d->nplanes] = true;
    return plane_new(d, l, extent, width);
}

/* The layer's input: of the batch, or what the layer below shows. */
static struct place
input(const struct device *d, int l)
{
    int size = d->net->layers[l].eq->input_size;

    if (l == d->stack)
        return place(PLANE_CX, ROWS_HERE, size);
    return l ? d->layers[l - 1].output : place(PLANE_XIN, ROWS_HERE, size);
}

static struct place
dinput(const struct device *d, int l)
{
    int size = d->net->layers[l].eq->input_size;

    if (l == d->stack)
        return place(PLANE_CDX, ROWS_HERE, size);
    return place(d->layers[l - 1].dout, ROWS_HERE, size);
}

/* What is made of learned vectors is there for all cases at once. */
static struct place
vector(struct device *d, int l, const struct plan_value *v)
{
    struct place p = place(PLANE_WEIGHTS, ROWS_ONE, v->size);

    if (v->index >= 0)
        p.off = d->net->params[d->net->layers[l].first_param + v->index].offset;
    else
        p.plane = plane_new(d, l, EXTENT_ONE, v->size);
    return p;
}

static struct place
place_value(struct device *d, int l, const struct plan_value *v, bool *used)
{
    const struct layer *y = &d->layers[l];
    enum extent extent = positions(d, l);

    switch (v->class) {
    case V_INPUT:
        return input(d, l);
    case V_STATE:
        return place(y->state[v->index], ROWS_HERE, v->size);
    case V_NEXT:
        return place(y->state[v->index], ROWS_NEXT, v->size);
    case V_OUTPUT:
        return y->output;
    case V_DOUTPUT:
        return y->doutput;
    case V_DINPUT:
        return dinput(d, l);
    case V_DNEXT:
        return place(y->dstate[v->index], ROWS_AFTER, v->size);
    case V_DSTATE:
        return place(y->dstate[v->index], ROWS_TURN, v->size);
    case V_VECTOR:
        return vector(d, l, v);
    case V_KEPT:
        return place(take(d, l, extent, v->size, used), ROWS_HERE, v->size);
    case V_TEMP:
        if (v->region == R_LOOP || v->region == R_BLOOP)
            extent = EXTENT_ROWS;
        return place(take(d, l, extent, v->size, used), ROWS_LOCAL, v->size);
    case V_NUMBER:
    case V_SCRATCH:
    case V_UNKNOWN:
        break;
    }
    return place(-1, ROWS_ONE, v->size);
}

static void
place_layer(struct device *d, int l, enum step_variant v)
{
    const struct plan *p = d->plan->layers[l].plan[v];
    struct layer *y = &d->layers[l];
    size_t most = 0;
    bool *used;

    y->ncases = p->ncases;
    y->code[v].cases = xcalloc((size_t)p->ncases, sizeof *y->code[v].cases);
    for (int c = 0; c < p->ncases; c++)
        most += (size_t)p->cases[c].nvalues;
    used = xcalloc((size_t)d->nplanes + most + 1, sizeof *used);
    for (int c = 0; c < p->ncases; c++) {
        const struct plan_case *pc = &p->cases[c];
        struct kase_code *k = &y->code[v].cases[c];

        memset(used, 0, (size_t)d->nplanes * sizeof *used);
        for (int i = 0; i < y->net->eq->nstates; i++)
            used[y->state[i]] = true;
        for (int i = 0; d->plan->gradient && i < y->net->eq->nstates; i++)
            used[y->dstate[i]] = true;
        if (y->out >= 0)
            used[y->out] = true;
        if (y->dout >= 0)
            used[y->dout] = true;
        k->at = xcalloc((size_t)pc->nvalues + 1, sizeof *k->at);
        for (int i = 0; i < pc->nvalues; i++)
            k->at[i] = place_value(d, l, &pc->value[i], used);
    }
    free(used);
}

/* ---- memory --------------------------------------------------------------*/

static void
set_address(struct device *d, int net, int plane, gpu_address x)
{
    d->at[(size_t)net * (size_t)d->nplanes + (size_t)plane] = x;
    d->at_changed = true;
}

gpu_address
plane_address(const struct device *d, int net, int plane)
{
    return d->at[(size_t)net * (size_t)d->nplanes + (size_t)plane];
}

static size_t
rows_of(enum extent extent, size_t B, size_t flat, size_t compact)
{
    switch (extent) {
    case EXTENT_ONE:
        return 1;
    case EXTENT_ROWS:
        return B;
    case EXTENT_TURNS:
        return 2 * B;
    case EXTENT_FLAT:
        return flat;
    case EXTENT_STATES:
        return flat + B;
    case EXTENT_COMPACT:
        return compact;
    case EXTENT_OTHER:
        break;
    }
    return 0;
}

/* Floats of a window's planes of one net. */
static size_t
floats(const struct device *d, int plane, size_t B, size_t flat,
       size_t compact)
{
    const struct plane *p = &d->plane[plane];
    size_t n = rows_of(p->extent, B, flat, compact) * (size_t)p->width;

    return (n + FLOATS - 1) / FLOATS * FLOATS;
}

static size_t
all_floats(const struct device *d, size_t B, size_t flat, size_t compact)
{
    size_t n = 0;

    for (int i = 0; i < d->nplanes; i++)
        n += floats(d, i, B, flat, compact);
    return n;
}

static _Noreturn void
too_large(struct device *d, const struct shape *s)
{
    size_t nets = (size_t)d->o.nets, B = (size_t)s->B, T = (size_t)s->T;
    size_t bytes = all_floats(d, B, B * T, B * T) * sizeof(float) * nets;
    size_t left = gpu_free_memory(d->gpu), rows = B, steps = T;
    double mb = 1.0 / (1 << 20);

    while (rows > 1 && all_floats(d, rows, rows * T, rows * T) *
                       sizeof(float) * nets > left)
        rows = rows / 2;
    while (steps > 1 && all_floats(d, B, B * steps, B * steps) *
                        sizeof(float) * nets > left)
        steps = steps / 2;
    die(RC_DEVICE, "a window of %d rows and %d steps needs %.1f MB on the "
        "device and %.1f are free: --batch %zu or --bptt %zu would fit",
        s->B, s->T, (double)bytes * mb, (double)left * mb, rows, steps);
}

void
planes_reserve(struct device *d, const struct shape *s)
{
    int flat = s->B * s->T, nets = d->o.nets;
    size_t n, off = 0;

    if (d->values && s->B <= d->cap_B && flat <= d->cap_flat &&
        s->places <= d->cap_compact)
        return;
    d->cap_B = s->B > d->cap_B ? s->B : d->cap_B;
    d->cap_flat = flat > d->cap_flat ? flat : d->cap_flat;
    d->cap_compact = s->places > d->cap_compact ? s->places : d->cap_compact;
    gpu_free(d->gpu, d->values);
    n = all_floats(d, (size_t)d->cap_B, (size_t)d->cap_flat,
                   (size_t)d->cap_compact);
    d->values = gpu_alloc(d->gpu, (n * (size_t)nets + 1) * sizeof(float));
    if (!d->values)
        too_large(d, s);
    for (int i = 0; i < nets; i++)
        for (int p = 0; p < d->nplanes; p++) {
            if (d->plane[p].extent == EXTENT_OTHER)
                continue;
            set_address(d, i, p, d->values + off * sizeof(float));
            off += floats(d, p, (size_t)d->cap_B, (size_t)d->cap_flat,
                          (size_t)d->cap_compact);
        }
}

void
planes_grow(struct device *d, gpu_address *x, size_t *room, size_t bytes)
{
    if (bytes <= *room)
        return;
    gpu_free(d->gpu, *x);
    *x = gpu_alloc(d->gpu, bytes);
    if (!*x)
        die(RC_DEVICE, "no room for %zu bytes on the device, of which %zu "
            "are free", bytes, gpu_free_memory(d->gpu));
    *room = bytes;
}

/* Weights and the like, of all nets. */
static void
reserve_held(struct device *d)
{
    size_t P = d->net->weights, part, off, all = 0;
    size_t outcomes = (size_t)d->o.nets * OUTCOMES * sizeof(double);
    static const int planes[] = {
        PLANE_WEIGHTS, PLANE_BEST, PLANE_GRADIENT, PLANE_M, PLANE_V,
    };
    const struct update_rule *u = &d->rule[0].rule;
    bool has[] = {
        true, true, d->o.training, d->o.training && update_has_m(u),
        d->o.training && update_has_v(u),
    };

    planes_grow(d, &d->outcomes, &all, outcomes);
    d->outcomes_here = gpu_host_alloc(d->gpu, outcomes);
    part = (P + FLOATS) / FLOATS * FLOATS * sizeof(float);
    for (int i = 0; i < d->o.nets; i++) {
        size_t room = 0, bytes;

        bytes = (P / NORM_SEGMENT + 1) * sizeof(double);
        for (int k = 0; k < 5; k++)
            bytes += has[k] ? part : 0;
        planes_grow(d, &d->hold[i], &room, bytes);
        gpu_fill(d->stream, d->hold[i], 0, bytes);
        off = 0;
        for (int k = 0; k < 5; k++) {
            set_address(d, i, planes[k], has[k] ? d->hold[i] + off : 0);
            off += has[k] ? part : 0;
        }
        set_address(d, i, PLANE_SQUARES, d->hold[i] + off);
        set_address(d, i, PLANE_OUTCOME, d->outcomes + (size_t)i * OUTCOMES *
                                         sizeof(double));
    }
}

void
planes_send(struct device *d)
{
    size_t n = (size_t)d->o.nets * (size_t)d->nplanes;

    if (!d->at_changed)
        return;
    gpu_write(d->stream, d->at_there, d->at, n * sizeof *d->at);
    d->at_changed = false;
}

void
planes_exchange(struct device *d, int net, int a, int b)
{
    gpu_address x = plane_address(d, net, a);

    set_address(d, net, a, plane_address(d, net, b));
    set_address(d, net, b, x);
}

void
planes_swap(struct device *d, int net, int plane)
{
    planes_exchange(d, net, plane, plane + 1);
}

void
planes_batch(struct device *d, gpu_address in, gpu_address out)
{
    for (int i = 0; i < d->o.nets; i++) {
        set_address(d, i, PLANE_VECTORS, in);
        set_address(d, i, PLANE_TARGETS, out);
    }
}

void
planes_probs(struct device *d)
{
    struct plane *p = &d->plane[PLANE_PROBS];

    if (p->width)
        return;
    *p = (struct plane){ EXTENT_COMPACT, -1, d->net->output_size };
    d->cap_B = d->cap_flat = d->cap_compact = 0;      /* placed anew */
}

void
planes_states(struct device *d, int plane, int64_t *room, int64_t rows)
{
    size_t row = d->net->state_size * sizeof(float);

    if (rows <= *room || !row)
        return;
    for (int i = 0; i < d->o.nets; i++)
        for (int k = plane; k < plane + 2; k++) {
            gpu_address was = plane_address(d, i, k), x = 0;
            size_t none = 0;

            planes_grow(d, &x, &none, (size_t)rows * row);
            if (was)
                gpu_move(d->stream, x, was, (size_t)*room * row);
            gpu_wait(d->stream);
            gpu_free(d->gpu, was);
            set_address(d, i, k, x);
        }
    *room = rows;
}

/* ---- open, close ---------------------------------------------------------*/

void
planes_open(struct device *d)
{
    const struct net *n = d->net;
    int width = n->input_token ? 0 : n->input_size;
    size_t room = 0;

    for (int i = 0; i < PLANES; i++)
        plane_new(d, -1, EXTENT_OTHER, 0);
    d->plane[PLANE_LOSSES] = (struct plane){ EXTENT_COMPACT, -1, 2 };
    d->plane[PLANE_RIGHT] = (struct plane){ EXTENT_COMPACT, -1, 1 };
    d->plane[PLANE_XIN] = (struct plane){ EXTENT_FLAT, -1,
                                          d->stack ? width : 0 };
    if (d->stack)
        width = n->layers[d->stack - 1].eq->output_size;
    if (d->stack == d->nlayers)
        width = 0;
    d->plane[PLANE_CX] = (struct plane){ EXTENT_COMPACT, -1, width };
    d->plane[PLANE_CDX] = (struct plane){
        EXTENT_COMPACT, -1, d->plan->gradient && d->stack ? width : 0 };
    for (int l = 0; l < d->nlayers; l++)
        open_layer(d, l);
    for (int v = 0; v < STEP_VARIANTS; v++)
        for (int l = 0; l < d->nlayers; l++)
            if (d->plan->layers[l].plan[v])
                place_layer(d, l, (enum step_variant)v);
    d->at = xcalloc((size_t)d->o.nets * (size_t)d->nplanes, sizeof *d->at);
    planes_grow(d, &d->at_there, &room,
                (size_t)d->o.nets * (size_t)d->nplanes * sizeof *d->at);
    reserve_held(d);
    room = 0;
    planes_grow(d, &d->barrier, &room, sizeof(unsigned));
    gpu_fill(d->stream, d->barrier, 0, sizeof(unsigned));
}

void
planes_close(struct device *d)
{
    for (int l = 0; l < d->nlayers; l++) {
        struct layer *y = &d->layers[l];

        for (int v = 0; v < STEP_VARIANTS; v++)
            for (int c = 0; y->code[v].cases && c < y->ncases; c++)
                free(y->code[v].cases[c].at);
        free(y->state);
        free(y->dstate);
    }
    free(d->plane);
    free(d->at);
}
