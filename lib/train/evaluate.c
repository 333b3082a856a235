/* evaluate.c - a stored set run forward in chunks, and what is counted. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "base/stop.h"
#include "train/evaluate.h"

static void
positions_grow(struct positions *p, int n)
{
    if (n > p->room) {
        int room = n > 2 * p->room ? n : 2 * p->room;

        p->seen = xrealloc(p->seen, (size_t)room, sizeof *p->seen);
        p->right = xrealloc(p->right, (size_t)room, sizeof *p->right);
        p->room = room;
    }
    for (; p->n < n; p->n++)
        p->seen[p->n] = p->right[p->n] = 0;
}

void
positions_add(struct positions *p, const struct batch *b,
              const uint8_t *correct)
{
    for (int r = 0; r < b->rows; r++) {
        size_t at = (size_t)r * (size_t)b->steps;
        int k = 0, right = 0;

        for (int t = 0; t < b->steps; t++, at++) {
            if (!b->scored[at])
                continue;
            if (k >= p->n)
                positions_grow(p, k + 1);
            p->seen[k]++;
            p->right[k] += correct[at];
            right += correct[at];
            k++;
        }
        p->rows += k > 0;
        p->rows_right += k > 0 && right == k;
    }
}

void
positions_release(struct positions *p)
{
    free(p->seen);
    free(p->right);
}

void
evaluator_init(struct evaluator *e, const struct backend *backend,
               struct device *device, int net, const struct set *set)
{
    memset(e, 0, sizeof *e);
    e->backend = backend;
    e->device = device;
    e->net = net;
    e->weights = HOLD_WEIGHTS;
    e->set = set;
    e->classes = set->info.target_size;
}

void
evaluator_release(struct evaluator *e)
{
    set_room_release(&e->room);
    free(e->loss);
    free(e->correct);
    free(e->probs);
    free(e->outputs);
}

/* Room for k numbers at each of n places, if they are wanted. */
static void
reserve_numbers(float **x, size_t *room, bool want, size_t n, size_t k)
{
    if (!want || n * k <= *room)
        return;
    free(*x);
    *x = xcalloc(n * k, sizeof **x);
    *room = n * k;
}

/* Arrays for what is found in a chunk. */
static void
reserve(struct evaluator *e, const struct batch *b)
{
    size_t n = (size_t)b->rows * (size_t)b->steps;
    size_t k = (size_t)e->classes;

    if (n > e->places) {
        free(e->loss);
        free(e->correct);
        e->loss = xcalloc(n, sizeof *e->loss);
        e->correct = xcalloc(n, 1);
        e->places = n;
    }
    reserve_numbers(&e->probs, &e->probs_room, e->want_probs, n, k);
    reserve_numbers(&e->outputs, &e->outputs_room, e->want_outputs, n, k);
}

static void
run_chunk(struct evaluator *e, const struct batch *b, bool fresh,
          struct evaluation *out)
{
    struct forward f;
    struct tally t;

    if (fresh)
        e->seen = 0;
    reserve(e, b);
    f = (struct forward){
        .net = e->net, .weights = e->weights, .batch = b,
        .first_step = e->seen < INT_MAX ? (int)e->seen : INT_MAX,
        .fresh = fresh, .loss = e->loss, .correct = e->correct,
        .probs = e->probs, .outputs = e->outputs,
    };
    if (!e->backend->forward(e->device, &f, &t))
        stop_look();
    tally_add(&out->tally, &t);
    if (!e->set->info.continues)
        positions_add(&out->positions, b, e->correct);
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

        if (b->rows != e->set->batch[0].rows)
            die(RC_DATA, "batch %d has %d rows, the one it continues %d", i,
                b->rows, e->set->batch[0].rows);
        run_chunk(e, b, i == 0, out);
        if (fn)
            fn(ctx, e, b, row);
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
        int n = s->rows - row < MICROBATCH ? (int)(s->rows - row)
                                           : MICROBATCH;
        const struct batch *b = set_take(s, NULL, row, n, &e->room);

        run_chunk(e, b, true, out);
        if (fn)
            fn(ctx, e, b, row);
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
