/* cells.c - see cells.h. */
#include "cells.h"

#include <math.h>
#include <stdio.h>

#include "cell/op.h"
#include "ref/functions.h"

/* Has the function values below 0? */
static bool
everywhere(enum op op)
{
    double a = -1;

    switch (op) {
#define OP_FUNC(id, ...) case OP_##id: return !isnan(DOUBLE_##id);
#include "cell/ops.def"
    default: return true;
    }
}

const char *
function_cell(int i, char *buf, size_t size)
{
    enum op op = 0;
    char call[64];

    for (;; op++) {
        if (op == OPS)
            return NULL;
        if (op_rows[op].kind == KIND_FUNC || op_rows[op].kind == KIND_FLAG ||
            op_rows[op].kind == KIND_OVER || op_rows[op].kind == KIND_SPELT)
            if (!i--)
                break;
    }
    /* where it is smooth and finite */
    snprintf(call, sizeof call, op == OP_DETACH ||
             op == OP_SIGN ? "%s(v) * v" :
             op == OP_DROP ? "%s(v, 0.3)" :
             op_rows[op].nargs == 2 ? "%s(v, V x)" :
             everywhere(op) ? "%s(v)" : "%s(v * v + 0.5)", op_name(op));
    snprintf(buf, size,
             "input x\n"
             "state h\n"
             "v = W x + U h + b\n"
             "h' = 0.5 * %s - 0.4 * h\n"
             "output h'\n", call);
    return op_name(op);
}

#define HEAD "input x\nstate h\n"
#define TAIL "output h'\n"
#define VECTORS .input = 3, .size = 4, .head = 2, .loss = LOSS_MSE
#define TOKENS .input = 5, .size = 4, .head = 5, .token = true

