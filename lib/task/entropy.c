/* entropy.c - a tree of all sequences of up to k + 1 symbols, counted. */
#include "task/entropy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/dmath.h"
#include "base/json.h"
#include "task/tasks.h"
#include "task/tokens.h"

/* A sequence of symbols.  The root, node 0, is the empty one. */
struct node {
    uint32_t count;       /* times seen */
    uint32_t followed;    /* times a symbol came after it */
    uint16_t followers;   /* different ones */
    uint16_t length;
};

/* A hash table from (node << 16 | symbol) to the node one longer; 0: free (the
 * root is nobody's child). */
struct tree {
    struct node *node;
    uint32_t n, room;
    uint64_t *key;
    uint32_t *child;
    size_t slots;
    int orders;           /* contexts have fewer symbols than this */
};

/* Nodes of the last 0, 1, 2 ... symbols; n of them are there, and those of
 * the longer ones are not known. */
struct context {
    uint32_t node[ENTROPY_ORDERS + 1];
    int n;
};

static size_t
place(const struct tree *t, uint64_t key)
{
    uint64_t h = key * UINT64_C(0x9e3779b97f4a7c15);
    size_t i = (size_t)(h ^ h >> 32) & (t->slots - 1);

    while (t->child[i] && t->key[i] != key)
        i = (i + 1) & (t->slots - 1);
    return i;
}

static void
make_slots(struct tree *t, size_t slots)
{
    t->slots = slots;
    t->key = xcalloc(slots, sizeof *t->key);
    t->child = xcalloc(slots, sizeof *t->child);
}

static void
grow(struct tree *t)
{
    uint64_t *key = t->key;
    uint32_t *child = t->child;
    size_t n = t->slots;

    make_slots(t, 2 * n);
    for (size_t i = 0; i < n; i++) {
        size_t at = child[i] ? place(t, key[i]) : 0;

        if (child[i]) {
            t->key[at] = key[i];
            t->child[at] = child[i];
        }
    }
    free(key);
    free(child);
}

static void
tree_init(struct tree *t, int orders)
{
    t->orders = orders;
    t->room = 1 << 12;
    t->n = 1;
    t->node = xcalloc(t->room, sizeof *t->node);
    make_slots(t, 1 << 13);
}

static void
tree_release(struct tree *t)
{
    free(t->node);
    free(t->key);
    free(t->child);
}

static uint64_t
edge(uint32_t node, int symbol)
{
    return (uint64_t)node << 16 | (uint64_t)symbol;
}

/* The node one symbol longer, made if it is new. */
static uint32_t
extend(struct tree *t, uint32_t from, int symbol)
{
    size_t at = place(t, edge(from, symbol));

    if (t->child[at])
        return t->child[at];
    if (4 * (size_t)t->n >= 3 * t->slots) {
        grow(t);
        at = place(t, edge(from, symbol));
    }
    if (t->n == t->room) {
        if (t->room > UINT32_MAX / 2)
            die(RC_DATA, "more than 2^31 different sequences: take a lower "
                "order");
        t->room *= 2;
        t->node = xrealloc(t->node, t->room, sizeof *t->node);
    }
    t->key[at] = edge(from, symbol);
    t->child[at] = t->n;
    t->node[t->n] = (struct node){
        .length = (uint16_t)(t->node[from].length + 1),
    };
    t->node[from].followers++;
    return t->n++;
}

static void
count(struct tree *t, const struct tokens *text, enum split split)
{
    struct context c = { .n = 1 };

    for (size_t i = text->from[split]; i < text->to[split]; i++) {
        int symbol = tokens_at(text, i);
        int n = c.n < t->orders ? c.n + 1 : t->orders;

        for (int k = c.n - 1; k >= 0; k--) {
            uint32_t child = extend(t, c.node[k], symbol);

            t->node[c.node[k]].followed++;
            t->node[child].count++;
            if (k + 1 < t->orders)
                c.node[k + 1] = child;
        }
        c.n = n;
    }
}

