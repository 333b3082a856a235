/*
 * names.h - the functions of the driver, NVRTC and cuBLAS that are asked for,
 * X(name) each, by the names that the toolkit's headers give them.  Where such
 * a name is a macro (cuMemAlloc is cuMemAlloc_v2), X has to see it expanded.
 */
#ifndef TOOLKIT_NAMES_H
#define TOOLKIT_NAMES_H

#define CUDA_NAMES(X) \
    X(cuInit) \
    X(cuDriverGetVersion) \
    X(cuGetErrorName) \
    X(cuGetErrorString) \
    X(cuDeviceGetCount) \
    X(cuDeviceGet) \
    X(cuDeviceGetName) \
    X(cuDeviceGetAttribute) \
    X(cuDeviceTotalMem) \
    X(cuDevicePrimaryCtxRetain) \
    X(cuDevicePrimaryCtxRelease) \
    X(cuCtxSetCurrent) \
    X(cuCtxSynchronize) \
    X(cuMemGetInfo) \
    X(cuMemAlloc) \
    X(cuMemFree) \
    X(cuMemHostAlloc) \
    X(cuMemFreeHost) \
    X(cuMemcpyHtoDAsync) \
    X(cuMemcpyDtoHAsync) \
    X(cuMemcpyDtoDAsync) \
    X(cuMemsetD8Async) \
    X(cuModuleLoadData) \
    X(cuModuleUnload) \
    X(cuModuleGetFunction) \
    X(cuFuncGetAttribute) \
    X(cuFuncSetAttribute) \
    X(cuOccupancyMaxActiveBlocksPerMultiprocessor) \
    X(cuLaunchKernelEx) \
    X(cuStreamCreate) \
    X(cuStreamDestroy) \
    X(cuStreamSynchronize) \
    X(cuStreamQuery) \
    X(cuStreamWaitEvent) \
    X(cuEventCreate) \
    X(cuEventDestroy) \
    X(cuEventRecord) \
    X(cuEventSynchronize) \
    X(cuEventElapsedTime) \
    X(cuStreamBeginCapture) \
    X(cuStreamEndCapture) \
    X(cuGraphInstantiate) \
    X(cuGraphDestroy) \
    X(cuGraphExecDestroy) \
    X(cuGraphLaunch)

#define NVRTC_NAMES(X) \
    X(nvrtcVersion) \
    X(nvrtcGetErrorString) \
    X(nvrtcGetNumSupportedArchs) \
    X(nvrtcGetSupportedArchs) \
    X(nvrtcCreateProgram) \
    X(nvrtcDestroyProgram) \
    X(nvrtcCompileProgram) \
    X(nvrtcGetProgramLogSize) \
    X(nvrtcGetProgramLog) \
    X(nvrtcGetCUBINSize) \
    X(nvrtcGetCUBIN)

#define CUBLAS_NAMES(X) \
    X(cublasCreate) \
    X(cublasDestroy) \
    X(cublasGetStatusString) \
    X(cublasSetStream) \
    X(cublasSetWorkspace) \
    X(cublasSetMathMode) \
    X(cublasGemmEx)

#endif
