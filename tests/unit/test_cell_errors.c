/* Texts that are wrong, what is said about them, and texts of absurd size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/die.h"
#include "cell_try.h"

#define H "input x\nstate h\n"

/* Read with 12 inputs and 64 units.  Every message starts "test: x.cell". */
static const struct {
    const char *text, *want;
} wrong[] = {
    { "# only\n",
      ": the cell is empty" },
    { "input x\n",
      ": no 'output' line" },
    { "output x\n",
      ": no 'input' line: name the layer's input, as in 'input x'" },
    { "input x\ninput y\noutput x\n",
      ":2: a second 'input'" },
    { H "h' = tanh(W x + U h + b\noutput h'\n",
      ":4: expected ')' before 'output' to close the '(' of line 3" },
    { H "h' = tanh(W x + U k + b)\noutput h'\n",
      ":3: unknown name 'k': assign it before, or declare it ('param k')" },
    { H "hidden = W x\nh' = tanh(hiden + U h)\noutput h'\n",
      ":4: unknown name 'hiden'; did you mean 'hidden'?" },
    { H "h' = tanh(W x + r h)\noutput h'\n",
      ":3: 'r' and 'h' stand side by side: write '*' for a product (only "
      "matrices, which have capitals, act on what follows)" },
    { H "h' = 2 h\noutput h'\n",
      ":3: '2' and 'h' stand side by side: write '*' for a product (only "
      "matrices, which have capitals, act on what follows)" },
    { H "h' = 2h\noutput h'\n",
      ":3: '2h': a number and a name need an operator between them" },
    { H "h = W x\noutput h\n",
      ":3: 'h' is a state: assign its next value, 'h''" },
    { H "z' = W x\nh' = z'\noutput h'\n",
      ":3: 'z'' needs 'state z': only states have a value at the end of the "
      "step" },
    { H "h' = W * x\noutput h'\n",
      ":3: matrix 'W' needs something to act on, as in 'W x'" },
    { H "h' = tanh(W x) / 0\noutput h'\n",
      ":3: 'tanh(W x)' is divided by 0" },
    { H "h' = tahn(W x)\noutput h'\n",
      ":3: no function 'tahn'; did you mean 'tanh'?" },
    { H "h' = foo(W x)\noutput h'\n",
      ":3: no function 'foo' (train --list functions); for a product write "
      "'*'" },
    { H "h' = W x[4:20]\noutput h'\n",
      ":3: 'x[4:20]' ends at unit 20, 'x' has 12" },
    { H "h' = W x[4:4]\noutput h'\n",
      ":3: 'x[4:4]' goes from unit 4 to before unit 4: there is none" },
    { H "h' = W x[x/5:4]\noutput h'\n",
      ":3: 'x / 5' in 'x[x / 5:4]' comes to 2.4: units are counted by whole "
      "numbers, from 0" },
    { H "h' = h * x[0 : 8]\noutput h'\n",
      ":3: 'x[0:8]' has 8 units, 64 are needed" },
    { H "h' = W x [h; x]\noutput h'\n",
      ":3: 'x' and '[' stand side by side: write '*' for a product, or "
      "'x[0:8]' for some of its units" },
    { H "h' = W x[0:w]\noutput h'\n",
      ":3: unknown name 'w'; did you mean 'W'?" },
    { H "h' = W x[0:tanh(h)]\noutput h'\n",
      ":3: 'tanh(h)' cannot stand in a slice's bounds" },
    { H "option k = 3\nh' = W x * k[0:1]\noutput h'\n",
      ":4: 'k' is a number: it has no units to take" },
    { H "h' = silu(W x)\noutput h'\n",
      ":3: no function 'silu'; here it is 'swish'" },
    { H "h' = norm(W x)\noutput h'\n",
      ":3: no function 'norm': there are only those of 'train --list "
      "functions'" },
    { H "h' = layer_norm(W x)\noutput h'\n",
      ":3: no function 'layer_norm'; here it is 'layernorm'" },
    { H "h' = Sum (W x)\noutput h'\n",
      ":3: no function 'Sum'; did you mean 'sum'? (a learned matrix cannot "
      "be called like a function)" },
    { H "h' = softmax(U h, 3)\noutput h'\n",
      ":3: 'U h' has 64 units: they do not make 3 heads of the same size" },
    { H "option k = 2.5\nh' = sum(W x, k)\noutput h'\n",
      ":4: 'k' is not a number of heads: a whole number from 1" },
    { H "h' = sum(W x, h)\noutput h'\n",
      ":3: 'h' is not a number of heads: a whole number from 1" },
    { H "h' = sum(W x, 0)\noutput h'\n",
      ":3: '0' is not a number of heads: a whole number from 1" },
    { H "h' = U h * sum(2)\noutput h'\n",
      ":3: 'sum' needs a vector, but '2' is a number" },
    { H "h' = sum(U) h\noutput h'\n",
      ":3: 'sum(U)': functions take vectors, not matrices: let it act first, "
      "as in 'sum(U x)'" },
    { H "h' = tanh(W x)\nsize u = sum(3)\noutput h'\n",
      ":4: 'sum(3)' cannot stand in a size" },
    { H "h' = tanh(W x, 2)\noutput h'\n",
      ":3: 'tanh' takes 1 argument" },
    { H "h' = cumsum(W x, 2, 3)\noutput h'\n",
      ":3: 'cumsum' takes at most 2 arguments" },
    { H "a = W x + U h\nh' = ReLU(a)\noutput h'\n",
      ":4: no function 'ReLU'; did you mean 'relu'? (a learned matrix cannot "
      "be called like a function)" },
    { H "a = W x + U h\nh' = Tanh (a)\noutput h'\n",
      ":4: no function 'Tanh'; did you mean 'tanh'? (a learned matrix cannot "
      "be called like a function)" },
    { H "a = W x + U h\nh' = SiLU a\noutput h'\n",
      ":4: no function 'SiLU'; did you mean 'swish'? (a learned matrix cannot "
      "be called like a function)" },
    { H "h' = Norm(W x)\noutput h'\n",
      ":3: no function 'Norm' (train --list functions), and no matrix can "
      "be called so" },
    { H "h' = tanh(drop(U) h + W x)\noutput h'\n",
      ":3: 'drop(U)': functions take vectors, not matrices: let it act first, "
      "as in 'drop(U x)'" },
    { H "matrix U = cayly(A)\nh' = U h\noutput h'\n",
      ":3: 'matrix U =' needs 'cayley(A)', 'exp(A)' or 'householder(A)', not "
      "'cayly'" },
    { H "matrix U = exp(a)\nh' = U h\noutput h'\n",
      ":3: 'exp' needs a matrix's name, with a capital, not 'a'" },
    { H "matrix U = exp(A)\nh' = U h + A h\noutput h'\n",
      ":4: 'A' makes another matrix (line 3): it cannot act itself" },
    { H "matrix U = exp(A), V = exp(A)\nh' = U h + V h\noutput h'\n",
      ":3: 'A' makes 'U' already: a matrix makes one other" },
    { H "matrix U = exp(A), V = exp(U)\nh' = U h + V h\noutput h'\n",
      ":3: 'U' is made of another matrix: 'V' needs a learned one" },
    { H "matrix U = exp(A)\nh' = U x\noutput h'\n",
      ":4: 'U x' has 12 rows, 'h'' needs 64" },
    { H "matrix U = exp(A)\nh' = U h\noutput h'\ninit U normal(1)\n",
      ":6: no learned matrix or vector is called 'U'" },
    { H "matrix U : heads(3)\nh' = U h + W x\noutput h'\n",
      ":4: 'U h' has 64 units: they do not make heads of the same size" },
    { H "matrix U : heads(4)\nh' = U h\noutput V (U x) + h'\n",
      ":5: 'x' has 12 units, 64 are needed" },
    { H "matrix U : heads(4)\nu : 6 = U h\nh' = W u\noutput h'\n",
      ":4: 'U h' has 6 units: they do not make heads of the same size" },
    { H "matrix U : heads(17)\nh' = U h\noutput h'\n",
      ":3: '17' is not a number of heads: a whole number in 1..16" },
    { H "matrix U : heads(h)\nh' = U h\noutput h'\n",
      ":3: 'h' is a state: a number of heads takes numbers and numeric "
      "options" },
    { H "matrix U : heads(2)\nmatrix U : heads(2)\nh' = U h\noutput h'\n",
      ":4: 'matrix U' a second time" },
    { H "matrix U : heads(2)\nh' = W h\noutput h'\n",
      ":3: matrix 'U' is never used" },
    { H "matrix U : 4\nh' = U h\noutput h'\n",
      ":3: 'matrix U :' needs 'heads(4)', a number of heads, not '4'" },
    { H "matrix u : heads(2)\nh' = u * h\noutput h'\n",
      ":3: 'matrix' needs a matrix's name, with a capital, not 'u'" },
    { H "matrix U : heads(2)\nh' = U h + V h\noutput h'\n"
      "init [U V] orthogonal\n",
      ":6: 'U' has heads, which are drawn one by one: name it without the "
      "list's brackets" },
    { H "h' = W' x\noutput h'\n",
      ":3: 'W'': a prime is a state's next value; a transposed matrix is "
      "'W^T'" },
    { H "h' = W^T\noutput h'\n",
      ":3: matrix 'W^T' needs something to act on, as in 'W^T x'" },
    { H "h' = W^T + x\noutput h'\n",
      ":3: matrix 'W^T' needs something to act on, as in 'W^T x'" },
    { H "h' = W^2 x\noutput h'\n",
      ":3: 'W^2' and 'x' stand side by side: write '*' for a product (only "
      "matrices, which have capitals, act on what follows)" },
    { H "h' = W x + W^T x\noutput h'\n",
      ":3: 'W^T x' has 12 rows, 'h'' needs 64" },
    { H "h' = U h\nu = U^T x\noutput h' + V u\n",
      ":4: 'U' has 64 rows, 'x' has 12 units" },
    { H "h' = tanh(W x + beta * h)\noutput h'\n",
      ":3: unknown name 'beta': assign it before, or declare it ('param "
      "beta'); undeclared, a name with a 'b' is learned only where it is "
      "added, as in 'W x + b'" },
    { H "h' = (1 - beta) * h + W x\noutput h'\n",
      ":3: unknown name 'beta': assign it before, or declare it ('param "
      "beta'); undeclared, a name with a 'b' is learned only where it is "
      "added, as in 'W x + b'" },
    { H "h' = W x + 2 * bias\noutput h'\n",
      ":3: unknown name 'bias': assign it before, or declare it ('param "
      "bias'); undeclared, a name with a 'b' is learned only where it is "
      "added, as in 'W x + b'" },
    { H "param a\nh' = (a - beta) * h + W x\noutput h'\n",
      ":4: unknown name 'beta': assign it before, or declare it ('param "
      "beta'); undeclared, a name with a 'b' is learned only where it is "
      "added, as in 'W x + b'" },
    { H "bets = W x\nh' = bets + beta * h\noutput h'\n",
      ":4: unknown name 'beta'; did you mean 'bets'?" },
    { H "h' = sigmoid(b) * h + W x\noutput h'\n",
      ":3: unknown name 'b': assign it before, or declare it ('param b'); "
      "undeclared, a name with a 'b' is learned only where it is added, as in "
      "'W x + b'" },
    { H "g = sigmoid(V h)\nh' = tanh(W x)\noutput h'\n",
      ":3: nothing that reaches the output reads 'g': what it learns from "
      "would never come; use it or remove it" },
    { H "g = V h\nk = g * 2 + b\nh' = tanh(W x)\noutput h'\n",
      ":3: nothing that reaches the output reads 'g': what it learns from "
      "would never come; use it or remove it" },
    { H "g = V h\ng = U x\nh' = tanh(W x + g)\noutput h'\n",
      ":3: 'g' is assigned again in line 4 before anything that reaches the "
      "output reads it: what it learns from would never come" },
    { H "h' = V x\nif last_layer\ng = h\nend\nh' = tanh(W x)\noutput h'\n",
      ":3: 'h'' is assigned again in line 7 before anything that reaches the "
      "output reads it: what it learns from would never come" },
    { H "g = V x\nh' = tanh(g)\ng = A g + B h\noutput h'\n",
      ":5: nothing that reaches the output reads 'g': what it learns from "
      "would never come; use it or remove it" },
    { H "state hi\ng = V x\nh' = tanh(g)\nhi' = A hi\ng = hi\noutput h'\n",
      ":6: nothing that reaches the output reads 'hi'': what it learns from "
      "would never come; use it or remove it" },
    { H "state m\nm' = A m\ng = m'\nif last_layer\ng = x\nelse\n"
      "g = W h\nend\nh' = V g\noutput h'\n",
      ":4: nothing that reaches the output reads 'm'': what it learns from "
      "would never come; use it or remove it" },
    { H "g = V x\nat 1: g = U x\notherwise: g = x\nend\nh' = W g\n"
      "output h'\n",
      ":3: 'g' is assigned again in line 5 before anything that reaches the "
      "output reads it: what it learns from would never come" },
    { H "g = V x\nif first_layer\nk = g\nend\nh' = W x\noutput h'\n",
      ":3: nothing that reaches the output reads 'g': what it learns from "
      "would never come; use it or remove it" },
    { H "state m = b0\nm' = 0.5 * m\nh' = W x\noutput h'\n",
      ":3: nothing that reaches the output reads state 'm': its start would "
      "never learn" },
    { H "state m\nh' = tanh(W x)\nm' = V x + m\noutput h'\n",
      ":5: nothing that reaches the output reads 'm'': what it learns from "
      "would never come; use it or remove it" },
    { H "h' = min(W x)\noutput h'\n",
      ":3: 'min' takes 2 arguments" },
    { H "h' = tanh(W x, h)\noutput h'\n",
      ":3: 'tanh' takes 1 argument" },
    { H "W = h\nh' = h\noutput h'\n",
      ":3: 'W': capitals are learned matrices; a value's name starts with a "
      "small letter" },
    { H "tanh = h\nh'=h\noutput h'\n",
      ":3: 'tanh' is a function: it cannot be a name" },
    { H "end = h\n",
      ":3: 'end' without an 'if' or 'at' before it" },
    { H "h' = x * h\noutput h'\n",
      ":3: 'x' has 12 units, 'h' needs 64" },
    { H "h' = W x + U h + b\nz = W h\noutput z\n",
      ":4: 'W' has 12 columns, 'h' has 64 units" },
    { H "z = sigmoid(V x)\nh' = W z + U h\noutput h'\n",
      ":3: the size of 'z' cannot be told; add 'size z = ...'" },
    { H "h' = W (V x) + U h\noutput h'\n",
      ":3: the size of '(V x)' cannot be told; give it a name and a size, as "
      "in 'u : 64 = (V x)'" },
    { H "size k = 3*h/7\nz : k = V x\nh' = W z\noutput h'\n",
      ":3: '3 * h / 7' comes to 27.4286: a size is a whole number in "
      "1..16777216" },
    { H "size k = 4096*4096*2\nz : k = V x\nh' = W z\noutput h'\n",
      ":3: '4096 * 4096 * 2' comes to 3.35544e+07: a size is a whole number "
      "in 1..16777216" },
    { H "size k = 4*q\nz : k = V x\nh' = W z\noutput h'\n",
      ":3: unknown name 'q'" },
    { H "h' = h\noutput z\nz = V x\n",
      ":4: 'z' is used before it is assigned" },
    { H "output W x\n",
      ":2: state 'h' gets no next value: assign h'" },
    { H "h' = 0.5\noutput h'\n",
      ":3: '0.5' is a number: a vector is needed" },
    { H "h' = h\noutput 3\n",
      ":4: '3' is a number: a vector is needed" },
    { H "h' = h^h\noutput h\n",
      ":3: 'h' is not a power: a whole number in -64..64" },
    { H "h' = h^100\noutput h\n",
      ":3: '100' is not a power: a whole number in -64..64" },
    { H "h' = h^2^2\noutput h\n",
      ":3: a power of a power needs brackets" },
    { H "h' = h^0.5\noutput h\n",
      ":3: '0.5' is not a power: a whole number in -64..64" },
    { H "h' = h + 1e999\noutput h\n",
      ":3: '1e999' is too large: numbers go up to 1.797e308" },
    { H "h' = h + 1/0\noutput h\n",
      ":3: '1' is divided by 0" },
    { H "option a = 3\nif a\nh' = h\nend\noutput h\n",
      ":4: 'a' is not true or false" },
    { H "option a = true\nif b\nh' = h\nend\noutput h\n",
      ":4: no option is called 'b'" },
    { H "option a = true\nif a > 2\nh' = h\nend\noutput h\n",
      ":4: 'a' is not a number" },
    { H "option a = maybe\nif a\nh' = h\nend\noutput h\n",
      ":4: 'a' is not true or false" },
    { H "if true\nh' = h\noutput h\n",
      ":3: 'if' without its 'end' (found the end of the file on line 6)" },
    { H "h' = h\nend\noutput h\n",
      ":4: 'end' without an 'if' or 'at' before it" },
    { H "h' = h\nelse\noutput h\n",
      ":4: 'else' without an 'if' or 'at' before it" },
    { H "at 1:\n h' = W x\nat 2:\n h' = h\nend\noutput h'\n",
      ":8: 'h'' is used before it is assigned (at steps that no 'at' names)" },
    { H "at 1: h' = W x\notherwise: h' = h\nat 3: h' = h\nend\noutput h'\n",
      ":5: 'otherwise' must come last" },
    { H "at 0: h' = W x\notherwise: h' = h\nend\noutput h'\n",
      ":3: 'at' needs a step's number from 1, not '0'" },
    { H "at 1: h' = W x\nat 1: h' = h\nend\noutput h'\n",
      ":4: step 1 twice: the first is on line 3" },
    { H "at 1: state k\nend\noutput h\n",
      ":3: 'state' cannot stand in an 'at' block" },
    { H "h' = W x + U h\noutput h'\ninit V orthogonal\n",
      ":5: no learned matrix or vector is called 'V'" },
    { H "h' = W x + U h\noutput h'\ninit V* orthogonal\n",
      ":5: no learned matrix or vector is called 'V*'" },
    { H "h' = W x + U h\noutput h'\ninit U orthogonl\n",
      ":5: no kind of init is called 'orthogonl'; did you mean 'orthogonal'?" },
    { H "h' = W x + U h\noutput h'\ninit U normal\n",
      ":5: 'normal' takes 1 number" },
    { H "h' = W x + U h\noutput h'\ninit U normal(1,2)\n",
      ":5: expected ')' after the kind's numbers, not '2'" },
    { H "h' = W x + U h\noutput h'\ninit U\n",
      ":5: expected a kind of init (or '= formula') before the end of the "
      "line" },
    { H "h' = W x + U h\noutput h'\ninit\n",
      ":5: 'init' needs names or globs after it" },
    { H "h' = W x + U h\noutput h'\ninit [U, W] orthogonal\n",
      ":5: expected ']' before ',': names are separated by blanks" },
    { H "h' = W x + U h\noutput h'\ninit [U W orthogonal\n",
      ":6: expected ']' before the end of the line: names are separated by "
      "blanks" },
    { H "h' = W x + U h + b\noutput h'\ninit b orthogonal\n",
      ":5: 'b' is a vector: this init is for matrices" },
    { H "h' = W x + U h + b\noutput h'\ninit U chrono(9)\n",
      ":5: 'U' is a matrix: this init is for vectors" },
    { H "h' = W x + U h + b\noutput h'\ninit b chrono(2)\n",
      ":5: chrono(2): the longest time must be above 2" },
    { H "h' = W x + U h + b\noutput h'\ninit b normal(-1)\n",
      ":5: normal(-1): a standard deviation is not negative" },
    { H "h' = W x + U h + b\noutput h'\ninit b uniform(1,0)\n",
      ":5: uniform(1, 0): the lower bound comes first" },
    { H "h' = W x + U h + b\noutput h'\ninit -b normal(1)\n",
      ":5: '-b': a '-' goes with chrono only" },
    { H "h' = W x + U h + b\noutput h'\ninit b chrono(T)\n",
      ":5: 'T' is no number: 'init' takes numbers and numeric options" },
    { H "h' = W x + U h + b\noutput h'\ninit U = i/n\n",
      ":5: 'U' is a matrix: this init is for vectors" },
    { H "h' = W x + U h + b\noutput h'\ninit b = i/m\n",
      ":5: unknown name 'm'" },
    { H "h' = W x + U h + b\noutput h'\nrate b -1\n",
      ":5: a rate is not negative" },
    { H "option T = 3\nh' = T x\noutput h'\n",
      ":4: 'T' is already an option (line 3)" },
    { H "option k = true\nh' = k * h\noutput h'\n",
      ":4: option 'k' is not a number" },
    { H "size k = 3\nh' = k * h\noutput h'\n",
      ":4: 'k' is a size, not a value" },
    { H "param a\nh' = h\noutput h'\n",
      ":3: param 'a' is never used" },
    { H "param a = h\nh' = a*h\noutput h'\n",
      ":3: a param starts at a number; for anything else write "
      "'init a = ...'" },
    { H "state m = x\nh' = h\nm' = m\noutput h'\n",
      ":3: 'x' is the input: a state starts at a number or at a learned "
      "vector" },
    { H "h' = drop(h, 1)\noutput h'\n",
      ":3: '1' is not a rate of dropout: a number from 0 to below 1" },
    { H "h' = drop(h, h)\noutput h'\n",
      ":3: 'h' is not a rate of dropout: a number from 0 to below 1" },
    { H "h' = drop(3)\noutput h'\n",
      ":3: 'drop' needs a vector, but '3' is a number" },
    { H "h' = [h; 1]\noutput h'\n",
      ":3: '1' is a number: only vectors can be parts of '[...]'" },
    { H "h' = W 2\noutput h'\n",
      ":3: matrix 'W' acts on a vector, but '2' is a number" },
    { H "z = [h; x]\nsize z = 100\nh' = W z\noutput h'\n",
      ":3: the parts of '[h; x]' come to 76 units, but it needs 100" },
    { H "size u = 64\nu = [V x; h]\nh' = U u\noutput h'\n",
      ":4: '[V x; h]' needs 64 units, 64 of them for the parts whose size is "
      "known: what is left does not do for the other" },
    { H "h' = [h; x]\noutput h'\n",
      ":3: the parts of '[h; x]' come to 76 units, but it needs 64" },
    { H "state h\nh' = h\noutput h'\n",
      ":3: 'state h' a second time" },
    { H "h' = h\noutput h'\noutput x\n",
      ":5: a second 'output'" },
    { H "h' = h $ 2\noutput h\n",
      ":3: unexpected '$'" },
    { H "h' = h \xc3\xa9" " 2\noutput h\n",
      ":3: unexpected byte 0xc3" },
    { H "h' = [h;h;h;h;h;h;h;h;h;h;h;h;h;h;h;h;h;h;h;h;h]\noutput h\n",
      ":3: more than 16 parts in '[...]': put some in a name" },
    { H "h'' = h\noutput h\n",
      ":3: expected '=' after 'h'', not ''': a line is an equation or starts "
      "with a keyword" },
    { H "h' h = 3\noutput h\n",
      ":3: expected '=' after 'h'', not 'h': a line is an equation or starts "
      "with a keyword" },
    { H "3 = h\n",
      ":3: a line starts with a name or a keyword, not '3'" },
    { H "h' == h\n",
      ":3: expected '=' after 'h'', not '==': a line is an equation or "
      "starts with a keyword" },
    { H "h' = \noutput h'\n",
      ":4: 'output' is a keyword: it cannot stand in an expression" },
    { H "h' = h +\n\noutput h'\n",
      ":5: 'output' is a keyword: it cannot stand in an expression" },
    { H "h' = if\noutput h'\n",
      ":3: 'if' is a keyword: it cannot stand in an expression" },
    { "input tanh\noutput x\n",
      ":1: 'tanh' is a function: it cannot be a name" },
    { "input 3\n",
      ":1: 'input' needs a name, not '3'" },
    { "input x y\noutput x\n",
      ":1: unexpected 'y' after the end of the statement" },
    { "input x\nstate h c\noutput x\n",
      ":2: expected ',' between two names, before 'c'" },
    { H "option first_layer = true\nh' = h\noutput h\n",
      ":3: 'option' needs a name, not 'first_layer'" },
    { H "option x = true\nh' = h\noutput h\n",
      ":3: 'x' is already the input (line 1)" },
    { H "x = h\nh' = h\noutput h\n",
      ":3: 'x' is already the input (line 1)" },
    { H "size h = 64\nsize h = 65\nh' = h\noutput h'\n",
      ":4: 'h' has 64 units, '65' needs 65" },
    { H "a = a + h\nh' = a\noutput h'\n",
      ":3: 'a' is used before it is assigned" },
    { H "h' = W x + U h\nrate Uz 0\noutput h'\n",
      ":4: no learned matrix or vector is called 'Uz'; did you mean 'U'?" },
    { H "h' = - - h\noutput h'\n",
      ":3: expected a name, a number or a bracket before '-'" },
    { H "h' = h[1]\noutput h\n",
      ":3: 'h' and '[' stand side by side: write '*' for a product, or "
      "'h[0:8]' for some of its units" },
    { H "h' = h[1:2\noutput h\n",
      ":4: expected ']' after a slice's bounds, not 'output'" },
    { H "h' = [h x]\noutput h\n",
      ":3: 'h' and 'x' stand side by side: write '*' for a product (only "
      "matrices, which have capitals, act on what follows)" },
    { H "z : k = V x\nh' = W z\noutput h'\nsize k = z\n",
      ":3: the size of 'z' cannot be told; add 'size z = ...'" },
    { H "option a = false\nif a\nz = h\nend\nh' = h\noutput z\n",
      ":8: 'z' is not assigned: line 5 is not in force" },
    { H "h' = h + k\nsize k = 3\noutput h\n",
      ":3: 'k' is a size, not a value" },
    { H "h' = h\noutput h'\ninit\nrate W 3\n",
      ":5: 'init' needs names or globs after it" },
    { H "at 1: at 2: h' = h\nend\noutput h\n",
      ":2: state 'h' gets no next value: assign h' (at step 1)" },
    { H "if pi\nend\noutput h\n",
      ":3: expected an option or a number in the condition, not 'pi'" },
    { H "h' = W x + U h + bz\nsize bz = 60\noutput h'\n",
      ":3: 'bz' has 60 units, 'h'' needs 64" },
    { "input x\noutput V (W x) + bz\nsize V2 = 3\n",
      ":3: 'V2': capitals are learned matrices; a value's name starts with a "
      "small letter" },
    { "input x\nz : 16777216 = W x\ny : 1024 = V z\noutput P y\n",
      ":3: matrix 'V' of 1024 x 16777216 is too large: 1073741824 numbers at "
      "most; take a smaller size" },
    { "input x\noutput W x + c\nc : 3 = V x\n",
      ":2: 'c' is used before it is assigned" },
    { "input x\noutput W x\ninit W constant(1/0)\n",
      ":3: '1' is divided by 0" },
    { "input x\noutput W x\ninit W normal(log(-1))\n",
      ":3: 'log(-1)' is not a finite number" },
    { "input x\noutput W x\ninit W -normal(1)\n",
      ":3: a '-' before the kind goes with chrono only" },
    { "input x\nu : 7 = C x\noutput A u + B x\ninit [C A] orthogonal\n",
      ":4: 'C' of 7 x 12 and 'A' of 64 x 7 cannot be stacked: rows or "
      "columns must agree" },
    { "input x\nu : 7 = C x + b\noutput A u + bb\ninit [b -bb] chrono(9)\n",
      ":4: 'b' has 7 units, 'bb' has 64: one draw for both needs the same "
      "size" },
    { "input x\nstate h = 1/0\nh' = h\noutput x\n",
      ":2: '1' is divided by 0" },
    { "input x\noutput not x\n",
      ":2: 'not' is a keyword: it cannot stand in an expression" },
    { "input x\noption k = 2\nif k = 2\nend\noutput x\n",
      ":3: '=' assigns: write '==' to compare" },
};

