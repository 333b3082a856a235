/*
 * emit.c - kernels as text: what host and kernels share, and the element-wise
 * runs of a net's plans, a kernel each.
 *
 * A run's thread has one unit of one row: it reads what the run reads there,
 * does the operations one after another in variables, and writes what others
 * will read.  That is a function of its own, unit_...(), for loops as well
 * (emit_loop.c).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/rng.h"
#include "cuda/loop.h"
#include "cuda/op_text.h"
#include "cuda/text.h"

/* ---- operators -----------------------------------------------------------*/

static const char *const op_texts[OPS] = {
#define OP_ARITH(id, ...) [OP_##id] = TEXT_##id,
#define OP_FUNC(id, ...) [OP_##id] = TEXT_##id,
#define OP_FUNC2(id, ...) [OP_##id] = TEXT_##id,
#define OP_FLAG(id, ...) [OP_##id] = TEXT_##id,
#define OP_SLOPE(id, ...) [OP_##id] = TEXT_##id,
#define OP_MADE(id, ...) [OP_##id] = TEXT_##id,
#include "cell/ops.def"
};

static void
emit_ops(FILE *f, const bool *used)
{
    for (int i = 0; i < OPS; i++)
        if (used[i] && op_texts[i])
            fprintf(f, "/* %s */\nFUNCTION float\nop_%d(float a, float b, "
                    "float c, int k)\n{\n    return %s;\n}\n\n",
                    op_name((enum op)i), i, op_texts[i]);
}

/* ---- a run ---------------------------------------------------------------*/

struct run {
    FILE *f;
    const struct plan_case *c;
    const struct place *at;
    int drop_site;
    bool *there;                  /* per value: it is in a variable */
    bool *shown;                  /* per way of rows: its index is there */
};

static const char *const row_names[] = {
    [ROWS_HERE] = "here", [ROWS_NEXT] = "next", [ROWS_TURN] = "turn",
    [ROWS_AFTER] = "after", [ROWS_LOCAL] = "local", [ROWS_ONE] = "one",
};

/* at[plane][...] of this thread. */
static void
emit_place(const struct run *r, const struct place *p)
{
    fprintf(r->f, "at[%d][%zu + %s]", p->plane, p->off, row_names[p->rows]);
}

static void
emit_rows(struct run *r, const struct place *p)
{
    if (p->plane < 0 || r->shown[p->rows])
        return;
    r->shown[p->rows] = true;
    if (p->rows == ROWS_ONE)
        fprintf(r->f, "    const size_t one = j;\n");
    else
        fprintf(r->f, "    const size_t %s = row_at(w, %d, r) * %d + j;\n",
                row_names[p->rows], (int)p->rows, p->size);
}

static void
emit_number(const struct run *r, float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof bits);
    fprintf(r->f, "__int_as_float((int)0x%08xu)", (unsigned)bits);
}

/* Into a variable, unless it is in one. */
static void
emit_read(struct run *r, int value)
{
    const struct plan_value *v = &r->c->value[value];

    if (r->there[value])
        return;
    r->there[value] = true;
    fprintf(r->f, "    float v%d = ", value);
    if (v->class == V_NUMBER)
        emit_number(r, v->num);
    else
        emit_place(r, &r->at[value]);
    fprintf(r->f, ";\n");
}

static void
emit_drop(const struct run *r, const struct plan_op *o)
{
    double limit = o->p * 0x1p32;
    uint64_t least = (uint64_t)limit;

    least += (double)least < limit;
    fprintf(r->f, "dropped(w, v%d, ", o->a[0]);
    emit_number(r, 1.0f / (1.0f - (float)o->p));
    fprintf(r->f, ", %lluull, %du, r, j)", (unsigned long long)least,
            r->drop_site + o->site);
}

static void
emit_op(struct run *r, const struct plan_op *o)
{
    for (int i = 0; i < o->nargs; i++)
        emit_read(r, o->a[i]);
    fprintf(r->f, "    %sv%d = %s", r->there[o->d] ? "" : "float ", o->d,
            o->trim && o->op != OP_DROP ? "trim(" : "(");
    r->there[o->d] = true;
    if (o->op == OP_DROP) {
        emit_drop(r, o);
    } else if (o->op == OP_ONEHOT) {
        fprintf(r->f, "token_of(w, r) == j ? 1.0f : 0.0f");
    } else {
        fprintf(r->f, "op_%d(", (int)o->op);
        for (int i = 0; i < 3; i++)
            fprintf(r->f, i < o->nargs ? "v%d, " : "0.0f, ", o->a[i]);
        fprintf(r->f, "%d)", o->power);
    }
    fprintf(r->f, ");\n");
    if (r->at[o->d].plane < 0)
        return;
    fprintf(r->f, "    ");
    emit_place(r, &r->at[o->d]);
    fprintf(r->f, " = v%d;\n", o->d);
}

char *
emit_name(char *to, size_t n, int layer, int kase, int region, int instr)
{
    snprintf(to, n, "run_%d_%d_%d_%d", layer, kase, region, instr);
    return to;
}

