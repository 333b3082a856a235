/* What the cell language makes of a text that is right. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cell/cell.h"

struct cell_and {
    struct cell *c;
    struct equations *e;
    json_t *options;
};

static void
open_cell(struct cell_and *x, const char *text, int input, int size,
          const char *options)
{
    struct cell_args args = { .input_size = input, .size = size };

    x->options = json_loads(options ? options : "{}", 0, NULL);
    args.options = x->options;
    x->c = cell_parse(text, "x.cell");
    x->e = cell_resolve(x->c, &args);
}

static void
open_builtin(struct cell_and *x, const char *name, int input, int size,
             const char *options)
{
    char *file, *text = cell_find(name, &file);

    open_cell(x, text, input, size, options);
    free(text);
    free(file);
}

static void
close_cell(struct cell_and *x)
{
    equations_free(x->e);
    cell_free(x->c);
    json_decref(x->options);
}

static const struct cell_param *
param(const struct cell_and *x, const char *name)
{
    for (int i = 0; i < x->e->nparams; i++)
        if (!strcmp(x->e->params[i].name, name))
            return &x->e->params[i];
    fail_msg("no parameter '%s'", name);
    return NULL;
}

/* The node as a bracketed text: what was read, whatever the places. */
static void
show(const struct cell_and *x, int at, int node, FILE *f)
{
    const struct ex *e = &x->e->cases[at].ex[node];

    switch (e->op) {
    case OP_NUM: fprintf(f, "%g", e->num); return;
    case OP_INPUT: fprintf(f, "x"); return;
    case OP_STATE: fprintf(f, "%s", x->e->states[e->index].name); return;
    case OP_PARAM: fprintf(f, "%s", x->e->params[e->param].name); return;
    case OP_MATVEC: fprintf(f, "(%s", x->e->params[e->param].name); break;
    case OP_CONCAT: fprintf(f, "(;"); break;
    case OP_SLICE: fprintf(f, "([%d:%d]", e->index, e->index + e->size); break;
    case OP_POW: fprintf(f, "(^%d", e->power); break;
    case OP_DROP: fprintf(f, "(drop%d:%g", e->index, e->num); break;
    default: fprintf(f, "(%s", op_name(e->op)); break;
    }
    for (int i = 0; i < e->nargs; i++) {
        fputc(' ', f);
        show(x, at, e->arg[i], f);
    }
    fputc(')', f);
}

static void
expect_node(const struct cell_and *x, int at, int node, const char *want)
{
    char *got = NULL;
    size_t n;
    FILE *f = open_memstream(&got, &n);

    show(x, at, node, f);
    fclose(f);
    assert_string_equal(got, want);
    free(got);
}

/* What `output EXPR` comes to, in a cell with a state h and a value v. */
static void
expect(const char *expr, const char *want)
{
    struct cell_and x;
    char text[512];

    snprintf(text, sizeof text, "input x\nstate h\noption k = 3\n"
             "v = V x\nh' = tanh(v)\n"
             "if k > 3\noutput h'\nelse\noutput %s\nend\n", expr);
    open_cell(&x, text, 4, 4, NULL);
    expect_node(&x, 0, x.e->cases[0].output, want);
    close_cell(&x);
}

static void
operators_bind_as_they_should(void **state)
{
    (void)state;
    expect("W x + U h + b", "(+ (+ (W x) (U h)) b)");
    expect("x - h - x", "(- (- x h) x)");
    expect("x - (h - x)", "(- x (- h x))");
    expect("W x * h", "(* (W x) h)");
    expect("W (x * h)", "(W (* x h))");
    expect("W1 V x", "(W1 (V x))");
    expect("x / h * x", "(* (/ x h) x)");
    expect("-x * h", "(* (neg x) h)");
    expect("-x^2", "(neg (^2 x))");
    expect("x * -h", "(* x (neg h))");
    expect("W x^2", "(^2 (W x))");
    expect("x^-3", "(^-3 x)");
    expect("[x; h; h']", "(; x h (tanh (V x)))");
    expect("[x]", "x");
    expect("W [x; [h; x]]", "(W (; x h x))");
    expect("max(x, 0)", "(max x 0)");
    expect("drop(x) + drop(h, 0.25)", "(+ (drop0:0.5 x) (drop1:0.25 h))");
    expect("detach(x) * x", "(* (detach x) x)");
}

