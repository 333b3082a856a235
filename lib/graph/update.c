/* update.c - what the rules keep from update to update. */
#include "graph/update.h"

bool
update_has_m(const struct update_rule *u)
{
    if (u->kind == UPDATE_RMSPROP)
        return u->momentum > 0;
    return u->kind != UPDATE_SGD && u->kind != UPDATE_ADAGRAD &&
           u->kind != UPDATE_PER_NEURON;
}

bool
update_has_v(const struct update_rule *u)
{
    return u->kind >= UPDATE_ADAGRAD && u->kind != UPDATE_PER_NEURON;
}

struct update_powers
update_powers(const struct update_rule *u, struct update_powers before)
{
    return (struct update_powers){ before.beta1 * u->beta1,
                                   before.beta2 * u->beta2 };
}
