/* spills.cu - kernels that keep numbers in memory: an array with indices that
 * change, and more numbers than a thread of such a CTA has registers; and one
 * that does not. */
extern "C" __global__ void
array(float *x, int n)
{
    float a[40];

    for (int i = 0; i < 40; i++)
        a[i] = x[i];
    for (int i = 0; i < n; i++)
        a[i % 40] += a[i * 7 % 40];
    x[0] = a[n % 40];
}

extern "C" __global__ void __launch_bounds__(1024, 2)
registers(float *x)
{
    float a[64];

    #pragma unroll
    for (int i = 0; i < 64; i++)
        a[i] = x[i * 1024 + threadIdx.x];
    __syncthreads();
    #pragma unroll
    for (int i = 0; i < 64; i++)
        x[i * 1024 + threadIdx.x] = fmaf(a[i], a[63 - i], a[i * 5 % 64]);
}

extern "C" __global__ void
neither(float *x)
{
    x[threadIdx.x] = 1;
}
