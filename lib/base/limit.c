#include "base/limit.h"

#include <inttypes.h>

#include "base/die.h"

int64_t
limit_count(int64_t x, int64_t lo, int64_t hi, const char *what,
            const char *where)
{
    if (x < lo || x > hi)
        die_at(where, 0, "%s is %" PRId64 ", not in %" PRId64 "..%" PRId64,
               what, x, lo, hi);
    return x;
}

int64_t
limit_product(int64_t a, int64_t b, int64_t most, const char *what,
              const char *where)
{
    int64_t x;

    if (__builtin_mul_overflow(a, b, &x) || x > most)
        die_at(where, 0, "%s: %" PRId64 " times %" PRId64 " is more than %"
               PRId64, what, a, b, most);
    return x;
}
