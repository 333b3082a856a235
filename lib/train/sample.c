/* sample.c - what a model draws, checked and printed. */
#include <stdlib.h>

#include "base/die.h"
#include "stream/agree.h"
#include "train/init.h"
#include "train/sample.h"

/* Has learning moved what a token of this class is multiplied by?  A class
 * that never came has no gradient and keeps its first values. */
static bool
was_seen(const struct model_file *m, const float *first, int k)
{
    const struct net *net = m->model->net;

    for (int i = 0; i < net->nparams && !net->params[i].layer; i++) {
        const struct net_param *p = &net->params[i];

        for (int r = 0; p->matrix && p->cols == net->input_size &&
                        r < p->rows; r++) {
            size_t at = p->offset + (size_t)r * (size_t)p->cols + (size_t)k;

            if (m->weights[at] != first[at])
                return true;
        }
    }
    return false;
}

int
sample_start(const struct model_file *m)
{
    const json_t *seed = json_object_get(m->config, "seed");
    uint64_t n = seed ? (uint64_t)json_integer_value(seed) : 1;
    char buf[4];
    float *w;
    int k = '\n';

    if (!agree_symbol(&m->info, 0, buf) ||
        json_object_get(m->info.about, "symbols"))
        return 0;
    w = xaligned(m->model->net->weights + 1, sizeof *w);
    init_weights(m->model->net, n, w);
    if (!was_seen(m, w, k) && was_seen(m, w, ' '))
        k = ' ';
    for (int i = 0; i < m->info.input_size && !was_seen(m, w, k); i++)
        if (was_seen(m, w, i))
            k = i;
    free(w);
    return k;
}

void
sample_check(const struct model_file *m)
{
    const struct stream_info *info = &m->info;

    if (info->input != VALUE_TOKEN || info->target != VALUE_TOKEN ||
        info->input_size != info->target_size)
        die(RC_DATA, "this model does not predict its own input: nothing to "
            "sample");
}

void
sample(const struct backend *backend, struct device *device,
       const struct drawing *o, int32_t *out)
{
    struct drawing_fault at;

    if (!backend->draw(device, o, out, &at))
        die(RC_DATA, "%s at step %ld of sample %d are not finite: nothing "
            "to draw from", at.scaled ? "outputs divided by --temperature" :
            "the net's outputs", at.step + 1, at.row + 1);
}

/* Names hold bytes as characters U+0001..U+00FF, byte 0 as U+0100. */
static void
print_name(FILE *out, const char *name)
{
    const unsigned char *p = (const unsigned char *)name;

    for (; *p; p++) {
        if (*p < 0x80)
            putc(*p, out);
        else if (p[1])
            putc(((*p & 0x3f) << 6 | (p[1] & 0x3f)) & 0xff, out), p++;
    }
}

void
sample_print(FILE *out, const struct stream_info *info, const int32_t *row,
             long n, bool numbers)
{
    char buf[4];

    if (!numbers && agree_symbol(info, 0, buf)) {
        for (long i = 0; i < n; i++) {
            const char *s = agree_symbol(info, row[i], buf);

            print_name(out, *s ? s : "?");
        }
        putc('\n', out);
        return;
    }
    putc('[', out);
    for (long i = 0; i < n; i++)
        fprintf(out, "%s%d", i ? "," : "", row[i]);
    fputs("]\n", out);
}
