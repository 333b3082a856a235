#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "base/stop.h"
#include "train/evaluate.h"

void
evaluator_init(struct evaluator *e, const struct backend *backend,
               struct runner *runner, const struct net *net,
               struct loss *loss, const struct set *set)
{
    int rows = set->rows < MICROBATCH ? (int)set->rows : MICROBATCH;

    memset(e, 0, sizeof *e);
    e->backend = backend;
    e->runner = runner;
    e->net = net;
    e->loss = loss;
    e->set = set;
    if (set->info.continues)
        rows = set->batch[0].rows;
    e->state = xaligned((size_t)rows * net->state_size + 1, sizeof(float));
}

void
evaluator_release(struct evaluator *e)
{
    set_room_release(&e->room);
    free(e->state);
}

static void
run_chunk(struct evaluator *e, const struct batch *b, bool fresh,
          struct evaluation *out, struct window *w)
{
    if (fresh)
        e->seen = 0;
    *w = (struct window){
        .rows = b->rows, .steps = b->steps, .row_steps = b->steps,
        .tokens = b->tokens, .vectors = b->vectors, .scored = b->scored,
        .length = b->length,
        .first_step = e->seen < INT_MAX ? (int)e->seen : INT_MAX,
        .fresh = fresh, .state = e->state,
    };
    loss_begin(e->loss, b, 0, b->steps);
    e->backend->run(e->runner, w, loss_place, e->loss, NULL);
    stop_look();
    loss_tally(e->loss, &out->tally);
    if (!e->set->info.continues)
        positions_add(&out->positions, e->loss);
    e->seen += b->steps;
}

/* Rows go on in the batch after: the state stays. */
static void
evaluate_continuing(struct evaluator *e, struct evaluation *out, chunk_fn *fn,
                    void *ctx)
{
    int64_t row = 0;

    for (int i = 0; i < e->set->n; i++) {
        const struct batch *b = &e->set->batch[i];
        struct window w;

        if (b->rows != e->set->batch[0].rows)
            die(RC_DATA, "batch %d has %d rows, the one it continues %d", i,
                b->rows, e->set->batch[0].rows);
        run_chunk(e, b, i == 0, out, &w);
        if (fn)
            fn(ctx, e, b, &w, row);
        row += b->rows;
    }
}

void
evaluate(struct evaluator *e, struct evaluation *out, chunk_fn *fn, void *ctx)
{
    const struct set *s = e->set;

    memset(out, 0, sizeof *out);
    if (s->info.continues) {
        evaluate_continuing(e, out, fn, ctx);
        return;
    }
    for (int64_t row = 0; row < s->rows; row += MICROBATCH) {
        struct window w;
        int n = s->rows - row < MICROBATCH ? (int)(s->rows - row)
                                           : MICROBATCH;
        const struct batch *b = set_take(s, NULL, row, n, &e->room);

        run_chunk(e, b, true, out, &w);
        if (fn)
            fn(ctx, e, b, &w, row);
    }
}

bool
has_accuracy(const struct stream_info *info)
{
    return info->target == VALUE_TOKEN;
}

static json_t *
position_list(const struct positions *p)
{
    json_t *a = json_array();

    for (int i = 0; i < p->n; i++)
        json_array_append_new(a, json_number((double)p->right[i] /
                                             (double)p->seen[i]));
    return a;
}

/* Where the stream says how many bytes its symbols stand for. */
static void
put_bits(json_t *o, const struct evaluation *e, const struct stream_info *info)
{
    const json_t *all = json_object_get(info->about, "bytes_per_symbol");
    double bytes = json_number_value(json_object_get(all, info->split));
    const double ln2 = 0.69314718055994531;

    if (bytes > 0)
        json_object_set_new(o, "bits_per_byte",
                            json_number(tally_loss(&e->tally) / ln2 / bytes));
}

json_t *
evaluation_json(const struct evaluation *e, const struct stream_info *info)
{
    const struct positions *p = &e->positions;
    const json_t *floor = json_object_get(info->about, "floor");
    json_t *o = json_object();

    json_object_set_new(o, "loss", json_number(tally_loss(&e->tally)));
    put_bits(o, e, info);
    if (has_accuracy(info))
        json_object_set_new(o, "accuracy",
                            json_number(tally_accuracy(&e->tally)));
    if (json_is_number(floor))
        json_object_set_new(o, "floor",
                            json_number(json_number_value(floor)));
    json_object_set_new(o, "places", json_integer(e->tally.places));
    if (has_accuracy(info) && p->rows) {
        json_object_set_new(o, "sequence_accuracy",
            json_number((double)p->rows_right / (double)p->rows));
        json_object_set_new(o, "sequences", json_integer(p->rows));
        json_object_set_new(o, "positions", position_list(p));
    }
    return o;
}
