#include <string.h>

#include "base/die.h"
#include "probe/probe.h"

enum { MAX_TEXT = 1 << 24 };

void
tracks_begin(struct tracks *t, const struct batch *b)
{
    if (t->state && t->rows != b->rows)
        die(RC_DATA, "batch %lld has %d rows, the one it continues %d",
            (long long)b->index, b->rows, t->rows);
    if (t->state)
        return;
    t->rows = b->rows;
    t->state = xcalloc((size_t)b->rows, sizeof *t->state);
    for (int r = 0; r < b->rows; r++)
        legal_start(t->legal, &t->state[r]);
}

struct set *
probe_set(const struct stream_info *info, const int32_t *symbol, long n,
          bool open_end)
{
    struct set *s = xcalloc(1, sizeof *s);
    struct batch *b = xcalloc(1, sizeof *b);

    if (info->input != VALUE_TOKEN || info->target != VALUE_TOKEN ||
        info->input_size != info->target_size)
        die(RC_DATA, "this model does not predict its own input: a text "
            "cannot be put before it");
    if (n > MAX_TEXT)
        die(RC_DATA, "a text of %ld symbols: %d at most", n, MAX_TEXT);
    if (n < 2 && !open_end)
        die(RC_DATA, "a text of one symbol leaves nothing to predict");
    s->info = *info;
    s->info.continues = true;
    s->info.count = 1;
    s->info.batch = 1;
    s->info.task = json_deep_copy(info->task);
    json_incref(s->info.about);
    batch_shape(b, &s->info, 1, (int)n);
    memcpy(b->tokens, symbol, (size_t)n * sizeof *symbol);
    memcpy(b->classes, symbol + 1, (size_t)(n - 1) * sizeof *symbol);
    memset(b->scored, 1, (size_t)n);
    b->scored[n - 1] = open_end;
    b->length[0] = (int32_t)n;
    s->batch = b;
    s->n = s->room = 1;
    s->rows = 1;
    s->longest = (int)n;
    return s;
}
