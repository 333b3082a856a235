/* product.c - products by cuBLAS, whose matrices are column by column: what is
 * asked for row by row is its transpose, C' = B' A'. */
#include "cuda/toolkit/toolkit.h"

enum { WORKSPACE = 32 << 20 };        /* bytes, as cuBLAS advises for sm_90 */

static void
check(struct gpu *g, cublasStatus_t r, const char *what)
{
    if (r != CUBLAS_STATUS_SUCCESS)
        toolkit_fail(g, "cuBLAS: %s failed (%s)", what,
                     g->cublas.cublasGetStatusString(r));
}

/* Each stream has a workspace, so that products of two may run at once. */
void
product_open(struct gpu_stream *s)
{
    struct gpu *g = s->g;

    if (!g->products) {
        load_cublas(g);
        check(g, g->cublas.cublasCreate(&g->products), "starting");
    }
    if (!s->workspace)
        toolkit_check(g, g->cuda.cuMemAlloc(&s->workspace, WORKSPACE),
                      "allocating cuBLAS's workspace");
}

void
product_close(struct gpu *g)
{
    if (g->products)
        check(g, g->cublas.cublasDestroy(g->products), "ending");
}

void
product_multiply(struct gpu_stream *s, const struct gpu_product *p)
{
    struct gpu *g = s->g;
    const float one = 1;
    cudaDataType_t type = p->type == GPU_BF16 ? CUDA_R_16BF : CUDA_R_32F;
    cublasComputeType_t compute = p->type == GPU_TF32 ?
        CUBLAS_COMPUTE_32F_FAST_TF32 : p->type == GPU_F32 ?
        CUBLAS_COMPUTE_32F_PEDANTIC : CUBLAS_COMPUTE_32F;

    if (!s->workspace)
        toolkit_fail(g, "gpu_multiply() before gpu_products()");
    check(g, g->cublas.cublasSetStream(g->products, s->stream),
          "taking a stream");
    check(g, g->cublas.cublasSetWorkspace(g->products,
        (void *)(uintptr_t)s->workspace, WORKSPACE), "taking memory");
    check(g, g->cublas.cublasGemmEx(g->products,
        p->transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N,
        p->transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N, p->n, p->m, p->k, &one,
        (void *)(uintptr_t)p->b, type, p->ldb,
        (void *)(uintptr_t)p->a, type, p->lda, &p->beta,
        (void *)(uintptr_t)p->c, CUDA_R_32F, p->ldc, compute,
        CUBLAS_GEMM_DEFAULT), "a product");
}
