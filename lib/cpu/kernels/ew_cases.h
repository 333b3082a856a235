/*
 * ew_cases.h - a case for each element-wise operator of ops.def, by its work:
 * who includes this has defined CASE_PLAIN, CASE_MATH and CASE_ROWS, of the
 * operator's id and its number of arguments.
 */
#define OP_ARITH(id, name, n, work) CASE_##work(id, n)
#define OP_FUNC(id, name, work, ...) CASE_##work(id, 1)
#define OP_FUNC2(id, name, work, ...) CASE_##work(id, 2)
#define OP_FLAG(id, name, call, n, work, text) CASE_##work(id, 1)
#define OP_SLOPE(id, name, n, work) CASE_##work(id, n)
#define OP_MADE(id, name, n, work) CASE_##work(id, n)
#include "cell/ops.def"
