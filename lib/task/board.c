/*
 * board.c - boards filled in random order: until they are full (grid), or
 * until some row, column or diagonal is (tictac).  Symbols 0..cells-1 fill a
 * cell, symbol `cells` clears the board.
 */
#include <math.h>
#include <stdlib.h>

#include "base/die.h"
#include "base/dmath.h"
#include "task/chain.h"
#include "task/names.h"
#include "task/rules.h"
#include "task/tasks.h"

enum { MAX_CELLS = 64, COUNTABLE = 16 };

static const struct key grid_keys[] = {
    { "cells", KEY_INT, "9", 1, MAX_CELLS, NULL, "N",
      "cells of the board; its shape does not matter" },
    CHAIN_LEN,
    TASK_SEED,
    { NULL, KEY_INT, NULL, 0, 0, NULL, NULL, NULL },
};

static const struct key tictac_keys[] = {
    { "rows", KEY_INT, "3", 1, MAX_CELLS, NULL, "N", "rows of the board" },
    { "cols", KEY_INT, "3", 1, MAX_CELLS, NULL, "N", "columns" },
    { "in_a_row", KEY_INT, "3", 1, MAX_CELLS, NULL, "N",
      "full cells in a line that end a game" },
    CHAIN_LEN,
    TASK_SEED,
    { NULL, KEY_INT, NULL, 0, 0, NULL, NULL, NULL },
};

/* The clear is written as the end of a line: a board a line of text. */
static void
add_cells(struct legal *l, int cells)
{
    char name[12];

    l->cells = l->end = cells;
    for (int i = 0; i < cells; i++) {
        name_symbol(i, cells, name);
        json_array_append_new(l->names, cells <= 62 ? json_string(name)
                                        : json_sprintf(" %s", name));
    }
    json_array_append_new(l->names, json_string("\n"));
}

static uint64_t
full_board(const struct legal *l)
{
    return l->cells == 64 ? ~UINT64_C(0) : (UINT64_C(1) << l->cells) - 1;
}

static bool
over(const struct legal *l, uint64_t board)
{
    if (board == full_board(l))
        return true;
    for (const uint64_t *m = l->rows; m && *m; m++)
        if ((board & *m) == *m)
            return true;
    return false;
}

static uint32_t
board_moves(const struct legal *l, const struct legal_state *s, uint32_t *w)
{
    uint32_t n = 0;

    if (over(l, s->board)) {
        w[l->cells] = 1;
        return 1;
    }
    for (int i = 0; i < l->cells; i++) {
        w[i] = !(s->board >> i & 1);
        n += w[i];
    }
    return n;
}

static bool
board_play(const struct legal *l, struct legal_state *s, int symbol)
{
    bool ok = over(l, s->board) == (symbol == l->cells);

    if (symbol == l->cells) {
        s->board = 0;
        return ok;
    }
    if (s->board >> symbol & 1)
        return false;
    s->board |= UINT64_C(1) << symbol;
    return ok;
}

static const char *const board_kinds[] = {
    "full cell", "cleared early", "not cleared", NULL,
};

static int
board_blame(const struct legal *l, const struct legal_state *s, int symbol)
{
    return symbol == l->cells ? 1 : over(l, s->board) ? 2 : 0;
}

/* The cells, the end, the number of full cells; then for each line that wins
 * whether it is full, and whether it wants one cell or none. */
static int
board_meanings(const struct legal *l, struct meaning *m)
{
    int n = l->cells;

    if (m) {
        for (int i = 0; i < n; i++)
            meaning_set(&m[i], MEANING_CELL, 2, "cell %d", i);
        meaning_set(&m[n], MEANING_FLAG, 2, "clear next");
        meaning_set(&m[n + 1], MEANING_COUNTER, n + 1, "full cells");
    }
    n += 2;
    for (const uint64_t *r = l->rows; r && *r; r++, n += 2)
        if (m) {
            meaning_set(&m[n], MEANING_LINE, 2, "%s full",
                        l->lines[r - l->rows]);
            meaning_set(&m[n + 1], MEANING_LINE, 2, "%s but one",
                        l->lines[r - l->rows]);
        }
    return n;
}

