/* pool.c - see pool.h. */
#include "cpu/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/die.h"

struct pool {
    int threads;
    pthread_t *id;
    pthread_mutex_t lock;
    pthread_cond_t start, done;
    void (*fn)(void *, int);
    void *ctx;
    unsigned long round;      /* grows with every pool_run */
    int left, next;
    bool quit;
};

static void *
worker(void *arg)
{
    struct pool *p = arg;
    unsigned long seen = 0;
    int me;

    pthread_mutex_lock(&p->lock);
    me = ++p->next;
    for (;;) {
        while (p->round == seen && !p->quit)
            pthread_cond_wait(&p->start, &p->lock);
        if (p->quit)
            break;
        seen = p->round;
        pthread_mutex_unlock(&p->lock);
        p->fn(p->ctx, me);
        pthread_mutex_lock(&p->lock);
        if (--p->left == 0)
            pthread_cond_signal(&p->done);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

struct pool *
pool_new(int threads)
{
    struct pool *p = xcalloc(1, sizeof *p);
    sigset_t all, old;

    p->threads = threads < 1 ? 1 : threads;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->start, NULL);
    pthread_cond_init(&p->done, NULL);
    p->id = xcalloc((size_t)p->threads, sizeof *p->id);
    sigfillset(&all);                  /* signals go to the main thread */
    pthread_sigmask(SIG_SETMASK, &all, &old);
    for (int i = 1; i < p->threads; i++)
        if (pthread_create(&p->id[i], NULL, worker, p))
            die(RC_DATA, "cannot start thread %d of %d", i + 1, threads);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return p;
}

int
pool_threads(const struct pool *p)
{
    return p->threads;
}

void
pool_run(struct pool *p, void (*fn)(void *, int), void *ctx)
{
    if (p->threads == 1) {
        fn(ctx, 0);
        return;
    }
    pthread_mutex_lock(&p->lock);
    p->fn = fn;
    p->ctx = ctx;
    p->left = p->threads - 1;
    p->round++;
    pthread_cond_broadcast(&p->start);
    pthread_mutex_unlock(&p->lock);
    fn(ctx, 0);
    pthread_mutex_lock(&p->lock);
    while (p->left)
        pthread_cond_wait(&p->done, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

void
pool_free(struct pool *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->quit = true;
    pthread_cond_broadcast(&p->start);
    pthread_mutex_unlock(&p->lock);
    for (int i = 1; i < p->threads; i++)
        pthread_join(p->id[i], NULL);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->start);
    pthread_cond_destroy(&p->done);
    free(p->id);
    free(p);
}