static void
wrong_texts_get_one_line(void **state)
{
    char want[512], said[4096];

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int rc = cell_try(wrong[i].text, 12, 64, NULL, said, sizeof said);

        snprintf(want, sizeof want, "test: x.cell%s\n", wrong[i].want);
        if (rc != 1 || strcmp(said, want))
            print_message("text:\n%s", wrong[i].text);
        assert_string_equal(said, want);
        assert_int_equal(rc, 1);
    }
}

static void
expect_option(const char *options, const char *want)
{
    static const char text[] =
        "input x\noption on = true\noption k = 3\noption w = one\n"
        "if on and k > 2 and w == one\noutput x\nelse\noutput W x\nend\n";
    char said[4096];
    int rc = cell_try(text, 4, 4, options, said, sizeof said);

    assert_string_equal(said, want);
    assert_int_equal(rc, *want ? 1 : 0);
}

static void
options_have_types(void **state)
{
    (void)state;
    expect_option("{\"on\": false, \"k\": -2.5, \"w\": \"one\"}", "");
    expect_option("{\"on\": 1}",
                  "test: x.cell:2: option 'on' is true or false\n");
    expect_option("{\"k\": true}", "test: x.cell:3: option 'k' is a number\n");
    expect_option("{\"k\": \"3\"}",
                  "test: x.cell:3: option 'k' is a number\n");
    expect_option("{\"w\": 1}", "test: x.cell:4: option 'w' is a word\n");
    expect_option("{\"w\": \"two\"}",
                  "test: x.cell:4: option 'w' is one of one, not 'two'\n");
}

