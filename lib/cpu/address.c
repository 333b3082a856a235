/* address.c - where a block's values are: planes, the rows of the layers'
 * inputs and outputs, of what outlives its step. */
#include "cpu/run.h"

ptrdiff_t
plane_rows(const struct runner *r, int l, enum place p)
{
    /* odd, so that planes do not all begin at the same place of a page */
    ptrdiff_t rows = (ptrdiff_t)(l < r->stack ? r->cap_flat : r->cap_compact)
                     | 1;

    switch (p) {
    case P_KEEP:
        break;
    case P_STATE:
    case P_NEXT:
        rows += r->cap_rows;
        break;
    case P_DNEXT:
    case P_DSTATE:
        rows = r->cap_rows;
        break;
    case P_TEMP:
        rows = TILE_ROWS;
        break;
    default:
        rows = 1;
    }
    return rows * r->lanes;
}

static float *
next_state(const struct runner *r, int l, struct ref ref)
{
    return r->layers[l].state + ref.off * plane_rows(r, l, P_NEXT) +
           (ptrdiff_t)r->R * row_stride(r, ref.size);
}

float *
layer_output(const struct runner *r, int l)
{
    const struct layer *y = &r->layers[l];

    return y->layout->output.place == P_NEXT
               ? next_state(r, l, y->layout->output) : y->out;
}

static float *
layer_input(const struct runner *r, int l)
{
    if (l == r->stack && !r->all_scored)
        return r->cx;
    return l > 0 ? layer_output(r, l - 1) : r->xin;
}

/* The head's input adjoint is scattered into the stack's later, unless all
 * places are scored. */
static float *
layer_dx(const struct runner *r, int l)
{
    if (l == 0)
        return NULL;
    return l == r->stack && !r->all_scored ? r->cdx : r->layers[l - 1].dout;
}

float *
ref_rows(const struct runner *r, int l, struct ref ref, ptrdiff_t *stride)
{
    const struct layer *y = &r->layers[l];

    *stride = row_stride(r, ref.size);
    switch (ref.place) {
    case P_KEEP:
        return y->keep + ref.off * plane_rows(r, l, P_KEEP);
    case P_STATE:
        return y->state + ref.off * plane_rows(r, l, P_STATE);
    case P_NEXT:
        return next_state(r, l, ref);
    case P_INPUT:
        return layer_input(r, l);
    case P_OUT:
        return y->out;
    case P_DOUT:
        return y->dout;
    case P_DX:
        return layer_dx(r, l);
    default:
        return NULL;
    }
}

float *
value_rows(const struct runner *r, int l, int kase, int value,
           ptrdiff_t *stride)
{
    return ref_rows(r, l, r->layers[l].layout->cases[kase].at[value], stride);
}

void
address_block(struct runner *r)
{
    for (int l = 0; l < r->nlayers; l++) {
        struct layer *y = &r->layers[l];

        y->base[P_KEEP] = y->keep;
        y->base[P_INPUT] = layer_input(r, l);
        y->base[P_STATE] = y->base[P_NEXT] = y->state;
        y->base[P_OUT] = y->out;
        y->base[P_DOUT] = y->dout;
        y->base[P_DX] = layer_dx(r, l);
        y->base[P_VEC] = y->vec;
    }
}
