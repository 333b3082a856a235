/*
 * parts.h - the functions of one instruction set's table (cpu/kernel.h says
 * what each does); SYM adds the instruction set's name.
 */
#ifndef CPU_KERNELS_PARTS_H
#define CPU_KERNELS_PARTS_H

#include "cpu/vec.h"

void SYM(gemm)(const struct gemm *g);
size_t SYM(pack_size)(int k, int nvec);
void SYM(pack)(int nets, float *b, int ktotal, int k0, int v0, const float *w,
               ptrdiff_t ns, ptrdiff_t ks, int n, int k, float sign);
void SYM(ew)(const struct ew_prog *p, const struct ew_ctx *c);
void SYM(ew_make)(const struct ew_prog *p, const struct ew_ctx *c,
                  float *slots, float *constants, struct ew_tile *tile);
void SYM(ew_run)(const struct ew_tile *tile, int n);
void SYM(over)(const struct over *o);
void SYM(colsum)(float *acc, const float *x, ptrdiff_t stride, int rows,
                 int size, const uint8_t *use);
void SYM(look)(int nets, float *c, const float *from, const float *w,
               ptrdiff_t ns, int size, float sign);
void SYM(scatter)(float *to, const int32_t *tok, const float *x,
                  ptrdiff_t stride, int rows, int width);
void SYM(drain)(float *acc, float *part, int n, float sign);
void SYM(softmax)(int nets, int rows, int classes, const float *logits,
                  ptrdiff_t ls, const int32_t *target, float count,
                  double *loss, uint8_t *correct, float *dlogits,
                  ptrdiff_t ds, float *probs, ptrdiff_t ps);
uint32_t SYM(clip)(int nets, size_t at, size_t n, float *g, float limit,
                   const float *cut, double *part);
void SYM(update)(const struct rule_numbers *u, size_t n, float *w,
                 const float *g, float *m, float *v);
double SYM(peak)(long n);

#endif