static void
numbers_come_to_one(void **state)
{
    (void)state;
    expect("2*3 * x", "(* 6 x)");
    expect("x * 2 * 3", "(* (* x 2) 3)");
    expect("(1 - 2^3) * x", "(* -7 x)");
    expect("x + 1e-3 + .5", "(+ (+ x 0.001) 0.5)");
    expect("k * x + sqrt(4)", "(+ (* 3 x) 2)");
    expect("x * pi", "(* x 3.14159)");
}

static void
gru_is_its_equations(void **state)
{
    struct cell_and x;
    const struct cell_param *u;

    (void)state;
    open_builtin(&x, "gru", 12, 128, NULL);
    assert_int_equal(x.e->nparams, 9);
    assert_string_equal(x.e->params[0].name, "Wz");
    assert_string_equal(x.e->params[1].name, "Uz");
    assert_string_equal(x.e->params[2].name, "bz");
    assert_int_equal(x.e->params[0].rows, 128);
    assert_int_equal(x.e->params[0].cols, 12);
    assert_int_equal(x.e->output_size, 128);
    assert_int_equal(x.e->cases[0].next[0], x.e->cases[0].output);
    expect_node(&x, 0, x.e->cases[0].output,
                "(+ (* (- 1 (sigmoid (+ (+ (Wz x) (Uz h)) bz))) h) "
                "(* (sigmoid (+ (+ (Wz x) (Uz h)) bz)) "
                "(tanh (+ (+ (Wn x) "
                "(Un (* (sigmoid (+ (+ (Wr x) (Ur h)) br)) h))) bn))))");
    u = param(&x, "Un");
    assert_int_equal(u->init, INIT_ORTHOGONAL);
    assert_int_equal(u->fan_in, 140);
    assert_int_equal(u->place, 2);
    assert_int_equal(u->stack, param(&x, "Uz")->stack);
    assert_int_equal(param(&x, "bn")->init, INIT_UNIFORM_FAN);
    assert_int_equal(param(&x, "bn")->fan_in, 140);
    assert_int_equal(param(&x, "bn")->stack, -1);
    close_cell(&x);
}

static void
every_builtin_cell_resolves(void **state)
{
    const char *const *names = cell_names();
    int n = 0;

    (void)state;
    for (; names[n]; n++) {
        struct cell_and x;

        open_builtin(&x, names[n], 12, 128, NULL);
        /* nothing is learned in dropout */
        assert_true(strcmp(names[n], "drop") ? x.e->nparams > 0 :
                    x.e->nparams == 0);
        assert_true(x.e->output_size > 0);
        close_cell(&x);
    }
    assert_true(n >= 16);
}

static void
multiplier_has_the_inputs_size(void **state)
{
    struct cell_and x;

    (void)state;
    open_builtin(&x, "mgru", 12, 128, NULL);
    assert_int_equal(param(&x, "Wm")->rows, 12);
    assert_int_equal(param(&x, "Um")->cols, 128);
    assert_int_equal(param(&x, "bm")->rows, 12);
    close_cell(&x);
    open_builtin(&x, "mlstm-krause", 12, 128, NULL);
    assert_int_equal(param(&x, "Wmx")->rows, 128);
    close_cell(&x);
}

static void
gated_has_its_switches(void **state)
{
    struct cell_and x;

    (void)state;
    open_builtin(&x, "gated", 64, 32,
                 "{\"use_output_gate\": true, \"use_old_state\": true}");
    assert_int_equal(x.e->output_size, 64);
    assert_int_equal(param(&x, "N")->cols, 96);
    assert_int_equal(param(&x, "G")->cols, 128);
    assert_int_equal(param(&x, "P")->cols, 64 + 32 + 32 + 64);
    assert_string_equal(x.e->params[0].name, "N");   /* no A, no B */
    close_cell(&x);
}