const struct test_cell construct_cells[] = {
    { "division", { .cell = HEAD
        "v = W x + U h + b\n"
        "h' = v / (1.5 + square(h)) - 1 / (v * v + 2)\n" TAIL, VECTORS } },
    { "powers", { .cell = HEAD
        "v = W x + U h + b\n"
        "p = 1.5 + v ^ 2\n"
        "h' = 0.2 * v^3 + p^-2 - p^-1 + 0.1 * v^0 + 0.3 * v^1\n" TAIL,
        VECTORS } },
    { "concatenation split", { .cell = HEAD
        "z = sigmoid(Wz [x; h] + bz)\n"
        "h' = (1 - z) * h + z * tanh(b - Wn [h; x; z * h; z])\n" TAIL,
        VECTORS } },
    { "concatenation split, tokens", { .cell = HEAD
        "z = sigmoid(Wz [x; h] + bz)\n"
        "h' = (1 - z) * h + z * tanh(b - Wn [h; x; z * h; z])\n" TAIL,
        TOKENS } },
    { "concatenation materialised", { .cell = HEAD
        "param b : 2\n"
        "c = [x; h; b]\n"
        "d = tanh(c) * c\n"
        "h' = tanh(W d + U h)\n" "output [h'; d]\n", VECTORS } },
    { "concatenation in the state", { .cell =
        "input x\nstate h\nsize u = 2\nsize w = 2\n"
        "u = tanh(Wu x + Uu h + bu)\n"
        "w = sigmoid(Ww [x; h])\n"
        "h' = 0.5 * h + [u; w]\n" TAIL, VECTORS } },
    { "slices", { .cell = HEAD
        "c = [h; x; h]\n"
        "u : 2 = tanh(W x[1:3] + A h[0:2] + b)\n"
        "v = c[2:h + 2] * c[x:h + x] + square(c[h:h + 4])\n"
        "h' = tanh(0.3 * v + U [u; h[h - 2:h]] + V u)\n"
        "output h'[0:3] * h'[1:4]\n", VECTORS } },
    { "slices of a token and of learned vectors", { .cell = HEAD
        "param theta : 6\n"
        "z = sigmoid(W x[1:4] + theta[2:6])\n"
        "h' = z * h + x[0:4] + theta[0:4] * theta[2:6]\n" TAIL, TOKENS } },
    { "matrices shared between slices", { .cell =
        "input x\nstate h\n"
        "p : 3 = square(U x[0:1] + V x[1:2])\n"
        "q = square(U x[1:2] + V x[2:3])\n"
        "h' = tanh(Up p + Vp q + H h)\n" TAIL,
        VECTORS } },
    { "functions over heads", { .cell =
        "input x\nstate h : 6\nparam g = 1\nparam p : 6\n"
        "v = layernorm(W x + U h + b, 2) * g\n"
        "u = softmax(U h - V x, 3) + rmsnorm(W x - 2 * h, 2)\n"
        "c = cumsum(tanh(v), 2) - cumprod(1.2 * cos(u), 3)\n"
        "h' = tanh(v + 0.2 * c + U (sum(u, 3) * h) - amax(h, 2))\n"
        "output mean(h' * softmax(p), 6) - V x\n", VECTORS } },
    { "functions over learned vectors", { .cell = HEAD
        "param p\nparam q\n"
        "s = softmax(p + q) * layernorm(q)\n"
        "h' = tanh(W x + U h + cumsum(p) - amax(q, 2)) * (s + mean(p, 2))\n"
        TAIL, VECTORS } },
    { "functions over units in sums", { .cell = HEAD
        "h' = W x + softmax(U h + W x) - sum(U h) + b - mean(b + V h)\n"
        TAIL, TOKENS } },
    { "heads", { .cell = HEAD
        "matrix U : heads(2), V : heads(2), W : heads(4)\n"
        "z = sigmoid(U h + A x + b)\n"
        "n : 6 = tanh(V h)\n"
        "h' = (1 - z) * h + z * tanh(W h + V^T n - C (U [x; n[0:1]]))\n"
        TAIL, VECTORS } },
    { "heads that take turns", { .cell = HEAD
        "matrix U : heads(2)\n"
        "at 1:\n    h' = tanh(W x - U h)\n"
        "at 3:\n    h' = tanh(W x + U^T h)\n"
        "otherwise:\n    h' = 0.5 * h + W x * (U h)\nend\n" TAIL,
        TOKENS } },
    { "derived", { .cell = HEAD
        "matrix U = cayley(A), V = exp(B), R = householder(C)\n"
        "z = sigmoid(W x + U h + b)\n"
        "h' = (1 - z) * h + z * tanh(V^T (z * h) + R [h[0:2]; z[2:4]])\n"
        "output V h' - U^T z\n"
        "init B normal(1)\n", VECTORS } },
    { "derived, of a token", { .cell = HEAD
        "matrix U = cayley(A)\n"
        "h' = tanh(W (U x) + V h)\n" TAIL, TOKENS } },
    { "transposed", { .cell = HEAD
        "u : 5 = tanh(W x - V^T h + b)\n"
        "h' = tanh(U h + V u + U^T h - A^T u + c)\n"
        "param c\n" TAIL, VECTORS } },
    { "transposed, of a concatenation", { .cell = HEAD
        "u = tanh(W^T [x; h] + b)\n"
        "h' = 0.5 * h - tanh(W^T [x; u] - U^T [h; x; u])\n" TAIL,
        VECTORS } },
    { "transposed, of a token", { .cell = HEAD
        "h' = tanh(W x + V^T x + U h + A^T [x; h])\n"
        "v = tanh(W^T h')\noutput W v + h'\n", TOKENS } },
    { "tied", { .cell = HEAD
        "e : h = E x\n"
        "h' = tanh(V e + U h + b)\n"
        "output E^T h' + c\nparam c\n", TOKENS } },
    { "tied over steps that differ", { .cell = HEAD
        "at 2:\n    h' = tanh(W x + U^T h)\notherwise:\n"
        "    h' = tanh(W x + U h)\nend\n"
        "output [W^T h'; h']\n", VECTORS } },
    { "detach", { .cell = HEAD
        "v = W x + U h + b\n"
        "h' = tanh(v) * detach(sigmoid(v)) + detach(h) * 0.3 + "
        "U detach(h)\n" TAIL, VECTORS } },
    { "detach of parameters", { .cell = HEAD
        "param theta\n"
        "h' = tanh(W x + U h) * detach(cos(theta)) + 0.1 * theta\n" TAIL,
        VECTORS } },
    { "dropout", { .cell = HEAD
        "v = drop(x, 0.2)\n"
        "h' = tanh(W v + U drop(h, 0.5) + b)\n" "output drop(h', 0.25)\n",
        VECTORS, .dropout = true } },
    { "dropout of parameters", { .cell = HEAD
        "param theta, b\n"
        "h' = tanh(W x + U h) * drop(theta, 0.5) + drop(b, 0.25)\n" TAIL,
        VECTORS, .dropout = true } },
    { "dropout that is off", { .cell = HEAD
        "h' = tanh(W x + U drop(h, 0.5) + b)\n" TAIL, VECTORS } },
    { "ring", { .cell =
        "input x\nstate p\nstate q\nparam theta\n"
        "a = cos(theta)\n"
        "c = sin(theta)\n"
        "p' = a * p - c * q + Wp x\n"
        "q' = c * p + a * q + Wq x\n"
        "output [p'; q']\n", TOKENS } },
    { "expressions of parameters", { .cell = HEAD
        "param theta\nparam tau = 0.9\n"
        "a = exp(-softplus(theta)) / (1 + tau^2)\n"
        "c = min(a, sigmoid(tau)) - theta\n"
        "h' = a * h + c * tanh(W x + U h + b) + b * c\n" TAIL, VECTORS } },
    { "learned start", { .cell =
        "input x\nstate h = b0\nstate m = -0.5\n"
        "m' = 0.5 * m + V h\n"
        "h' = tanh(W x + U h + b) * m'\n" TAIL, VECTORS } },
    { "learned start, used again", { .cell =
        "input x\nstate h = b0\n"
        "h' = tanh(W x + U h + b0) - 0.2 * b0\n" TAIL, TOKENS } },
    { "steps that differ", { .cell = HEAD
        "at 1:\n"
        "    h' = W x\n"
        "at 2:\n"
        "    h' = (h + Wd x) ^ 2\n"
        "otherwise:\n"
        "    h' = tanh(U h + V x + b) - W x\n"
        "end\n" TAIL, VECTORS } },
    { "steps that differ, with learned vectors", { .cell =
        "input x\nstate h = b0\nparam theta\n"
        "at 2:\n"
        "    h' = tanh(W x + b) * cos(theta)\n"
        "otherwise:\n"
        "    h' = tanh(U h + W x - b) + sin(theta) * b\n"
        "end\n" TAIL, TOKENS } },
    { "products of products", { .cell = HEAD
        "u : 3 = W2 x\n"
        "h' = tanh(W1 u - U1 tanh(U2 (u * u) * u) * U V V h + b)\n" TAIL,
        VECTORS } },
    { "shared matrices", { .cell = HEAD
        "r = sigmoid(W x + U h + b)\n"
        "n = tanh(W x - U (r * h) - b + U r)\n"
        "h' = n - r * h\n" TAIL, VECTORS } },
    { "shared matrices, tokens", { .cell = HEAD
        "r = sigmoid(W x + U h + b)\n"
        "n = tanh(V x - W x - U (r * h) - b)\n"
        "h' = n - r * h\n" TAIL, TOKENS } },
    { "negative products", { .cell = HEAD
        "c = 0.5\n"
        "v = -(U h) + b - W x - c - -(V x)\n"
        "h' = -tanh(v) - -h * 0.2\n" TAIL, VECTORS } },
    { "sums of all kinds", { .cell = HEAD
        "param c\n"
        "v = 1 + U h - b + 0.1 * h + W x - tanh(h) - c + V h - 2\n"
        "h' = tanh(v - b) - (h - c)\n" TAIL, VECTORS } },
    { "names given again", { .cell = HEAD
        "m = W x + b\n"
        "m = tanh(m + U h)\n"
        "m = m * m - 0.5 * m\n"
        "h' = 0.3 * h + m\n" TAIL, VECTORS } },
    { "aliases", { .cell = HEAD
        "y = x\nk = h\n"
        "h' = tanh(W y + U k)\n"
        "g = h'\n"
        "output g\n", TOKENS } },
    { "a matrix split in two ways", { .cell = HEAD
        "c = tanh([x; h])\n"
        "d = tanh(U c + U [h * h; x])\n"
        "h' = tanh(W [x; h] + b) * sigmoid(W c) - 0.3 * d\n" TAIL,
        VECTORS } },
    { "an option", { .cell = HEAD
        "option fancy = true\n"
        "if fancy\n"
        "    v = tanh(W x + U h + b)\n"
        "else\n"
        "    v = W x\n"
        "end\n"
        "h' = v - 0.1 * h\n" TAIL, VECTORS } },
    { "an option, set", { .cell = HEAD
        "option fancy = true\n"
        "if fancy\n"
        "    v = tanh(W x + U h + b)\n"
        "else\n"
        "    v = W x\n"
        "end\n"
        "h' = v - 0.1 * h\n" TAIL, VECTORS,
        .options = "{\"fancy\": false}" } },
    { "layers that differ", { .cell = HEAD
        "param b\n"
        "if first_layer\n"
        "    v = W x\n"
        "else\n"
        "    v = W x + x * b\n"
        "end\n"
        "h' = tanh(v + U h)\n"
        "if last_layer\n"
        "    y = V h'\n"
        "else\n"
        "    y = h' * h'\n"
        "end\n"
        "output y\n", TOKENS, .layers = 3 } },
    { "a one-hot unit by unit", { .cell = HEAD
        "m = Wm x + Um h + bm\n"
        "g = x * m - 0.5 * x\n"
        "h' = tanh(W g + U h)\n" TAIL, TOKENS } },
    { "no state", { .cell =
        "input x\n"
        "param c\n"
        "u : 3 = swish(W x + b)\n"
        "y = tanh(V u + c)\n"
        "output y\n", TOKENS, .layers = 2 } },
    { "a product of parameters", { .cell = HEAD
        "param theta, b\n"
        "h' = tanh(W x + U theta + U h) - theta * b\n" TAIL, VECTORS } },
    { "a state that nobody reads", { .cell =
        "input x\nstate h\nstate m\n"
        "h' = tanh(W x + U h)\n"
        "m' = h * 0.5\n"
        "unused = sigmoid(h) * h\n" TAIL, VECTORS } },
    { "states that trade places", { .cell =
        "input x\nstate h\nstate m\nstate n = b0\n"
        "h' = m\n"
        "m' = tanh(W x + U h - V n)\n"
        "n' = h\n"
        "output [h'; n']\n", VECTORS } },
    { "output before the step", { .cell = HEAD
        "h' = tanh(W x + U h + b)\n"
        "output h\n", VECTORS, .layers = 2 } },
    { "parameters alone", { .cell =
        "input x\nstate h\nstate m\n"
        "param c, b\n"
        "m' = 0.25 - exp(c)\n"
        "h' = b\n"
        "output W x + U h + m - m'\n", VECTORS } },
    { "steps whose values have other sizes", { .cell =
        "input x\nstate h : 5\n"
        "g : 17 = tanh(M x)\n"
        "at 2:\n"
        "    h' = C x * tanh(h)\n"
        "otherwise:\n"
        "    h' = sigmoid(D h)\n"
        "end\n"
        "output (h' + B g) * h\n", VECTORS } },
    { "steps that do not look at the input", { .cell = HEAD
        "at 2:\n"
        "    h' = tanh(U h)\n"
        "otherwise:\n"
        "    h' = tanh(W x + V h)\n"
        "end\n" TAIL, VECTORS, .layers = 2 } },
    { "layers that do not look at the input", { .cell = HEAD
        "if first_layer\n"
        "    h' = tanh(W x + V h)\n"
        "else\n"
        "    h' = tanh(U h + b)\n"
        "end\n" TAIL, VECTORS, .layers = 2 } },
    { "products of learned vectors", { .cell = HEAD
        "param a\nparam c\n"
        "h' = tanh(W x + U h)\n"
        "output exp(a + c) * (c * h')\n", VECTORS } },
    { "products of sums of learned vectors", { .cell = HEAD
        "param a\nparam c\nparam e\n"
        "h' = tanh(W x + U h)\n"
        "output sin((a + c) * e) * c + ((a + c) * e) * (c * h')\n",
        VECTORS } },
    { "many tables of a token", { .cell = HEAD
        "u = A x - B x + C x + b + D x - E x + F x\n"
        "h' = tanh(A x + B x + C x - D x + E x + F x + U h) - u\n" TAIL,
        TOKENS } },
    { "no state, products of learned vectors", { .cell =
        "input x\nparam a\nparam c\n"
        "output W x - a * c\n", VECTORS } },
    { "no state, a learned scale", { .cell =
        "input x\nparam a\n"
        "y = (W x) * a\n"
        "output y - exp(a) / 2\n", TOKENS, .layers = 2 } },
    { NULL, { .cell = NULL } },
};