/* ---- large texts ------------------------------------------------------- */

/* head, then `unit` n times, then tail. */
static void
expect_large(const char *head, const char *unit, int n, const char *tail,
             const char *want)
{
    size_t size = strlen(head) + n * strlen(unit) + strlen(tail) + 1;
    char *text = xcalloc(size, 1), *s = text, said[4096];

    s = stpcpy(s, head);
    for (int i = 0; i < n; i++)
        s = stpcpy(s, unit);
    strcpy(s, tail);
    if (cell_try(text, 12, 64, NULL, said, sizeof said) != !!*want ||
        (*want && !strstr(said, want)) || (!*want && *said))
        fail_msg("%s%s x %d: said '%s', not '%s'", head, unit, n, said, want);
    free(text);
}

static void
large_texts_have_an_end(void **state)
{
    (void)state;
    expect_large(H "h' = ", "(", 150, "h\noutput h\n", "expected ')'");
    expect_large(H "h' = ", "(", 100000, "h\noutput h\n",
                 "the cell has more than 100000 names, numbers and marks");
    expect_large(H "h' = ", "(", 5000, "h\noutput h\n", "nested more than");
    expect_large(H "h' = ", "[", 5000, "h\noutput h\n", "nested more than");
    expect_large(H "h' = ", "tanh(", 5000, "h\n", "nested more than");
    expect_large(H "h' = ", "W ", 5000, "h\noutput h\n", "nested more than");
    expect_large(H "h' = h", " + h", 990, "\noutput h\n", "");
    expect_large(H "h' = h", " + h", 9000, "\noutput h\n", "in a row");
    expect_large(H "h' = h", " * h", 9000, "\noutput h\n", "in a row");
    expect_large(H "h' = [h", "; h", 15, "]\noutput h\n", "it needs 64");
    expect_large(H "h' = [h", "; h", 16, "]\noutput h\n", "more than 16");
    expect_large(H "h' = h\n", "if true\n", 5000, "", "nested more than");
    expect_large(H "if true\nh' = h\n", "else if true\nh' = h\n", 5000,
                 "end\noutput h'\n", "nested more than");
    expect_large(H "if ", "not ", 5000, "true\nend\n", "nested more than");
    expect_large(H "if true ", "and true ", 5000, "\nend\n", "in a row");
    expect_large(H, "h' = h\n", 9000, "output h'\n", "");
    expect_large(H, "h' = h\n", 12000, "output h'\n",
                 "more than 10000 statements");
    expect_large(H, "h' = h\n", 1000000, "output h'\n",
                 "more than 100000 names");
    expect_large(H "h' = h #", "x", 1000000, "\noutput h'\n", "");
    expect_large(H "h' = ", "a", 1000000, "\noutput h'\n", "more than 64");
    expect_large(H "h' = ", "9", 1000000, "\noutput h'\n", "more than 64");
    expect_large(H "h' = h", "\n", 1000000, "output h'\n", "");
    expect_large(H "h' = W h + U x\noutput h'\n", "init * normal(1)\n", 9000,
                 "", "");
    expect_large(H "h' = W h + U x\noutput h'\ninit [", "* ", 50000,
                 "] normal(1)\n", "");
    expect_large(H "h' = W h + U x\noutput h'\ninit ", "*", 60,
                 "W normal(1)\n", "");
    expect_large(H "h' = W h + U x\noutput h'\ninit [", "* ", 2, "", "]");
}

