/*
 * kernels.cu - small kernels that need every barrier they have: the tests of
 * the emulator take out one after the other.  Whole numbers, so that what is
 * right can be said without rounding.
 */
#define KERNEL extern "C" __global__ void

/* out[block] = the sum of the block's numbers, by halves in shared memory. */
KERNEL
sum_halves(const int *x, int *out)
{
    int *s = (int *)shared_memory(), t = threadIdx.x;

    s[t] = x[blockIdx.x * blockDim.x + t];
    __syncthreads();   // barrier
    for (int n = blockDim.x / 2; n; n /= 2) {
        if (t < n)
            s[t] += s[t + n];
        __syncthreads();   // barrier
    }
    if (t == 0)
        out[blockIdx.x] = s[0];
}

/* The same by warps: shuffles in a warp, shared memory between them. */
KERNEL
sum_warps(const int *x, int *out)
{
    int *s = (int *)shared_memory(), t = threadIdx.x;
    int v = x[blockIdx.x * blockDim.x + t];

    for (int n = 16; n; n /= 2)
        v += __shfl_down_sync(0xffffffffu, v, n);
    if (t % 32 == 0)
        s[t / 32] = v;
    __syncthreads();   // barrier
    if (t < 32) {
        v = t < blockDim.x / 32 ? s[t] : 0;
        for (int n = 16; n; n /= 2)
            v += __shfl_xor_sync(0xffffffffu, v, n);
        if (t == 0)
            out[blockIdx.x] = v;
    }
}

/* A warp turns 32 numbers round, in shared memory of its own, `times` times:
 * out[i] = x[31 - i] of the warp for odd times. */
KERNEL
turn_warps(const int *x, int *out, int times)
{
    int t = threadIdx.x, lane = t % 32;
    int *s = (int *)shared_memory() + t - lane;
    int v = x[blockIdx.x * blockDim.x + t];

    for (int i = 0; i < times; i++) {
        s[lane] = v;
        __syncwarp();   // barrier
        v = s[31 - lane];
        __syncwarp();   // barrier
    }
    out[blockIdx.x * blockDim.x + t] = v;
}

/* count[v] += 1 for each number v. */
KERNEL
count(const int *x, int *counts, int n)
{
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n;
         i += gridDim.x * blockDim.x)
        atomicAdd(&counts[x[i]], 1);
}

/* Sums of blocks, added up by whichever block comes last. */
KERNEL
sum_last(const int *x, int *part, int *out, unsigned *word)
{
    int *s = (int *)shared_memory(), t = threadIdx.x;
    bool *last = (bool *)(s + 1);

    if (t == 0)
        s[0] = 0;
    __syncthreads();   // barrier
    atomicAdd(&s[0], x[blockIdx.x * blockDim.x + t]);
    __syncthreads();   // barrier
    if (t == 0) {
        part[blockIdx.x] = s[0];
        __threadfence();   // barrier
        *last = atomicAdd(word, 1u) == gridDim.x - 1;
        __threadfence();   // barrier
    }
    __syncthreads();   // barrier
    if (*last && t < gridDim.x)
        atomicAdd(out, part[t]);
}

/* What lib/cuda/prelude.cu has, written once more so that its barriers can be
 * taken out. */
static __device__ void
all_meet(unsigned *word)
{
    __syncthreads();   // barrier
    if (threadIdx.x == 0) {
        unsigned add = blockIdx.x ? 1 : 0x80000000u - (gridDim.x - 1);
        unsigned old = add_acquire_release(word, add);

        while (!((old ^ load_acquire(word)) & 0x80000000u))
            relax();
    }
    __syncthreads();   // barrier
}

/* A recurrence over all units of the grid, like a cell's: h' = a sum of
 * neighbours' h and of the block's through shared memory; two buffers. */
KERNEL
loop(const int *u, int *h, int *out, int n, int steps, unsigned *word)
{
    int *s = (int *)shared_memory();
    int unit = blockIdx.x * blockDim.x + threadIdx.x;

    for (int t = 0; t < steps; t++) {
        const int *now = h + (t % 2) * n;

        s[threadIdx.x] = u[unit] * now[n - 1 - unit];
        __syncthreads();   // barrier
        int next = (s[blockDim.x - 1 - threadIdx.x] + now[(unit + 1) % n]) %
            1000;
        h[((t + 1) % 2) * n + unit] = next;
        out[t * n + unit] = next;
        all_meet(word);   // barrier
    }
}

/* The same with the prelude's barrier. */
KERNEL
loop_prelude(const int *u, int *h, int *out, int n, int steps,
             unsigned *word)
{
    int unit = blockIdx.x * blockDim.x + threadIdx.x;

    for (int t = 0; t < steps; t++) {
        const int *now = h + (t % 2) * n;

        h[((t + 1) % 2) * n + unit] = out[t * n + unit] =
            (u[unit] * now[n - 1 - unit] + now[(unit + 1) % n]) % 1000;
        grid_barrier(word);   // barrier
    }
}

/* How many numbers of the block are odd; whether all are; whether one is. */
KERNEL
odd(const int *x, int *out)
{
    int v = x[blockIdx.x * blockDim.x + threadIdx.x] & 1;
    int n = __syncthreads_count(v);
    int all = __syncthreads_and(v), one = __syncthreads_or(v);
    unsigned warp = __ballot_sync(0xffffffffu, v);

    if (threadIdx.x == 0) {
        out[4 * blockIdx.x] = n;
        out[4 * blockIdx.x + 1] = all;
        out[4 * blockIdx.x + 2] = one;
        out[4 * blockIdx.x + 3] = (int)(warp >> 1);
    }
}
