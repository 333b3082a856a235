/* hold.c - what the device holds of its nets: in, out, aside. */
#include "base/die.h"
#include "cuda/nets.h"

static gpu_address
find(struct device *d, int net, enum holding what)
{
    static const int planes[] = {
        [HOLD_WEIGHTS] = PLANE_WEIGHTS, [HOLD_BEST] = PLANE_BEST,
        [HOLD_M] = PLANE_M, [HOLD_V] = PLANE_V,
        [HOLD_GRADIENT] = PLANE_GRADIENT, [HOLD_STATES] = PLANE_STATES,
    };
    gpu_address x = plane_address(d, net, planes[what]);

    if (!x)
        die(RC_DATA, "internal: net %d holds no %d", net, (int)what);
    return x;
}

void
nets_put(struct device *d, int net, enum holding what, const float *x,
         size_t n)
{
    size_t S = d->net->state_size;

    if (what == HOLD_GRADIENT)
        die(RC_DATA, "internal: a gradient is made, not put");
    if (what == HOLD_STATES) {
        d->rows[net] = S ? (int64_t)(n / S) : 0;
        planes_states(d, PLANE_STATES, &d->states_room, d->rows[net]);
    }
    if (n)
        gpu_write(d->stream, find(d, net, what), x, n * sizeof *x);
    gpu_wait(d->stream);
}

void
nets_get(struct device *d, int net, enum holding what, float *x, size_t n)
{
    if (n)
        gpu_read(d->stream, x, find(d, net, what), n * sizeof *x);
    gpu_wait(d->stream);
}

void
nets_copy(struct device *d, int net, enum holding to, enum holding from)
{
    gpu_move(d->stream, find(d, net, to), find(d, net, from),
             d->net->weights * sizeof(float));
}