/* Many names: each line depends on the one before. */
static void
long_chains_resolve(void **state)
{
    size_t cap = 1 << 20;
    char *text = xcalloc(cap, 1), *s = text, said[4096];

    (void)state;
    s += sprintf(s, "input x\nz0 = W x\n");
    for (int i = 1; i < 2000; i++)
        s += sprintf(s, "z%d = [z%d; x]\n", i, i - 1);
    s += sprintf(s, "output V z1999\nsize z1999 = %d\n", 1999 * 12 + 5);
    assert_int_equal(cell_try(text, 12, 64, NULL, said, sizeof said), 1);
    assert_non_null(strstr(said, "more than 16 parts"));
    s = text;
    s += sprintf(s, "input x\nz0 = W x\n");
    for (int i = 1; i < 2000; i++)
        s += sprintf(s, "z%d = tanh([z%d; x])\n", i, i - 1);
    s += sprintf(s, "output V z1999\nsize z1999 = %d\n", 1999 * 12 + 5);
    cell_try(text, 12, 64, NULL, said, sizeof said);
    assert_string_equal(said, "");
    s = text;
    s += sprintf(s, "input x\nsize a0 = a1\n");
    for (int i = 1; i < 2000; i++)
        s += sprintf(s, "size a%d = a%d\n", i, i + 1);
    s += sprintf(s, "size a2000 = 9\nz : a0 = W x\noutput z\n");
    cell_try(text, 12, 64, NULL, said, sizeof said);
    assert_string_equal(said, "");
    s = text;
    s += sprintf(s, "input x\nstate h\nat 1: h' = h\n");
    for (int i = 2; i < 100; i++)
        s += sprintf(s, "at %d: h' = h\n", i);
    s += sprintf(s, "otherwise: h' = h\nend\noutput h\n");
    assert_int_equal(cell_try(text, 12, 64, NULL, said, sizeof said), 1);
    assert_non_null(strstr(said, "more than 63 different steps"));
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_texts_get_one_line),
        cmocka_unit_test(options_have_types),
        cmocka_unit_test(large_texts_have_an_end),
        cmocka_unit_test(long_chains_resolve),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
