/*
 * shadow.c - of each word of 4 bytes, who wrote it last and who has read it
 * since, as in a race detector: two accesses of which one writes, that no
 * chain of barriers or released words puts in order, are a fault, whichever
 * came first this time.
 *
 * A stamp has 64 bits: launch 8, interval 18, step 16, thread 17, atomic 1,
 * bytes 4.
 */
#include "emulator/emulator.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { KEPT = 2, LAUNCHES = 256, MOST_THREADS = 1 << 17,
       MOST_INTERVALS = 1 << 18, MOST_STEPS = 1 << 16 };

/* Atomic writes are kept apart: they need no order among themselves, but each
 * needs one with the write before them all. */
struct cell {
    uint64_t write, atomic[KEPT], read[KEPT];
};

static struct cell *cells;        /* (memory_size / 4) */
static unsigned launch;
static unsigned evicted;          /* which of those kept gives way next */

void
shadow_open(void)
{
    if (!cells)
        cells = memory_map(memory_size / 4 * sizeof *cells);
}

void
shadow_start(unsigned threads)
{
    if (threads > MOST_THREADS)
        emu_fail("%u threads are too many to be checked (%d); use the fast "
                 "plan", threads, MOST_THREADS);
    if (++launch == LAUNCHES) {
        launch = 1;
        if (madvise(cells, memory_size / 4 * sizeof *cells, MADV_DONTNEED))
            emu_fail("madvise failed");
    }
}

void
shadow_clear(const char *p, size_t bytes)
{
    if (cells)
        memset(cells + (p - memory_base) / 4, 0, (bytes + 3) / 4 *
               sizeof *cells);
}

static unsigned bytes_of(uint64_t s) { return s & 15; }
static bool atomic_of(uint64_t s) { return s >> 4 & 1; }
static unsigned thread_of(uint64_t s) { return s >> 5 & (MOST_THREADS - 1); }
static unsigned step_of(uint64_t s) { return s >> 22 & (MOST_STEPS - 1); }
static unsigned interval_of(uint64_t s)
{ return s >> 38 & (MOST_INTERVALS - 1); }
static unsigned launch_of(uint64_t s) { return (unsigned)(s >> 56); }

static uint64_t
stamp(const struct thread *t, bool atomic)
{
    return (uint64_t)launch << 56 | (uint64_t)t->cta->clock.interval << 38 |
        (uint64_t)t->clock.step << 22 | (uint64_t)t->number << 5 |
        (uint64_t)atomic << 4;
}

static bool
ordered(const struct thread *t, uint64_t s)
{
    return launch_of(s) != launch || thread_of(s) == t->number ||
        clock_knows(t, thread_of(s), interval_of(s), step_of(s));
}

static void
race(const struct thread *t, const char *p, bool writes, uint64_t other,
     bool wrote, void *pc)
{
    char me[300], where[200];

    grid_describe(t, pc, me, sizeof me);
    memory_describe(p, where, sizeof where);
    emu_fail("%s: %s %s, which thread %u of the grid has %s without a barrier "
             "in between", me, writes ? "writes" : "reads", where,
             thread_of(other), wrote ? "written" : "read");
}

static bool
conflict(uint64_t old, unsigned bytes, bool atomic, const struct thread *t)
{
    return bytes_of(old) & bytes && !(atomic && atomic_of(old)) &&
        !ordered(t, old);
}

/* A new stamp takes the place of one that its thread knows of, of an empty
 * one, or of any: then a fault may be missed, but never made up. */
static void
remember(uint64_t *kept, uint64_t s, const struct thread *t)
{
    for (int i = 0; i < KEPT; i++)
        if (!bytes_of(kept[i]) || (ordered(t, kept[i]) &&
                !(bytes_of(kept[i]) & ~bytes_of(s)) &&
                atomic_of(s) <= atomic_of(kept[i]))) {
            kept[i] = s;
            return;
        }
    kept[evicted++ % KEPT] = s;
}

static void
forget(uint64_t *kept, unsigned bytes)
{
    for (int i = 0; i < KEPT; i++)
        if (!(bytes_of(kept[i]) & ~bytes))
            kept[i] = 0;
}

static void
touch(struct thread *t, const char *word, unsigned bytes, bool writes,
      bool atomic, void *pc)
{
    struct cell *c = &cells[(size_t)(word - memory_base) / 4];
    uint64_t s = stamp(t, atomic) | bytes;

    if (conflict(c->write, bytes, atomic, t))
        race(t, word, writes, c->write, true, pc);
    for (int i = 0; i < KEPT; i++)
        if (conflict(c->atomic[i], bytes, atomic, t))
            race(t, word, writes, c->atomic[i], true, pc);
    if (!writes) {
        remember(c->read, s, t);
        return;
    }
    for (int i = 0; i < KEPT; i++)
        if (conflict(c->read[i], bytes, atomic, t))
            race(t, word, writes, c->read[i], false, pc);
    if (atomic) {
        remember(c->atomic, s, t);
        return;
    }
    forget(c->read, bytes);
    forget(c->atomic, bytes);
    c->write = s;
}

static void
outside(const struct thread *t, const char *p, size_t size, bool writes,
        void *pc)
{
    char me[300], where[200];

    grid_describe(t, pc, me, sizeof me);
    memory_describe(p, where, sizeof where);
    emu_fail("%s: %s %zu bytes %s: out of bounds", me,
             writes ? "writes" : "reads", size, where);
}

/* Beside the device's memory a thread has its own stack, and reads constants
 * of its text. */
static bool
is_own(const struct thread *t, const char *p, size_t size, bool writes)
{
    const char *stack = t->fiber.stack;

    return (p >= stack && p + size <= stack + FIBER_STACK) ||
        (!writes && grid_constant(p));
}

void
shadow_access(struct thread *t, const char *p, size_t size, int how,
              bool atomic, void *pc)
{
    bool writes = how & EMU_WRITE;
    size_t at = (size_t)(p - memory_base);

    if (at >= memory_size || memory_size - at < size) {
        if (!is_own(t, p, size, writes))
            outside(t, p, size, writes, pc);
        return;
    }
    if (memory_is_shared(p) &&
            (p < t->cta->shared || p + size > t->cta->shared + t->cta->bytes))
        outside(t, p, size, writes, pc);
    if (t->cta->clock.interval >= MOST_INTERVALS ||
            t->clock.step >= MOST_STEPS)
        emu_fail("too many barriers for the checks; use the fast plan");
    for (size_t done = 0, n; done < size; done += n) {
        size_t first = (at + done) % 4;

        n = 4 - first < size - done ? 4 - first : size - done;
        if (memory_valid[(at + done) / 4] < first + n)
            outside(t, p, size, writes, pc);
        touch(t, p + done - first, ((1u << n) - 1) << first, writes, atomic,
              pc);
    }
}
