#include <stdlib.h>

#include "base/die.h"
#include "base/json.h"
#include "base/keys.h"
#include "train/describe.h"

enum { BLOCK_ROWS = 64 };   /* rows whose steps are kept at once */

static void
put(json_t *o, const char *key, double x)
{
    json_object_set_new(o, key, json_number(x));
}

void
describe_json(struct run *r, FILE *out)
{
    const struct batch *b = feed_batch(r->data->train, 0, 0);
    double weights = (double)r->net->weights, steps, rows, bytes;
    json_t *o = json_object();
    char *text;
    int copies = 2 + (r->optim.m != NULL) + (r->optim.v != NULL) +
                 (r->best != NULL);

    steps = r->bptt && r->bptt < b->steps ? (double)r->bptt : b->steps;
    rows = b->rows < BLOCK_ROWS ? b->rows : BLOCK_ROWS;
    bytes = weights * 4 * copies + (double)net_bytes_kept(r->net) * rows *
            steps + (double)b->rows * b->steps * (r->info->input ==
            VALUE_TOKEN ? 4 : 4.0 * r->info->input_size);
    json_object_set_new(o, "id", json_string(r->id));
    put(o, "parameters", weights);
    put(o, "rows", b->rows);
    put(o, "steps", steps);
    put(o, "bytes", bytes);
    put(o, "bytes_kept_a_step_and_row", (double)net_bytes_kept(r->net));
    put(o, "flops_a_step_and_row", net_flops(r->net, true));
    put(o, "flops_an_update", net_flops(r->net, true) * b->rows * steps);
    json_object_set(o, "config", (json_t *)r->config);
    text = json_text(o, false);
    fprintf(out, "%s\n", text);
    free(text);
    json_decref(o);
}

void
describe_line(const struct run *r)
{
    const json_t *s = r->settings;
    long steps = keys_int(s, "steps"), epochs = keys_int(s, "epochs");
    char lr[40], *length;

    json_format_number(keys_real(s, "lr"), lr);
    length = epochs && steps ? xasprintf("%ld epochs or %ld updates", epochs,
                                         steps) :
             epochs ? xasprintf("%ld epochs", epochs) :
             xasprintf("%ld updates", steps);
    fprintf(stderr, "%s: %.8s: %s, %ld units, %zu weights; %s, lr %s, batch "
            "%ld; %s\n", prog, r->id, keys_text(s, "cell"),
            keys_int(s, "size"), r->net->weights, keys_text(s, "optimizer"),
            lr, keys_int(s, "batch"), length);
    free(length);
}

void
describe_profile(const struct run *r)
{
    double s[4], all = wall_seconds() - r->started, other = all;
    struct { const char *what; double seconds; } row[] = {
        { "products", 0 }, { "element-wise", 0 }, { "loss", 0 },
        { "optimizer and packing", r->spent.update },
        { "waiting for input", r->spent.input },
        { "validation", r->spent.validation },
        { "output", r->spent.output }, { "other", 0 },
    };

    r->o->backend->profile(r->runner, s);
    for (int i = 0; i < 3; i++)
        row[i].seconds = s[i] / r->o->threads;
    for (int i = 0; i < 7; i++)
        other -= row[i].seconds;
    row[7].seconds = other;
    fprintf(stderr, "%s: %.3f seconds, %lld updates\n", prog, all,
            (long long)r->s.n.update);
    for (int i = 0; i < 8; i++)
        fprintf(stderr, "%s: %6.2f %% %s\n", prog,
                100 * row[i].seconds / all, row[i].what);
}