static void
emit_run(struct run *r, const struct instr *in, const char *name)
{
    bool shown[ROWS_ONE + 1] = { false };

    memset(r->there, 0, (size_t)r->c->nvalues * sizeof *r->there);
    r->shown = shown;
    fprintf(r->f, "FUNCTION void\nunit_%s(const struct work &w, "
            "float *const *at, int r, int j)\n{\n", name);
    for (int i = 0; i < in->nops; i++) {
        emit_rows(r, &r->at[in->ops[i].d]);
        for (int k = 0; k < in->ops[i].nargs; k++)
            emit_rows(r, &r->at[in->ops[i].a[k]]);
    }
    for (int i = 0; i < in->nops; i++)
        emit_op(r, &in->ops[i]);
    fprintf(r->f, "}\n\nKERNEL\n%s(struct work w)\n{\n"
            "    float *const *at = planes_of(w);\n"
            "    const int i = thread_number(), r = i / %d, j = i %% %d;\n\n"
            "    if (at && r < launch_rows(w))\n"
            "        unit_%s(w, at, r, j);\n}\n\n",
            name, in->size, in->size, name);
}

/* ---- a variant's runs ----------------------------------------------------*/

static const struct plan_region *
region_of(const struct plan_case *c, int region)
{
    return region < REGIONS ? &c->region[region] :
           region == REGIONS ? &c->vec : &c->bvec;
}

static void
note_ops(const struct plan_region *g, bool *used)
{
    for (int i = 0; i < g->n; i++)
        for (int k = 0; g->instr[i].kind == I_EW && k < g->instr[i].nops; k++)
            used[g->instr[i].ops[k].op] = true;
}

static void
emit_case(FILE *f, struct device *d, enum step_variant v, int l, int c)
{
    const struct layer_plan *y = &d->plan->layers[l];
    const struct plan_case *pc = &y->plan[v]->cases[c];
    struct run r = { .f = f, .c = pc, .at = d->layers[l].code[v].cases[c].at,
                     .drop_site = y->drop_site };
    char name[64];

    r.there = xcalloc((size_t)pc->nvalues + 1, sizeof *r.there);
    for (int g = 0; g < REGIONS + 2; g++) {
        const struct plan_region *p = region_of(pc, g);

        for (int i = 0; i < p->n; i++)
            if (p->instr[i].kind == I_EW)
                emit_run(&r, &p->instr[i],
                         emit_name(name, sizeof name, l, c, g, i));
    }
    free(r.there);
    emit_loop(f, d, v, l, R_LOOP);
    emit_loop(f, d, v, l, R_BLOOP);
}

char *
emit_runs(struct device *d, enum step_variant v)
{
    static const char *const parts[] = {
        "math", "work", "product", "loop", NULL,
    };
    bool used[OPS] = { false };
    char *text = NULL, *all;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);

    if (!f)
        die(RC_DATA, "memory for kernels:");
    for (int l = 0; l < d->nlayers; l++)
        for (int c = 0; c < d->plan->layers[l].plan[v]->ncases; c++)
            for (int g = 0; g < REGIONS + 2; g++)
                note_ops(region_of(&d->plan->layers[l].plan[v]->cases[c], g),
                         used);
    emit_ops(f, used);
    for (int l = 0; l < d->nlayers; l++)
        for (int c = 0; c < d->plan->layers[l].plan[v]->ncases; c++)
            emit_case(f, d, v, l, c);
    if (fclose(f))
        die(RC_DATA, "memory for kernels:");
    all = emit_text(parts, text);
    free(text);
    return all;
}

/* ---- what all texts begin with -------------------------------------------*/

char *
emit_text(const char *const *parts, const char *own)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);

    if (!f)
        die(RC_DATA, "memory for kernels:");
    fprintf(f, "#define AT(T) T *\n#define GRADIENT_LIMIT %af\n"
            "enum { MICROBATCH = %d, PARTIALS = %d, NORM_SEGMENT = %d,\n"
            "    PURPOSE_DROP = %d, START_ZERO = %d, START_CHAIN = %d, "
            "START_ADD = %d };\n", (double)GRADIENT_LIMIT, MICROBATCH,
            PARTIALS, NORM_SEGMENT, RNG_DROP, START_ZERO, START_CHAIN,
            START_ADD);
    fprintf(f, "enum { UPDATE_SGD = %d, UPDATE_MOMENTUM = %d, "
            "UPDATE_ADAGRAD = %d,\n    UPDATE_RMSPROP = %d, "
            "UPDATE_NESTEROV = %d, UPDATE_RMSPROP_MOMENTUM = %d };\n",
            UPDATE_SGD, UPDATE_MOMENTUM, UPDATE_ADAGRAD, UPDATE_RMSPROP,
            RULE_NESTEROV, RULE_RMSPROP_MOMENTUM);
    fprintf(f, "%s", cuda_text("now"));
    for (int i = 0; parts[i]; i++)
        fprintf(f, "%s", cuda_text(parts[i]));
    fprintf(f, "%s", own);
    if (fclose(f))
        die(RC_DATA, "memory for kernels:");
    return text;
}
