/* ew_math.c - element-wise operations with elementary functions in them. */
#include "cpu/vmath.h"
#include "ew.h"
#include "ew_body.h"

void
SYM(ew_math)(const struct ew_tile *t)
{
    int k = t->op->power;

    switch ((enum op)t->op->code) {
#define CASE_PLAIN(id, n)
#define CASE_MATH(id, n) case OP_##id: EW_##n(t, BODY_##id); break;
#define CASE_ROWS(id, n)
#include "ew_cases.h"
    default:
        __builtin_unreachable();
    }
}
