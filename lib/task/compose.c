/*
 * compose.c - elements of a group, one after the other, each shown as it moves
 * a template; the answer is how their product does (docs/tasks.md).
 *
 * Element g is the vector lambda(g) x, (lambda(g) x)[h] = x[g^-1 h].  After
 * g_1 ... g_t the target is lambda(g_t ... g_2 g_1) x: what comes later acts
 * later, from the left.
 */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "stream/codebook.h"
#include "task/compose.h"
#include "task/source.h"
#include "task/tasks.h"

static const struct key keys[] = {
    { "group", KEY_TEXT, "\"C11\"", 0, 0, NULL, "GROUP",
      "C11, D5, Q8, S4, A5, O, products as C5xC5, or a table of products; a "
      "name with a slash is a file that holds one" },
    { "len", KEY_INT, "2", 2, 1e5, NULL, "K", "elements of a sequence" },
    { "outputs", KEY_CHOICE, "\"last\"", 0, 0, "last|all", "WHICH",
      "targets: the product of all, or of each beginning of two or more" },
    { "form", KEY_CHOICE, "\"vectors\"", 0, 0, "vectors|tokens|flat|codebook",
      "FORM",
      "inputs: a moved template a step, the element's number, all templates "
      "side by side in one step, or numbers that stand for them" },
    { "draw", KEY_CHOICE, "\"random\"", 0, 0, "random|all", "HOW",
      "sequences: drawn without end, or each of them once, in order" },
    { "held", KEY_REAL, "0", 0, 0.99, NULL, "SHARE",
      "part of all sequences that is left to validation and test" },
    { "template", KEY_CHOICE, "\"onehot\"", 0, 0,
      "onehot|spectrum|fourier|gaussian|image|values", "KIND",
      "the function on the group that its elements move" },
    { "height", KEY_REAL, "1", -1e6, 1e6, NULL, "X",
      "onehot: the number that is not 0" },
    { "at", KEY_INT, "0", 0, GROUP_ORDER - 1, NULL, "N",
      "onehot: the element where it stands" },
    { "powers", KEY_TEXT, "\"\"", 0, 0, NULL, "LIST",
      "spectrum: the power of each irrep, as '0 30 3000' or '2:3000 1:30'" },
    { "amplitudes", KEY_TEXT, "\"\"", 0, 0, NULL, "LIST",
      "spectrum: instead of powers, a in the transform a I" },
    { "modes", KEY_INT, "3", 1, GROUP_ORDER, NULL, "N",
      "fourier, gaussian: how many waves or bumps" },
    { "image", KEY_TEXT, "\"\"", 0, 0, NULL, "ROWS",
      "image: numbers, rows between semicolons; a name with a slash is a file "
      "(PGM, or lines of numbers)" },
    { "fold", KEY_CHOICE, "\"rows\"", 0, 0, "rows|columns|diagonals", "HOW",
      "image, cyclic groups: the means of which are the template" },
    { "values", KEY_TEXT, "\"\"", 0, 0, NULL, "LIST",
      "values: a number an element" },
    { "template_seed", KEY_INT, "1", 0, 9007199254740991.0, NULL, "N",
      "fourier, gaussian: of what is drawn" },
    TASK_SEED,
    { NULL, KEY_INT, NULL, 0, 0, NULL, NULL, NULL },
};

struct compose {
    struct composition c;
    float *moved;            /* (n,n): row g is lambda(g) x */
    uint32_t count;          /* n^len where sequences have numbers, else 0 */
    uint32_t kept;           /* of these, those of the training split */
    uint32_t *order;         /* (count): those kept, ascending; then the held
                                ones.  NULL: none is held */
};

/* ---- settings ---- */

const struct key *
compose_keys(void)
{
    return keys;
}

/* Place of a word in a row's choices. */
static int
choice(const json_t *v, const char *path)
{
    const char *all = keys_find(keys, path)->choices;
    const char *word = keys_text(v, path);
    size_t n = strlen(word);
    int i = 0;

    while (strncmp(all, word, n) || (all[n] && all[n] != '|')) {
        all = strchr(all, '|') + 1;
        i++;
    }
    return i;
}