static void
board_mean(const struct legal *l, const struct legal_state *s, int32_t *value)
{
    for (int i = 0; i < l->cells; i++)
        *value++ = (int32_t)(s->board >> i & 1);
    *value++ = over(l, s->board);
    *value++ = __builtin_popcountll(s->board);
    for (const uint64_t *r = l->rows; r && *r; r++) {
        int left = __builtin_popcountll(*r & ~s->board);

        *value++ = left == 0;
        *value++ = left <= 1;
    }
}

/* Every order of the cells is equally likely. */
static void
grid_unit(const struct legal *l, double *entropy, double *length)
{
    *entropy = 0;
    for (int i = 2; i <= l->cells; i++)
        *entropy += d_log(i);
    *length = l->cells + 1;
}

static void
grid_open(struct legal *l, const json_t *settings)
{
    add_cells(l, (int)keys_int(settings, "cells"));
}

/* Masks of `k` cells in a line, in four directions. */
static void
add_lines(struct legal *l, int rows, int cols, int k)
{
    static const int step[4][2] = { { 0, 1 }, { 1, 0 }, { 1, 1 }, { 1, -1 } };
    static const char *const way[] = { "row", "column", "down", "up" };
    int n = 0;

    l->rows = xcalloc((size_t)(4 * rows * cols + 1), sizeof *l->rows);
    l->lines = xcalloc((size_t)(4 * rows * cols + 1), sizeof *l->lines);
    for (int i = 0; i < 4 * rows * cols; i++) {
        int y = i / 4 / cols, x = i / 4 % cols;
        int dy = step[i % 4][0], dx = step[i % 4][1];
        int last_y = y + dy * (k - 1), last_x = x + dx * (k - 1);

        if (last_y >= rows || last_x >= cols || last_x < 0)
            continue;
        for (int j = 0; j < k; j++)
            l->rows[n] |= UINT64_C(1) << ((y + dy * j) * cols + x + dx * j);
        l->lines[n++] = xasprintf("%s %d-%d", way[i % 4], y * cols + x,
                                  last_y * cols + last_x);
    }
}

static void
tictac_open(struct legal *l, const json_t *settings)
{
    int rows = (int)keys_int(settings, "rows");
    int cols = (int)keys_int(settings, "cols");
    int k = (int)keys_int(settings, "in_a_row");

    if (rows * cols > MAX_CELLS)
        rules_bad(l, "a board of %d x %d has more than %d cells", rows, cols,
                  MAX_CELLS);
    if (k > rows && k > cols)
        rules_bad(l, "no line of %d cells on a board of %d x %d", k, rows,
                  cols);
    add_cells(l, rows * cols);
    add_lines(l, rows, cols, k);
}

/* Chances of all boards, from the empty one up: a board's number is larger
 * than that of any board before it. */
static void
tictac_unit(const struct legal *l, double *entropy, double *length)
{
    size_t boards = (size_t)1 << l->cells;
    double *p;

    *entropy = *length = NAN;
    if (l->cells > COUNTABLE)
        return;
    p = xcalloc(boards, sizeof *p);
    p[0] = 1;
    *entropy = 0;
    *length = 0;
    for (size_t b = 0; b < boards; b++) {
        int empty = l->cells - __builtin_popcountll(b);

        *length += p[b];
        if (p[b] == 0 || over(l, b))
            continue;
        *entropy += p[b] * d_log(empty);
        for (int i = 0; i < l->cells; i++)
            if (!(b >> i & 1))
                p[b | (size_t)1 << i] += p[b] / empty;
    }
    free(p);
}

static void
tictac_close(struct legal *l)
{
    for (int i = 0; l->rows[i]; i++)
        free(l->lines[i]);
    free(l->lines);
    free(l->rows);
}

const struct rules rules_grid = {
    "grid", grid_open, board_moves, board_play, grid_unit, NULL,
    board_kinds, board_blame, board_meanings, board_mean,
};

const struct rules rules_tictac = {
    "tictac", tictac_open, board_moves, board_play, tictac_unit, tictac_close,
    board_kinds, board_blame, board_meanings, board_mean,
};

const struct task task_grid = {
    .name = "grid",
    .about = "a board's cells filled in random order, then cleared",
    .keys = grid_keys,
    .open = chain_open,
    .make = chain_make,
    .close = chain_close,
};

const struct task task_tictac = {
    .name = "tictac",
    .about = "cells filled at random until some line is full, then cleared",
    .keys = tictac_keys,
    .open = chain_open,
    .make = chain_make,
    .close = chain_close,
};