const struct option_set option_sets[] = {
    { "gated", "{\"use_input_gate\": true}", 0 },
    { "gated", "{\"use_state_gate\": false}", 0 },
    { "gated", "{\"use_forget_gate\": false, \"use_residual\": false}", 0 },
    { "gated", "{\"use_new_state\": false, \"use_old_state\": true}", 0 },
    { "gated", "{\"use_old_state\": true, \"use_output_gate\": true}", 0 },
    { "perceptron", "{\"activation\": \"relu\"}", 0 },
    { "perceptron", "{\"activation\": \"gelu\"}", 0 },
    { "perceptron", "{\"activation\": \"swish\"}", 0 },
    { "perceptron", "{\"activation\": \"sigmoid\"}", 0 },
    { "rnn", "{\"relu\": true}", 0 },
    { "slstm", "{\"heads\": 1, \"forget\": \"exp\"}", 0 },
    { "lstm-orthogonal", "{\"forget\": false}", 0 },
    { "lstm-orthogonal", "{\"forget_bias\": 1}", 0 },
    { "rnn-start", "{\"start\": \"orthogonal\"}", 0 },
    { "rnn-start", "{\"start\": \"identity\", \"relu\": true}", 0 },
    { "rnn-start", "{\"state_drop\": 0.25}", 0 },
    { "two-layer", "{\"activation\": \"relu\"}", 0 },
    { "two-layer", "{\"activation\": \"tanh\"}", 0 },
    { "two-layer", "{\"activation\": \"gelu\"}", 0 },
    { "two-layer", "{\"activation\": \"linear\", \"flat\": true}", 0 },
    { "power", "{\"k\": 3}", 0 },
    { "power", "{\"k\": 5, \"flat\": true}", 0 },
    { "quadratic", "{\"multiply\": true}", 0 },
    { "pairwise", "{\"k\": 2}", 6 },
    { "pairwise", "{\"k\": 4}", 12 },
    { "pairwise", "{\"k\": 8}", 16 },
    { "orthogonal", "{\"make\": \"exp\"}", 0 },
    { "orthogonal", "{\"make\": \"householder\"}", 0 },
    { "readout", "{\"output_scale\": 0.5, \"fan\": \"out\"}", 0 },
    { NULL, NULL, 0 },
};
