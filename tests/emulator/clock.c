/*
 * clock.c - who knows how far others have come, as docs/cuda.md says.
 *
 * A CTA's barriers divide its time into intervals.  After a barrier all its
 * threads know what any of them knew.  Between CTAs, and between threads
 * within an interval, knowledge goes by words: a fence keeps what a thread
 * knows, an atomic store after it puts that beside the word, an atomic load
 * finds it there, and the next fence lets the thread know it; a release is a
 * fence and a store in one, an acquire a load and a fence.
 */
#include "emulator/emulator.h"

#include <stdlib.h>
#include <string.h>

static unsigned ctas, cta_threads;

/* Words that somebody has released: few, found by hashing. */
static struct word {
    const void *p;
    struct known known;
} *words;
static size_t word_room, words_used;

static void
known_clear(struct known *k)
{
    if (k->cta)
        memset(k->cta, 0, ctas * sizeof *k->cta);
    k->points = 0;
}

static void
known_release(struct known *k)
{
    free(k->cta);
    free(k->point);
    *k = (struct known){ 0 };
}

static bool
covered(const struct known *k, const struct point *p)
{
    return k->cta && k->cta[p->thread / cta_threads] > p->interval;
}

static void
add_point(struct known *k, const struct point *p)
{
    int i = 0;

    if (covered(k, p))
        return;
    while (i < k->points && k->point[i].thread != p->thread)
        i++;
    if (i == k->room) {
        int room = 2 * k->room + 8;
        struct point *more = emu_new((size_t)room, sizeof *more);

        if (k->points)
            memcpy(more, k->point, (size_t)k->points * sizeof *more);
        free(k->point);
        k->point = more;
        k->room = room;
    }
    if (i == k->points) {
        k->point[k->points++] = *p;
    } else if (p->interval > k->point[i].interval ||
               (p->interval == k->point[i].interval &&
                p->step > k->point[i].step)) {
        k->point[i] = *p;
    }
}

static void
join_cta(struct known *k, unsigned cta, unsigned interval)
{
    if (!interval)
        return;
    if (!k->cta)
        k->cta = emu_new(ctas, sizeof *k->cta);
    if (interval > k->cta[cta])
        k->cta[cta] = interval;
}

static void
join(struct known *to, const struct known *from)
{
    int kept = 0;

    if (from->cta)
        for (unsigned i = 0; i < ctas; i++)
            join_cta(to, i, from->cta[i]);
    for (int i = 0; i < from->points; i++)
        add_point(to, &from->point[i]);
    for (int i = 0; i < to->points; i++)
        if (!covered(to, &to->point[i]))
            to->point[kept++] = to->point[i];
    to->points = kept;
}

static void
forget_words(void)
{
    for (size_t i = 0; i < word_room; i++)
        known_release(&words[i].known);
    free(words);
    words = NULL;
    word_room = words_used = 0;
}

void
clock_start(unsigned grid, unsigned threads)
{
    forget_words();
    ctas = grid;
    cta_threads = threads;
}

void
clock_release(struct cta *c)
{
    known_release(&c->clock.known);
    for (unsigned i = 0; i < cta_threads; i++) {
        known_release(&c->thread[i].clock.known);
        known_release(&c->thread[i].clock.fence);
        known_release(&c->thread[i].clock.heard);
        c->thread[i].clock = (struct clock){ 0 };
    }
    c->clock.interval = 0;
}

void
clock_barrier(struct cta *c)
{
    for (unsigned i = 0; i < cta_threads; i++) {
        struct clock *k = &c->thread[i].clock;

        if (k->own) {
            join(&c->clock.known, &k->known);
            known_clear(&k->known);
            k->own = false;
        }
        k->step = 0;
    }
    c->clock.interval++;
}

/* What t knows itself goes on top of what its CTA does. */
static struct known *
own(struct thread *t)
{
    if (!t->clock.own)
        join(&t->clock.known, &t->cta->clock.known);
    t->clock.own = true;
    return &t->clock.known;
}

static void
next_step(struct thread *t)
{
    struct point now = { t->number, t->cta->clock.interval, ++t->clock.step };

    add_point(own(t), &now);
}

void
clock_warp(struct thread *const *lane, unsigned mask)
{
    struct known all = { 0 };

    for (int i = 0; i < 32; i++)
        if (mask >> i & 1) {
            next_step(lane[i]);
            join(&all, own(lane[i]));
        }
    for (int i = 0; i < 32; i++)
        if (mask >> i & 1)
            join(own(lane[i]), &all);
    known_release(&all);
}

void
clock_fence(struct thread *t)
{
    struct clock *k = &t->clock;

    if (k->pending) {
        join(own(t), &k->heard);
        known_clear(&k->heard);
        k->pending = false;
    }
    next_step(t);
    known_clear(&k->fence);
    join(&k->fence, own(t));
    join_cta(&k->fence, t->cta->number, t->cta->clock.interval);
    k->fenced = true;
}

static struct word *
find(const void *p)
{
    size_t i = (uintptr_t)p / 4 * 0x9e3779b97f4a7c15u >> 20;

    if (!word_room)
        return NULL;
    for (i &= word_room - 1; words[i].p && words[i].p != p;)
        i = (i + 1) & (word_room - 1);
    return &words[i];
}

static struct known *
word(const void *p)
{
    struct word *old = words, *w;
    size_t room = word_room;

    if (2 * words_used >= word_room) {
        word_room = room ? 2 * room : 64;
        words = emu_new(word_room, sizeof *words);
        for (size_t i = 0; i < room; i++)
            if (old[i].p)
                *find(old[i].p) = old[i];
        free(old);
    }
    w = find(p);
    words_used += !w->p;
    w->p = p;
    return &w->known;
}

void
clock_atomic(struct thread *t, const void *p, int order)
{
    struct clock *k = &t->clock;
    struct word *w = find(p);

    if (order & EMU_LOAD && w && w->p) {
        join(order & EMU_ACQUIRE ? own(t) : &k->heard, &w->known);
        k->pending |= !(order & EMU_ACQUIRE);
    }
    if (order & EMU_RELEASE)
        clock_fence(t);
    if (!(order & EMU_STORE) || (!k->fenced && !(w && w->p)))
        return;
    /* an addition goes on with what was released before, a store does not */
    if (!(order & EMU_LOAD))
        known_clear(word(p));
    if (k->fenced)
        join(word(p), &k->fence);
}

bool
clock_knows(const struct thread *t, unsigned u, unsigned interval,
            unsigned step)
{
    const struct known *k = t->clock.own ? &t->clock.known :
        &t->cta->clock.known;
    unsigned cta = u / cta_threads;

    if (cta == t->cta->number && interval < t->cta->clock.interval)
        return true;
    if (k->cta && k->cta[cta] > interval)
        return true;
    for (int i = 0; i < k->points; i++)
        if (k->point[i].thread == u)
            return k->point[i].interval > interval ||
                (k->point[i].interval == interval && k->point[i].step > step);
    return false;
}