static void
sizes_are_found(void **state)
{
    struct cell_and x;

    (void)state;
    open_cell(&x, "input x\nsize k = 4*h\nstate h\nstate m : k/2\n"
              "u : k = gelu(W1 x + b1)\nm' = [h; h]\n"
              "h' = W2 [u; m] + h\noutput P h'\n", 10, 8, NULL);
    assert_int_equal(param(&x, "W1")->rows, 32);
    assert_int_equal(param(&x, "b1")->rows, 32);
    assert_int_equal(param(&x, "W2")->cols, 48);
    assert_int_equal(x.e->states[1].size, 16);
    assert_int_equal(x.e->output_size, 8);
    assert_int_equal(param(&x, "P")->rows, 8);
    close_cell(&x);
    /* a part is what the whole leaves over; a name is sized by name */
    open_cell(&x, "input x\nstate h\nparam b0\nsize b0 = 5\na = A x\n"
              "c = [a; b0]\nh' = c * h\noutput h'\n", 3, 12, NULL);
    assert_int_equal(param(&x, "A")->rows, 7);
    close_cell(&x);
}

static void
fans_count_all_products_of_a_sum(void **state)
{
    struct cell_and x;

    (void)state;
    open_builtin(&x, "gru-torch", 12, 128, NULL);
    assert_int_equal(param(&x, "Wir")->fan_in, 140);
    assert_int_equal(param(&x, "Whn")->fan_in, 128);
    assert_int_equal(param(&x, "bhn")->fan_in, 128);
    assert_int_equal(param(&x, "Win")->fan_in, 12);
    assert_int_equal(param(&x, "Win")->init, INIT_UNIFORM);
    assert_true(fabs(param(&x, "Win")->b - 1 / sqrt(128)) < 1e-15);
    close_cell(&x);
    open_cell(&x, "input x\nstate h\nparam a\n"
              "h' = a * h - (W [x; h] - (V x + b)) + U (T x)\n"
              "u : 7 = T x\noutput [h'; u]\n", 3, 5, NULL);
    assert_int_equal(param(&x, "W")->fan_in, 8 + 3 + 7);
    assert_int_equal(param(&x, "b")->fan_in, 8 + 3 + 7);
    assert_int_equal(param(&x, "T")->fan_in, 3);
    assert_int_equal(param(&x, "a")->fan_in, 5);
    close_cell(&x);
}

static void
inits_override_and_stack(void **state)
{
    struct cell_and x;
    const struct cell_param *bi, *bf;

    (void)state;
    open_builtin(&x, "lstm-chrono", 12, 128, "{\"T\": 50}");
    bi = param(&x, "bi");
    bf = param(&x, "bf");
    assert_int_equal(bi->init, INIT_CHRONO);
    assert_true(bi->a == 50 && bi->sign == -1 && bf->sign == 1);
    assert_int_equal(bi->stack, bf->stack);
    assert_int_equal(bf->place, 0);
    assert_int_equal(bi->place, 1);
    close_cell(&x);
    open_cell(&x, "input x\nstate h\noption s = 0.5\nparam a = 0.9\n"
              "c = h\nh' = a * (W x + U h + b) + c\noutput h'\n"
              "init [b W U] normal(2*s)\ninit [U W] xavier_normal\n"
              "init * orthogonal\ninit U identity\n"
              "rate ? 0.25\nrate [U b] 0\n", 5, 5, NULL);
    assert_int_equal(param(&x, "W")->init, INIT_ORTHOGONAL);
    assert_int_equal(param(&x, "W")->stack, -1);
    assert_int_equal(param(&x, "U")->init, INIT_IDENTITY);
    assert_int_equal(param(&x, "b")->init, INIT_NORMAL);
    assert_true(param(&x, "b")->a == 1);
    assert_int_equal(param(&x, "a")->init, INIT_CONSTANT);
    assert_true(param(&x, "a")->a == 0.9);
    assert_true(param(&x, "a")->rate == 0.25 && param(&x, "W")->rate == 0.25);
    assert_true(param(&x, "U")->rate == 0 && param(&x, "b")->rate == 0);
    close_cell(&x);
    open_cell(&x, "input x\noutput W x + U x\ninit [U W] xavier_normal\n",
              5, 5, NULL);
    assert_int_equal(param(&x, "U")->place, 0);
    assert_int_equal(param(&x, "W")->place, 1);
    assert_int_equal(param(&x, "W")->stack, param(&x, "U")->stack);
    close_cell(&x);
}

