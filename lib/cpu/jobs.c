/* jobs.c - which weight gradients there are, and which go together. */
#include <stdlib.h>

#include "base/die.h"
#include "cpu/run.h"

static int
find_job(struct runner *r, int layer, const struct plan_weight *w)
{
    int param = r->net->layers[layer].first_param + w->param;

    for (int i = 0; i < r->njobs; i++)
        if (r->jobs[i].param == param && r->jobs[i].col0 == w->col0 &&
            r->jobs[i].k == w->k)
            return i;
    r->jobs = xrealloc(r->jobs, (size_t)r->njobs + 1, sizeof *r->jobs);
    r->jobs[r->njobs] = (struct grad_job){
        .layer = layer, .param = param, .col0 = w->col0, .k = w->k,
        .transposed = true,
    };
    return r->njobs++;
}

/* The group of a product: an earlier one with the same argument, if no other
 * product adds to the same matrix (their order counts). */
static struct grad_group *
find_group(struct runner *r, int layer, int kase, const struct plan_weight *w,
           bool alone)
{
    for (int i = 0; alone && i < r->ngroups; i++) {
        const struct grad_group *g = &r->groups[i];
        const struct plan_weight *x = g->site[0].w;

        if (g->layer == layer && g->kase == kase && x->token == w->token &&
            x->k == w->k && x->sign == w->sign &&
            x->arg.place == w->arg.place && x->arg.off == w->arg.off &&
            r->jobs[g->site[0].job].sites == 1)
            return &r->groups[i];
    }
    r->groups = xrealloc(r->groups, (size_t)r->ngroups + 1,
                         sizeof *r->groups);
    r->groups[r->ngroups] = (struct grad_group){ layer, kase, 0, alone,
                                                     NULL };
    return &r->groups[r->ngroups++];
}

static void
each_weight(struct runner *r, void (*fn)(struct runner *, int, int,
                                         const struct plan_weight *))
{
    for (int l = 0; l < r->nlayers; l++) {
        const struct plan *p = r->layers[l].plan;

        for (int c = 0; c < p->ncases; c++)
            for (int i = 0; i < p->cases[c].nweight; i++)
                fn(r, l, c, &p->cases[c].weight[i]);
    }
}

static void
count_site(struct runner *r, int layer, int kase, const struct plan_weight *w)
{
    int job = find_job(r, layer, w);

    (void)kase;
    r->jobs[job].sites++;
    if (!w->token || r->lanes > 1)
        r->jobs[job].transposed = false;
}

static void
group_site(struct runner *r, int layer, int kase, const struct plan_weight *w)
{
    int job = find_job(r, layer, w);
    struct grad_group *g = find_group(r, layer, kase, w,
                                      r->jobs[job].sites == 1);

    g->site = xrealloc(g->site, (size_t)g->nsites + 1, sizeof *g->site);
    g->site[g->nsites++] = (struct grad_site){ job, w };
}

/* Which jobs are the first of their columns, and which matrices have none but
 * those that cover them whole. */
static void
coverage(struct runner *r)
{
    int *cols = xcalloc((size_t)r->net->nparams + 1, sizeof *cols);

    r->covered = xcalloc((size_t)r->net->nparams + 1, sizeof *r->covered);
    for (int i = 0; i < r->njobs; i++) {
        struct grad_job *j = &r->jobs[i];

        j->first = true;
        for (int k = 0; k < i; k++) {
            const struct grad_job *o = &r->jobs[k];

            if (o->param == j->param && o->col0 < j->col0 + j->k &&
                j->col0 < o->col0 + o->k)
                j->first = false;
        }
        if (j->first)
            cols[j->param] += j->k;
    }
    for (int i = 0; i < r->net->nparams; i++)
        r->covered[i] = cols[i] == r->net->params[i].cols;
    for (int i = 0; i < r->njobs; i++)       /* cut up in two ways: from +0 */
        if (!r->covered[r->jobs[i].param])
            r->jobs[i].first = false;
    free(cols);
}

/* Has each of its columns one job, whose sums stand like the gradient? */
static bool
in_place(const struct runner *r, int param)
{
    bool alone = r->covered[param];

    for (int i = 0; i < r->njobs; i++) {
        const struct grad_job *j = &r->jobs[i];

        if (j->param != param)
            continue;
        alone &= j->first && !j->transposed;
        if (r->lanes == 1)         /* whole vectors alone, they have no pads */
            alone &= j->col0 % LANES == 0 && j->k % LANES == 0;
    }
    return alone;
}

void
jobs_open(struct runner *r)
{
    each_weight(r, count_site);
    each_weight(r, group_site);
    coverage(r);
    for (int i = 0; i < r->njobs; i++) {
        struct grad_job *j = &r->jobs[i];
        int rows = r->net->params[j->param].rows;
        size_t n;

        j->in_place = in_place(r, j->param);
        j->ld = (int)wide(r, j->transposed ? rows : j->in_place ?
                          r->net->params[j->param].cols : j->k);
        n = (size_t)(j->transposed ? j->k : rows) * (size_t)j->ld;
        j->block = xaligned(n, sizeof(float));
        j->total = j->in_place ? NULL : xaligned(n, sizeof(float));
        j->off = xcalloc((size_t)j->ld / LANES, sizeof *j->off);
        for (int k = 0; k < j->ld / LANES; k++)
            j->off[k] = k * LANES;
    }
}

void
jobs_close(struct runner *r)
{
    for (int i = 0; i < r->njobs; i++) {
        free(r->jobs[i].block);
        if (!r->jobs[i].in_place)
            free(r->jobs[i].total);
        free(r->jobs[i].off);
    }
    for (int i = 0; i < r->ngroups; i++)
        free(r->groups[i].site);
    free(r->jobs);
    free(r->covered);
    free(r->groups);
}
