/* schedule.c - see schedule.h. */
#include "train/schedule.h"

#include <string.h>

#include "base/die.h"
#include "base/dmath.h"
#include "base/keys.h"

enum { CONSTANT, LINEAR, COSINE, EXPONENTIAL };

void
schedule_init(struct schedule *s, const json_t *settings)
{
    static const char *const names[] = {
        "constant", "linear", "cosine", "exponential", NULL,
    };
    const char *name = keys_text(settings, "schedule");

    s->kind = 0;
    while (names[s->kind] && strcmp(names[s->kind], name))
        s->kind++;
    s->lr = keys_real(settings, "lr");
    s->end = keys_real(settings, "lr_end");
    s->warmup = keys_int(settings, "warmup");
    if (s->kind == EXPONENTIAL && (s->end <= 0 || s->lr <= 0))
        die(RC_DATA, "schedule exponential needs lr and lr_end above 0");
}

double
schedule_rate(const struct schedule *s, int64_t update, double done)
{
    const double pi = 3.14159265358979323846;
    double lr = s->lr;

    switch (s->kind) {
    case LINEAR:
        lr = s->lr + (s->end - s->lr) * done;
        break;
    case COSINE:
        lr = s->end + (s->lr - s->end) * (0.5 * (1 + d_cos(pi * done)));
        break;
    case EXPONENTIAL:
        lr = s->lr * d_exp(done * d_log(s->end / s->lr));
        break;
    }
    if (update < s->warmup)
        lr *= (double)(update + 1) / (double)s->warmup;
    return lr;
}
