/* loss.c - losses by name, and means of them. */
#include "graph/loss.h"

#include <math.h>
#include <string.h>

#include "base/die.h"

enum loss_kind
loss_kind(const char *name, enum value_kind target)
{
    static const char *const names[] = {
        "cross_entropy", "cross_entropy_sum", "mse_mean", "mse_sum",
    };
    int k = target == VALUE_TOKEN ? LOSS_CROSS_ENTROPY : LOSS_MSE_MEAN;

    for (int i = 0; i < 4; i++)
        if (!strcmp(name, names[i]))
            k = i;
    if ((k <= LOSS_CROSS_ENTROPY_SUM) != (target == VALUE_TOKEN))
        die(RC_DATA, "loss %s does not fit a target of %s", name,
            target == VALUE_TOKEN ? "classes" : "vectors");
    return (enum loss_kind)k;
}

float
loss_divisor(enum loss_kind kind, int64_t scored, int K)
{
    switch (kind) {
    case LOSS_CROSS_ENTROPY:
        return (float)scored;
    case LOSS_MSE_MEAN:
        return (float)((double)scored * K);
    default:
        return 1;
    }
}

void
tally_add(struct tally *all, const struct tally *t)
{
    all->loss += t->loss;
    all->places += t->places;
    all->correct += t->correct;
}

double
tally_loss(const struct tally *t)
{
    return t->places ? t->loss / (double)t->places : NAN;
}

double
tally_accuracy(const struct tally *t)
{
    return t->places ? (double)t->correct / (double)t->places : NAN;
}