static void
formulas_know_their_index(void **state)
{
    struct cell_and x;
    const struct cell_param *p;

    (void)state;
    open_builtin(&x, "ring", 8, 16, NULL);
    p = param(&x, "theta");
    assert_int_equal(p->init, INIT_FORMULA);
    assert_true(p->rate == 0);
    assert_true(fabs(init_formula(x.e, p->formula, 4, 16) -
                     3.14159265358979 / 2) < 1e-12);
    assert_int_equal(x.e->output_size, 32);
    close_cell(&x);
    open_cell(&x, "input x\nstate h\nparam b\noption s = 2\nh' = b * h + W x\n"
              "output h'\ninit b = s * exp(-i) + h\n", 8, 16, NULL);
    p = param(&x, "b");
    assert_true(fabs(init_formula(x.e, p->formula, 0, 16) - 18) < 1e-12);
    close_cell(&x);
}

static void
options_choose(void **state)
{
    static const char text[] =
        "input x\noption a = true\noption k = 3\noption w = one\n"
        "if a and (k > 2 or not last_layer) and w != two\noutput A x + b\n"
        "else if k == -1\noutput tanh(B x)\nelse\noutput C x\nend\n"
        "init A constant(k)\ninit C constant(1)\n";
    struct cell_and x;
    json_t *o;

    (void)state;
    open_cell(&x, text, 4, 4, NULL);
    expect_node(&x, 0, x.e->cases[0].output, "(+ (A x) b)");
    assert_int_equal(x.e->nparams, 2);
    o = cell_options(x.c);
    assert_int_equal(json_object_size(o), 3);
    assert_string_equal(json_string_value(json_object_get(o, "w")), "one");
    json_decref(o);
    close_cell(&x);
    open_cell(&x, text, 4, 4, "{\"w\": \"two\", \"other\": [1]}");
    expect_node(&x, 0, x.e->cases[0].output, "(C x)");
    close_cell(&x);
    open_cell(&x, text, 4, 4, "{\"a\": false, \"k\": -1}");
    expect_node(&x, 0, x.e->cases[0].output, "(tanh (B x))");
    close_cell(&x);
}

static void
steps_may_differ(void **state)
{
    struct cell_and x;

    (void)state;
    open_cell(&x, "input x\nstate h = b0\nstate m = -1e30\n"
              "m' = max(m, h)\n"
              "at 2: h' = (h + Wd x)^2\n"
              "at 1:\n    v = Win x\n    h' = v\n"
              "otherwise:\n    v = h\n    h' = v * m'\nend\n"
              "output h'\n", 3, 5, NULL);
    assert_int_equal(x.e->ncases, 3);
    assert_int_equal(x.e->cases[0].at, 1);
    assert_int_equal(x.e->cases[1].at, 2);
    assert_int_equal(x.e->cases[2].at, 0);
    expect_node(&x, 0, x.e->cases[0].next[0], "(Win x)");
    expect_node(&x, 1, x.e->cases[1].next[0], "(^2 (+ h (Wd x)))");
    expect_node(&x, 2, x.e->cases[2].output, "(* h (max m h))");
    assert_int_equal(x.e->nparams, 3);
    assert_string_equal(x.e->params[0].name, "b0");
    assert_string_equal(x.e->params[1].name, "Wd");
    assert_int_equal(x.e->states[0].param, 0);
    assert_true(x.e->states[1].param == -1 && x.e->states[1].num == -1e30);
    close_cell(&x);
}

/* A sum learns its b beside an assigned name, whatever that is made of. */
static void
biases_stand_beside_names(void **state)
{
    struct cell_and x;

    (void)state;
    open_cell(&x, "input x\nstate h\nparam a\nn = square(a)\nh' = b8 + n\n"
              "output h' + x\n", 4, 4, NULL);
    assert_int_equal(x.e->nparams, 2);
    assert_string_equal(x.e->params[0].name, "a");
    assert_string_equal(x.e->params[1].name, "b8");
    close_cell(&x);
}

