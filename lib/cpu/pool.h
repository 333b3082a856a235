/* pool.h - a few threads that do one thing together and wait for each other.
 * With one thread nothing is started. */
#ifndef CPU_POOL_H
#define CPU_POOL_H

struct pool;

struct pool *pool_new(int threads);
int pool_threads(const struct pool *p);
/* fn(ctx, i) for i = 0 .. threads-1, one each; returns when all are done. */
void pool_run(struct pool *p, void (*fn)(void *ctx, int i), void *ctx);
void pool_free(struct pool *p);

#endif