/* A file's text in place of its name; its path, if it was one, to be freed. */
static char *
take_file(json_t *settings, const char *path, char *(*read)(const char *))
{
    char *name = xstrdup(keys_text(settings, path)), *text;

    if (!strchr(name, '/')) {
        free(name);
        return NULL;
    }
    text = read(name);
    json_object_set_new(settings, path, json_string(text));
    free(text);
    return name;
}

void
composition_open(struct composition *c, json_t *v, const char *where)
{
    char *group = take_file(v, "group", group_read);
    char *image = take_file(v, "image", image_read);
    struct template t = {
        .kind = (enum template_kind)choice(v, "template"),
        .height = keys_real(v, "height"), .at = (int)keys_int(v, "at"),
        .powers = keys_text(v, "powers"),
        .amplitudes = keys_text(v, "amplitudes"),
        .modes = (int)keys_int(v, "modes"), .image = keys_text(v, "image"),
        .fold = (enum template_fold)choice(v, "fold"),
        .values = keys_text(v, "values"),
        .seed = (uint64_t)keys_int(v, "template_seed"),
    };

    memset(c, 0, sizeof *c);
    c->len = (int)keys_int(v, "len");
    c->outputs = choice(v, "outputs") == 1;
    c->form = (enum compose_form)choice(v, "form");
    c->listed = choice(v, "draw") == 1;
    c->held = keys_real(v, "held");
    c->seed = (uint64_t)keys_int(v, "seed");
    group_open(&c->group, keys_text(v, "group"), group ? group : where);
    c->x = xcalloc((size_t)c->group.n, sizeof *c->x);
    template_make(&t, &c->group, image ? image : where, c->x);
    free(group);
    free(image);
}

void
composition_close(struct composition *c)
{
    group_close(&c->group);
    free(c->x);
}

/* ---- sequences ---- */

/* n^len; 0 if it is more than can be listed. */
static uint32_t
count_all(const struct composition *c)
{
    uint64_t all = 1;

    for (int i = 0; i < c->len && all <= COMPOSE_ALL; i++)
        all *= (uint64_t)c->group.n;
    return all <= COMPOSE_ALL ? (uint32_t)all : 0;
}

/* The held ones are the first of a shuffle. */
static void
hold_out(struct compose *p, uint32_t held)
{
    uint8_t *out = xcalloc(p->count, 1);
    uint32_t kept = 0, *order = xcalloc(p->count, sizeof *order);
    struct rng r;

    p->order = xcalloc(p->count, sizeof *p->order);
    for (uint32_t i = 0; i < p->count; i++)
        order[i] = i;
    rng_init(&r, p->c.seed, RNG_TASK, UINT32_MAX, 0);
    rng_shuffle(&r, order, p->count);
    for (uint32_t i = 0; i < held; i++)
        out[order[i]] = 1;
    for (int side = 0; side < 2; side++)
        for (uint32_t i = 0; i < p->count; i++)
            if (out[i] == side)
                p->order[kept++] = i;
    free(order);
    free(out);
}

static void
compose_open(struct source *s)
{
    struct compose *p = xcalloc(1, sizeof *p);
    struct composition *c = &p->c;
    size_t n;

    s->self = p;
    composition_open(c, s->info.task, s->where);
    n = (size_t)c->group.n;
    if (c->form == FORM_FLAT && c->outputs)
        source_bad(s, "form 'flat' has one step, so that there is no target "
                   "after each element: outputs 'last' goes with it");
    if (c->form == FORM_FLAT && n * (size_t)c->len > 1 << 24)
        source_bad(s, "%d templates of %zu numbers are too many for one step: "
                   "2^24 in all at most; take a smaller len or --form vectors",
                   c->len, n);
    p->count = count_all(c);
    if (!p->count && (c->listed || c->held > 0))
        source_bad(s, "%zu^%d sequences are more than %d: they can only be "
                   "drawn, and none be held out", n, c->len, COMPOSE_ALL);
    p->kept = p->count;
    if (c->held > 0) {
        uint32_t held = (uint32_t)(c->held * p->count + 0.5);

        p->kept -= held;
        if (!held || !p->kept)
            source_bad(s, "of %u sequences a share of %g leaves %s", p->count,
                       c->held, held ? "none to train on" : "none out");
        hold_out(p, held);
    }
    p->moved = xcalloc(n * n, sizeof *p->moved);
    for (size_t g = 0; g < n; g++)
        for (size_t h = 0; h < n; h++)
            p->moved[g * n + h] = (float)c->x[group_times(
                &c->group, c->group.inverse[g], (int)h)];
    s->info.input = c->form == FORM_NUMBERS || c->form == FORM_CODEBOOK ?
                    VALUE_TOKEN : VALUE_VECTOR;
    if (c->form == FORM_CODEBOOK)
        s->info.codebook = codebook_json(p->moved, (int)n, (int)n);
    s->info.target = VALUE_VECTOR;
    s->info.input_size = s->info.target_size = (int)n;
    if (c->form == FORM_FLAT)
        s->info.input_size *= c->len;
    s->steps = c->form == FORM_FLAT ? 1 : c->len;
    s->floor = 0;
}