/* `last` marks what a name stands for in the end. */
static void
names_move_on(void **state)
{
    struct cell_and x;
    const struct cell_case *k;
    int named = 0;

    (void)state;
    open_cell(&x, "input x\nstate h\nn = tanh(W x)\nn = n * h\nh' = n\n"
              "output h'\n", 4, 4, NULL);
    k = &x.e->cases[0];
    for (int i = 0; i < k->n; i++)
        if (k->ex[i].name) {
            assert_string_equal(k->ex[i].name, "n");
            named++;
        }
    assert_int_equal(named, 2);
    assert_int_equal(k->nnamed, 2);
    assert_string_equal(k->named[0].name, "n");
    assert_int_equal(k->named[0].node, k->output);
    assert_string_equal(k->named[1].name, "h'");
    assert_int_equal(k->named[1].node, k->output);
    close_cell(&x);
}

static void
expect_canonical(const char *text, const char *want)
{
    struct cell *c = cell_parse(text, "x.cell");
    char *s = cell_canonical(c);

    assert_string_equal(s, want);
    cell_free(c);
    c = cell_parse(want, "x.cell");
    free(s);
    s = cell_canonical(c);
    assert_string_equal(s, want);
    free(s);
    cell_free(c);
}

static void
canonical_text_is_one(void **state)
{
    (void)state;
    expect_canonical(
        "# a comment\n\n  input   x # more\r\n"
        "state h,c:4*h=-1\noption T=9\nif not(T>3)\n"
        "h'=-W x*( h-2 )^ -2\nelse\nat 1:h' =tanh (W(x-\n  h) )\n"
        "otherwise :\n\n h'=[ h ]\nend\nend\nc'=c\noutput h'",
        "input x\nstate h, c : 4 * h = -1\noption T = 9\n"
        "if not (T > 3)\nh' = -W x * (h - 2)^-2\nelse\n"
        "at 1:\nh' = tanh(W (x - h))\notherwise:\nh' = [h]\nend\nend\n"
        "c' = c\noutput h'\n");
    expect_canonical(
        "input x\noutput W x+bf\ninit  [ bf   -b* ]  chrono( 3*4 ) #\n"
        "init W*   normal( .1 )\ninit bf=-i/n\nrate ?*  0",
        "input x\noutput W x + bf\ninit [bf -b*] chrono(3 * 4)\n"
        "init W* normal(.1)\ninit bf = -i / n\nrate ?* 0\n");
    expect_canonical(
        "input x\nstate h\nat 1 :h'=h [ x/2 : x+1 ]+U x\notherwise:h'=h\n"
        "end\noutput W [h' [0:2] ; x]",
        "input x\nstate h\nat 1:\nh' = h[x / 2:x + 1] + U x\n"
        "otherwise:\nh' = h\nend\noutput W [h'[0:2]; x]\n");
}

static void
cells_are_found(void **state)
{
    char *file, *text, dir[] = "/tmp/cellsXXXXXX", path[64];
    FILE *f;

    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/gru.cell", dir);
    f = fopen(path, "w");
    fputs("input x\noutput x\n", f);
    fclose(f);
    text = cell_find("gru", &file);
    assert_non_null(strstr(text, "sigmoid"));
    free(text);
    free(file);
    setenv("UNROLL_CELLS", dir, 1);
    text = cell_find("gru", &file);
    assert_string_equal(text, "input x\noutput x\n");
    assert_string_equal(file, path);
    free(text);
    free(file);
    unsetenv("UNROLL_CELLS");
    text = cell_find(path, &file);
    assert_string_equal(text, "input x\noutput x\n");
    free(text);
    free(file);
    remove(path);
    remove(dir);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_bind_as_they_should),
        cmocka_unit_test(numbers_come_to_one),
        cmocka_unit_test(gru_is_its_equations),
        cmocka_unit_test(every_builtin_cell_resolves),
        cmocka_unit_test(multiplier_has_the_inputs_size),
        cmocka_unit_test(gated_has_its_switches),
        cmocka_unit_test(sizes_are_found),
        cmocka_unit_test(fans_count_all_products_of_a_sum),
        cmocka_unit_test(inits_override_and_stack),
        cmocka_unit_test(formulas_know_their_index),
        cmocka_unit_test(options_choose),
        cmocka_unit_test(steps_may_differ),
        cmocka_unit_test(biases_stand_beside_names),
        cmocka_unit_test(names_move_on),
        cmocka_unit_test(canonical_text_is_one),
        cmocka_unit_test(cells_are_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
