/* hold.c - what the CPU device holds of its nets: in, out, aside, and from
 * lane to lane. */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "cpu/device.h"

/* ---- lanes ---------------------------------------------------------------*/

static void
lane_put(float *all, const float *one, size_t n, int lane)
{
    for (size_t i = 0; all && i < n; i++)
        all[i * LANES + (size_t)lane] = one[i];
}

static void
lane_get(const float *all, float *one, size_t n, int lane)
{
    for (size_t i = 0; all && i < n; i++)
        one[i] = all[i * LANES + (size_t)lane];
}

/* Lanes that are not used get the numbers of lane `from`. */
static void
lanes_fill(float *all, size_t n, int from, const bool *used)
{
    for (size_t i = 0; all && i < n; i++)
        for (int l = 0; l < LANES; l++)
            if (!used[l])
                all[i * LANES + (size_t)l] = all[i * LANES + (size_t)from];
}

/* ---- states --------------------------------------------------------------*/

void
states_reserve(struct states *s, int64_t rows, size_t S, int lanes)
{
    size_t row = S * (size_t)lanes, n = (size_t)rows * row + LANES;
    float *now, *next;

    if (rows <= s->room)
        return;
    now = xaligned(n, sizeof *now);
    next = xaligned(n, sizeof *next);
    if (s->rows)
        memcpy(now, s->now, (size_t)s->rows * row * sizeof *now);
    free(s->now);
    free(s->next);
    s->now = now;
    s->next = next;
    s->room = rows;
}

void
states_release(struct states *s)
{
    free(s->now);
    free(s->next);
}

/* ---- parked --------------------------------------------------------------*/

static float *
room(size_t n)
{
    return xaligned(n + 1, sizeof(float));
}

static void
park_room(struct device *d, struct parked *p)
{
    size_t P = d->net->weights;

    if (p->weights)
        return;
    p->weights = room(P);
    p->m = d->m ? room(P) : NULL;
    p->v = d->v ? room(P) : NULL;
}

static void
park_rows(struct device *d, struct parked *p, int64_t rows)
{
    if (rows > p->rows) {
        free(p->states);
        p->states = room((size_t)rows * d->net->state_size);
    }
    p->rows = rows;
}

void
hold_park(struct device *d, int net)
{
    struct parked *p = &d->parked[net];
    size_t P = d->net->weights;

    if (p->is)
        return;
    park_room(d, p);
    park_rows(d, p, d->states.rows);
    lane_get(d->weights, p->weights, P, net);
    lane_get(d->m, p->m, P, net);
    lane_get(d->v, p->v, P, net);
    lane_get(d->states.now, p->states, (size_t)p->rows * d->net->state_size,
             net);
    p->is = d->refill = true;
}

static void
unpark(struct device *d, int net)
{
    struct parked *p = &d->parked[net];
    size_t P = d->net->weights;

    states_reserve(&d->states, p->rows, d->net->state_size, LANES);
    d->states.rows = p->rows;
    lane_put(d->weights, p->weights, P, net);
    lane_put(d->m, p->m, P, net);
    lane_put(d->v, p->v, P, net);
    lane_put(d->states.now, p->states, (size_t)p->rows * d->net->state_size,
             net);
    p->is = false;
    d->refill = true;
}

void
hold_lanes(struct device *d, const struct step_net *net)
{
    size_t S = d->net->state_size;
    bool used[LANES] = { false };
    int lead = -1;

    for (int i = 0; i < d->o.nets; i++)
        if (!net[i].active && !d->parked[i].is)
            hold_park(d, i);
    for (int i = d->o.nets - 1; i >= 0; i--) {
        used[i] = net[i].active;
        if (!used[i])
            continue;
        if (d->parked[i].is)
            unpark(d, i);
        lead = i;
    }
    if (!d->refill)
        return;
    lanes_fill(d->weights, d->net->weights, lead, used);
    lanes_fill(d->m, d->net->weights, lead, used);
    lanes_fill(d->v, d->net->weights, lead, used);
    lanes_fill(d->states.now, (size_t)d->states.rows * S, lead, used);
    d->refill = false;
    d->packed = NULL;
}

