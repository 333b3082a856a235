/*
 * faults.cu - kernels that do what a kernel must not, one fault each; x is a
 * block of n ints.
 */
#define KERNEL extern "C" __global__ void

KERNEL beyond(int *x, int n) { x[n + threadIdx.x] = 1; }
KERNEL before(int *x, int n) { x[n] = x[-1]; }
KERNEL half_beyond(int *x, int n) { *(int2 *)(x + n - 2 + threadIdx.x * 2) = {}; }
KERNEL null_pointer(int *x, int n) { int *p = n > 0 ? nullptr : x; p[1] = 1; }
KERNEL not_aligned(int *x, int n) { *(int4 *)(x + 1) = {}; }

KERNEL
beyond_shared(int *x, int n)
{
    int *s = (int *)shared_memory();

    s[64 + threadIdx.x] = n;
}

KERNEL
beyond_array(int *x, int n)
{
    int a[4] = { 1, 2, 3, 4 };

    x[threadIdx.x] = a[threadIdx.x];
}

KERNEL
two_write(int *x, int n)
{
    x[0] = threadIdx.x;
}

KERNEL
two_blocks_write(int *x, int n)
{
    if (threadIdx.x == 0)
        x[0] = blockIdx.x;
}

KERNEL
read_of_another(int *x, int n)
{
    x[threadIdx.x] = n;
    if (x[(threadIdx.x + 1) % 32] == 0)
        x[threadIdx.x] = 1;
}

/* A fence is missing between the number and the word that tells of it. */
KERNEL
no_fence(int *x, int n)
{
    unsigned *word = (unsigned *)(x + n - 1);

    if (threadIdx.x)
        return;
    if (blockIdx.x == 0) {
        x[0] = 5;
        atomicExch(word, 1u);
    } else {
        while (load_acquire(word) != 1)
            relax();
        x[1] = x[0];
    }
}

KERNEL
not_all_come(int *x, int n)
{
    if (threadIdx.x < 7)
        __syncthreads();
    while (load_acquire((unsigned *)x) != 17)
        relax();
}

KERNEL
some_return(int *x, int n)
{
    if (threadIdx.x < 7)
        return;
    __syncthreads();
}

KERNEL
lane_is_gone(int *x, int n)
{
    if (threadIdx.x == 3)
        return;
    x[threadIdx.x] = __shfl_xor_sync(0xffffffffu, n, 1);
}

KERNEL
lane_not_named(int *x, int n)
{
    x[threadIdx.x] = __shfl_sync(0xffffu, n, 1);
}

KERNEL
lane_from_outside(int *x, int n)
{
    if (threadIdx.x < 16)
        x[threadIdx.x] = __shfl_sync(0xffffu, n, 20);
}

KERNEL
waits_for_ever(int *x, int n)
{
    while (load_acquire((unsigned *)x) != 17)
        relax();
}

KERNEL
too_large(int *x, int n)
{
    x[0] = (int)(1e20f * n);
}

KERNEL
shift(int *x, int n)
{
    x[0] = 1 << (n + 32);
}

/* What nobody wrote is NaN. */
KERNEL
not_written(float *x, int n)
{
    float *s = (float *)shared_memory();

    x[0] = x[1] + 1;
    x[2] = s[0] + 1;
}
