/* probe.cu - a kernel that does nothing for long, all CTAs together. */
extern "C" __global__ void
nothing(void)
{
    float *s = (float *)shared_memory();

    s[threadIdx.x] = (float)threadIdx.x;
    __syncthreads();
}