/* Of a split: where its sequences begin in `order`, and how many there are. */
static uint32_t
split_first(const struct compose *p, enum split split)
{
    return p->order && split != SPLIT_TRAIN ? p->kept : 0;
}

static uint32_t
split_count(const struct compose *p, enum split split)
{
    return p->order && split != SPLIT_TRAIN ? p->count - p->kept : p->kept;
}

static int64_t
compose_batches(const struct source *s, enum split split)
{
    const struct compose *p = s->self;
    int64_t rows = s->info.batch;

    return p->c.listed ? (split_count(p, split) + rows - 1) / rows : -1;
}

/* The elements of row `row`: of a number, the first element is its lowest
 * digit. */
static void
elements(const struct compose *p, const struct draw *d, uint64_t row,
         int32_t *element)
{
    uint32_t n = (uint32_t)p->c.group.n, at = (uint32_t)row;
    struct rng r;

    task_rng(&r, d, row);
    if (!p->c.listed && !p->order) {
        for (int t = 0; t < p->c.len; t++)
            element[t] = (int32_t)rng_below(&r, n);
        return;
    }
    if (!p->c.listed)
        at = rng_below(&r, split_count(p, d->split));
    at += split_first(p, d->split);
    if (p->order)
        at = p->order[at];
    for (int t = 0; t < p->c.len; t++, at /= n)
        element[t] = (int32_t)(at % n);
}

static void
fill_row(const struct compose *p, const int32_t *element, struct batch *b,
         int row)
{
    const struct composition *c = &p->c;
    size_t n = (size_t)c->group.n, size = n * sizeof *b->values;
    size_t at = (size_t)row * (size_t)b->steps;
    int product = element[0];

    for (int t = 0; t < c->len; t++) {
        size_t place = c->form == FORM_FLAT ? at : at + (size_t)t;

        product = t ? group_times(&c->group, element[t], product) : product;
        if (b->tokens)
            b->tokens[place] = element[t];
        else
            memcpy(b->vectors + (at * (size_t)(c->form == FORM_FLAT ? c->len :
                                               1) + (size_t)t) * n,
                   p->moved + (size_t)element[t] * n, size);
        if (t < c->len - 1 && !(c->outputs && t))
            continue;
        memcpy(b->values + place * n, p->moved + (size_t)product * n, size);
        b->scored[place] = 1;
    }
    b->length[row] = b->steps;
}

static void
compose_make(struct source *s, const struct draw *d, struct batch *b)
{
    const struct compose *p = s->self;
    int32_t *element = xcalloc((size_t)p->c.len, sizeof *element);
    uint64_t all = split_count(p, d->split);
    int rows = d->rows;

    if (p->c.listed && d->first + (uint64_t)rows > all)
        rows = (int)(all - d->first);
    batch_shape(b, &s->info, rows, (int)s->steps);
    for (int i = 0; i < rows; i++) {
        elements(p, d, d->first + (uint64_t)i, element);
        fill_row(p, element, b, i);
    }
    free(element);
}

static void
compose_close(struct source *s)
{
    struct compose *p = s->self;

    composition_close(&p->c);
    free(p->moved);
    free(p->order);
    free(p);
}

const struct task task_compose = {
    .name = "compose",
    .about = "elements of a group move a template; then their product does",
    .keys = keys,
    .open = compose_open,
    .make = compose_make,
    .batches = compose_batches,
    .close = compose_close,
};
