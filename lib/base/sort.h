/* sort.h - sorting in which equal items keep their order. */
#ifndef BASE_SORT_H
#define BASE_SORT_H

#include <stddef.h>

/* As qsort_r(), whose order of equal items differs between C libraries and
 * with the memory that is left. */
void sort_stable(void *items, size_t n, size_t size,
                 int (*compare)(const void *a, const void *b, void *ctx),
                 void *ctx);

#endif
