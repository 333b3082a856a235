/* product.c - C = A B + beta C on the host.  The sums are in double: what uses
 * them may not rely on the order of a library's. */
#include "emulator/emulator.h"

#include <string.h>

/* As cuBLAS takes it: tf32 has 10 bits behind the point, bf16 has 7. */
static float
element(gpu_address x, size_t i, enum gpu_type type)
{
    const char *p = (const char *)(uintptr_t)x;
    uint32_t bits;
    uint16_t half;
    float f;

    if (type == GPU_BF16) {
        memcpy(&half, p + 2 * i, 2);
        bits = (uint32_t)half << 16;
    } else {
        memcpy(&bits, p + 4 * i, 4);
    }
    memcpy(&f, &bits, 4);
    if (type == GPU_TF32 && f - f == 0) {
        bits = (bits + 0xfff + (bits >> 13 & 1)) & ~0x1fffu;
        memcpy(&f, &bits, 4);
    }
    return f;
}

static size_t
extent(int rows, int columns, int ld)
{
    return (size_t)(rows - 1) * (size_t)ld + (size_t)columns;
}

void
product_check(const struct gpu_product *p)
{
    size_t size = p->type == GPU_BF16 ? 2 : 4;
    int ar = p->transpose_a ? p->k : p->m, ac = p->transpose_a ? p->m : p->k;
    int br = p->transpose_b ? p->n : p->k, bc = p->transpose_b ? p->k : p->n;

    if (p->m < 1 || p->n < 1 || p->k < 1 || p->lda < ac || p->ldb < bc ||
            p->ldc < p->n || (p->beta != 0 && p->beta != 1))
        emu_fail("gpu_multiply(): sizes that do not belong together");
    memory_inside(p->a, extent(ar, ac, p->lda) * size, "gpu_multiply(): A");
    memory_inside(p->b, extent(br, bc, p->ldb) * size, "gpu_multiply(): B");
    memory_inside(p->c, extent(p->m, p->n, p->ldc) * 4, "gpu_multiply(): C");
}

void
product_do(const struct gpu_product *p)
{
    for (int i = 0; i < p->m; i++)
        for (int j = 0; j < p->n; j++) {
            float *c = (float *)(uintptr_t)p->c + (size_t)i * (size_t)p->ldc +
                (size_t)j;
            double sum = p->beta != 0 ? *c : 0;

            for (int k = 0; k < p->k; k++) {
                int ar = p->transpose_a ? k : i, ac = p->transpose_a ? i : k;
                int br = p->transpose_b ? j : k, bc = p->transpose_b ? k : j;

                sum += (double)element(p->a, (size_t)ar * (size_t)p->lda +
                                       (size_t)ac, p->type) *
                    (double)element(p->b, (size_t)br * (size_t)p->ldb +
                                    (size_t)bc, p->type);
            }
            *c = (float)sum;
        }
}