void
hold_changed(struct device *d)
{
    d->packed = NULL;
    d->loaded_net = -1;
    d->finite = false;
}

/* ---- in and out ----------------------------------------------------------*/

/* Where a net's own P numbers are, if they stand by themselves; or NULL, and
 * *all is where they are in its lane. */
static float *
find(struct device *d, int net, enum holding what, float **all)
{
    struct parked *p = d->lanes > 1 && d->parked[net].is ? &d->parked[net] :
                       NULL;
    float *own = NULL;

    *all = NULL;
    switch (what) {
    case HOLD_WEIGHTS:
        own = p ? p->weights : NULL;
        *all = d->weights;
        break;
    case HOLD_M:
        own = p ? p->m : NULL;
        *all = d->m;
        break;
    case HOLD_V:
        own = p ? p->v : NULL;
        *all = d->v;
        break;
    case HOLD_GRADIENT:
        *all = d->grad;
        p = NULL;
        break;
    default:
        if (!d->best[net])
            d->best[net] = room(d->net->weights);
        return d->best[net];
    }
    if (!*all)
        die(RC_DATA, "internal: net %d holds no %d", net, (int)what);
    return p ? own : d->lanes > 1 ? NULL : *all;
}

static void
put_states(struct device *d, int net, const float *x, int64_t rows, size_t n)
{
    struct parked *p;

    if (d->lanes == 1) {
        d->states.rows = 0;
        states_reserve(&d->states, rows, d->net->state_size, 1);
        d->states.rows = rows;
        if (n)
            memcpy(d->states.now, x, n * sizeof *x);
        return;
    }
    p = &d->parked[net];
    park_rows(d, p, rows);
    if (n)
        memcpy(p->states, x, n * sizeof *x);
}

static int64_t
rows_of(const struct device *d, size_t n)
{
    return d->net->state_size ? (int64_t)(n / d->net->state_size) : 0;
}

void
hold_put(struct device *d, int net, enum holding what, const float *x,
         size_t n)
{
    float *all, *own;

    if (what == HOLD_GRADIENT)
        die(RC_DATA, "internal: a gradient is made, not put");
    hold_changed(d);
    if (d->lanes > 1)
        hold_park(d, net);
    if (what == HOLD_STATES) {
        put_states(d, net, x, rows_of(d, n), n);
        return;
    }
    own = find(d, net, what, &all);
    memcpy(own, x, n * sizeof *x);
}

void
hold_get(struct device *d, int net, enum holding what, float *x, size_t n)
{
    float *all, *own;

    if (what == HOLD_STATES) {
        own = d->lanes == 1 ? d->states.now :
              d->parked[net].is ? d->parked[net].states : NULL;
        all = d->states.now;
    } else {
        own = find(d, net, what, &all);
    }
    if (own && n)
        memcpy(x, own, n * sizeof *x);
    else
        lane_get(all, x, n, net);
}

const float *
hold_weights(struct device *d, int net, enum holding what)
{
    float *all, *own = find(d, net, what, &all);

    if (own)
        return own;
    if (!d->one_weights)
        d->one_weights = room(d->net->weights);
    lane_get(all, d->one_weights, d->net->weights, net);
    return d->one_weights;
}

void
hold_copy(struct device *d, int net, enum holding to, enum holding from)
{
    float *all, *own;

    if (to == HOLD_BEST) {
        own = find(d, net, to, &all);
        hold_get(d, net, from, own, d->net->weights);
        hold_changed(d);
        return;
    }
    own = room(d->net->weights);
    hold_get(d, net, from, own, d->net->weights);
    hold_put(d, net, to, own, d->net->weights);
    free(own);
}