/* sum[k]: -log p of all symbols given the k before, p as counted. */
static void
in_sample(const struct tree *t, double *sum)
{
    for (size_t i = 0; i < t->slots; i++) {
        const struct node *from = &t->node[t->key[i] >> 16];
        double n;

        if (!t->child[i])
            continue;
        n = (double)t->node[t->child[i]].count;
        sum[from->length] -= n * d_log(n / (double)from->followed);
    }
}

/* Adds -log p_k of a symbol to sum[k], and goes on to the contexts that it
 * ends. */
static void
predict(const struct tree *t, int classes, struct context *c, int symbol,
        double *sum)
{
    double p = 1 / (double)classes;
    struct context next = { .n = 1 };

    for (int k = 0; k < t->orders; k++) {
        const struct node *node = &t->node[k < c->n ? c->node[k] : 0];
        uint32_t child = 0;

        if (k < c->n && node->followed) {
            child = t->child[place(t, edge(c->node[k], symbol))];
            p = ((child ? (double)t->node[child].count : 0) +
                 (double)node->followers * p) /
                ((double)node->followed + (double)node->followers);
        }
        if (child && k + 1 < t->orders) {
            next.node[k + 1] = child;
            next.n = k + 2;
        }
        sum[k] -= d_log(p);
    }
    *c = next;
}

/* The mean for each order, from the second symbol of the split on. */
static void
held_out(const struct tree *t, const struct tokens *text, enum split split,
         double *mean)
{
    struct context c = { .n = 1 };
    size_t from = text->from[split], to = text->to[split];
    double first[ENTROPY_ORDERS] = { 0 };

    for (size_t i = from; i < to; i++)
        predict(t, text->classes, &c, tokens_at(text, i),
                i == from ? first : mean);
    for (int k = 0; k < t->orders; k++)
        mean[k] = to > from + 1 ? mean[k] / (double)(to - from - 1) : NAN;
}

static void
put(json_t *o, const struct source *s, const char *name, enum split split,
    double nats)
{
    const json_t *ratio = json_object_get(s->info.about, "bytes_per_symbol");
    double bytes = json_number_value(json_object_get(ratio,
                                                     split_name(split)));
    char *bits = xasprintf("%s_bits", name);

    json_object_set_new(o, name, json_number(nats));
    json_object_set_new(o, bits,
                        json_number(nats / 0.69314718055994531 / bytes));
    free(bits);
}

json_t *
text_entropies(const struct source *s, int highest)
{
    const struct tokens *text = text_tokens(s);
    double sum[3][ENTROPY_ORDERS] = { { 0 } };
    uint32_t contexts[ENTROPY_ORDERS] = { 0 };
    double counted[ENTROPY_ORDERS] = { 0 };
    json_t *all = json_array();
    struct tree t;

    tree_init(&t, highest + 1);
    count(&t, text, SPLIT_TRAIN);
    for (uint32_t i = 0; i < t.n; i++) {
        const struct node *node = &t.node[i];

        if (node->followed) {
            contexts[node->length]++;
            counted[node->length] += node->followed;
        }
    }
    in_sample(&t, sum[SPLIT_TRAIN]);
    held_out(&t, text, SPLIT_VAL, sum[SPLIT_VAL]);
    held_out(&t, text, SPLIT_TEST, sum[SPLIT_TEST]);
    for (int k = 0; k <= highest; k++) {
        json_t *o = json_object();

        json_object_set_new(o, "order", json_integer(k));
        json_object_set_new(o, "contexts", json_integer(contexts[k]));
        json_object_set_new(o, "symbols", json_integer(
            (json_int_t)counted[k]));
        put(o, s, "in_sample", SPLIT_TRAIN,
            sum[SPLIT_TRAIN][k] / counted[k]);
        put(o, s, "val", SPLIT_VAL, sum[SPLIT_VAL][k]);
        put(o, s, "test", SPLIT_TEST, sum[SPLIT_TEST][k]);
        json_array_append_new(all, o);
    }
    tree_release(&t);
    return all;
}
