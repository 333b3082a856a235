/* update.c - see update.h. */
#include "cpu/update.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/keys.h"

static int
which(const char *word, const char *const *names)
{
    int i = 0;

    while (names[i] && strcmp(names[i], word))
        i++;
    return i;
}

void
optim_init(struct optim *o, const json_t *settings, const struct net *net,
           const struct kernels *k)
{
    static const char *const names[] = {
        "sgd", "momentum", "adagrad", "rmsprop", "adam", "adamw", NULL,
    };
    bool use_m, use_v;

    memset(o, 0, sizeof *o);
    o->net = net;
    o->kernels = k;
    o->kind = (enum optim_kind)which(keys_text(settings, "optimizer"), names);
    o->momentum = (float)keys_real(settings, o->kind == OPTIM_RMSPROP ?
                                   "rmsprop_momentum" : "momentum");
    o->nesterov = keys_bool(settings, "nesterov");
    o->alpha = (float)keys_real(settings, "alpha");
    o->decay1 = keys_real(settings, "beta1");
    o->decay2 = keys_real(settings, "beta2");
    o->beta1 = (float)o->decay1;
    o->beta2 = (float)o->decay2;
    o->epsilon = (float)keys_real(settings, "epsilon");
    o->inside = keys_bool(settings, "epsilon_inside");
    o->decay = (float)keys_real(settings, "weight_decay");
    o->clip_norm = keys_real(settings, "clip_norm");
    o->clip_element = keys_real(settings, "clip_element");
    o->power1 = o->power2 = 1;
    use_m = o->kind == OPTIM_RMSPROP ? o->momentum > 0 :
            o->kind != OPTIM_SGD && o->kind != OPTIM_ADAGRAD;
    use_v = o->kind >= OPTIM_ADAGRAD;
    if (use_m)
        o->m = xaligned(net->weights + 1, sizeof *o->m);
    if (use_v)
        o->v = xaligned(net->weights + 1, sizeof *o->v);
}

void
optim_release(struct optim *o)
{
    free(o->m);
    free(o->v);
}

bool
optim_sane(const float *g, size_t n)
{
    enum { SOME = 64 };         /* a count the compiler turns into vectors */
    const float limit = GRADIENT_LIMIT;
    int bad = 0;
    size_t i = 0;

    for (; i + SOME <= n; i += SOME)
        for (size_t k = 0; k < SOME; k++)
            bad |= !(fabsf(g[i + k]) <= limit);
    for (; i < n; i++)
        bad |= !(fabsf(g[i]) <= limit);
    return !bad;
}

float
optim_clip(const struct optim *o, float *g)
{
    size_t n = o->net->weights;
    float c = (float)o->clip_element;
    double norm = 0;

    if (o->clip_element > 0)
        for (size_t i = 0; i < n; i++)
            g[i] = g[i] < -c ? -c : g[i] > c ? c : g[i];
    if (o->clip_norm <= 0)
        return 1;
    for (size_t i = 0; i < n; i++)
        norm += (double)g[i] * (double)g[i];
    norm = sqrt(norm);
    return norm > o->clip_norm ? (float)(o->clip_norm / norm) : 1;
}

/* Weights first .. first+n-1, which share a rate. */
static void
update_run(struct optim *o, float *w, const float *g, float scale, float lr,
           float c1, float c2, size_t first, size_t n)
{
    const struct kernels *k = o->kernels;
    float *m = o->m ? o->m + first : NULL, *v = o->v ? o->v + first : NULL;

    w += first;
    g += first;
    switch (o->kind) {
    case OPTIM_SGD:
        k->sgd(n, w, g, scale, lr, o->decay);
        break;
    case OPTIM_MOMENTUM:
        k->momentum(n, w, g, m, scale, lr, o->momentum, o->nesterov,
                    o->decay);
        break;
    case OPTIM_ADAGRAD:
        k->adagrad(n, w, g, v, scale, lr, o->epsilon, o->inside, o->decay);
        break;
    case OPTIM_RMSPROP:
        k->rmsprop(n, w, g, v, m, scale, lr, o->alpha, o->epsilon, o->inside,
                   o->momentum, o->decay);
        break;
    case OPTIM_ADAM:
    case OPTIM_ADAMW:
        k->adam(n, w, g, m, v, scale, lr, o->beta1, o->beta2, o->epsilon, c1,
                c2, o->decay, o->kind == OPTIM_ADAMW);
        break;
    }
}

void
optim_step(struct optim *o, float *w, const float *g, float scale, double lr)
{
    const struct net *net = o->net;
    float c1, c2;

    o->power1 *= o->decay1;
    o->power2 *= o->decay2;
    c1 = (float)(1 - o->power1);
    c2 = (float)(1 - o->power2);
    /* Neighbours with one rate go together: the rules are element-wise. */
    for (int i = 0, j; i < net->nparams; i = j) {
        size_t first = net->params[i].offset, n = 0;
        double rate = net->params[i].rate;

        for (j = i; j < net->nparams && net->params[j].rate == rate; j++)
            n += (size_t)net->params[j].rows * (size_t)net->params[j].cols;
        update_run(o, w, g, scale, (float)(lr * rate), c1, c2, first, n);
    }
}
