/*
 * emulator.h - a GPU on the host, for tests: inside unroll-emulated.so.
 *
 * It stands behind lib/cuda/device.h like the driver, and runs the same texts
 * of kernels, compiled by g++ (module.c), as docs/cuda.md tells at length:
 *
 *   memory.c   the device's memory, with gaps between blocks
 *   stream.c   work in line, done as late as may be
 *   graph.c    work that is kept
 *   grid.c     a launch: its CTAs and threads, who goes on, barriers, warps
 *   clock.c    who has heard of whom: which accesses are in order
 *   shadow.c   who touched a word last; what is out of bounds
 *   fiber.c    a thread's stack, and going from one to another
 *
 * One launch runs at a time, on the thread of the host that waits for it.
 */
#ifndef EMULATOR_EMULATOR_H
#define EMULATOR_EMULATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cuda/driver.h"
#include "emulator/calls.h"

/* In which order threads and CTAs go on, and what is looked at. */
enum plan_kind {
    PLAN_FAST,          /* each thread to its next barrier, nothing checked */
    PLAN_ASCENDING,     /* the same in order of numbers, all checked */
    PLAN_DESCENDING,
    PLAN_SHUFFLED,      /* at any access another thread may go on */
};

struct plan {
    enum plan_kind kind;
    uint64_t seed;      /* SHUFFLED */
    unsigned switches;  /* SHUFFLED: of 256 accesses, so many give way */
};

struct gpu {
    struct gpu_head head;
    struct gpu_host host;
    struct gpu_facts facts;
    struct plan plan;
    uint64_t draws;               /* state of the plan's random numbers */
    char *folder;                 /* where texts are compiled */
    size_t memory_used;
    struct gpu_module *modules;   /* lists of what is open */
    struct gpu_stream *streams;
    bool capturing;
};

/* What is to be done. */
enum work_kind { WORK_WRITE, WORK_READ, WORK_MOVE, WORK_FILL, WORK_LAUNCH,
                 WORK_RECORD, WORK_AWAIT, WORK_PRODUCT, WORK_GRAPH };

struct work {
    enum work_kind kind;
    gpu_address to, from;
    const void *host;             /* WRITE; READ's is not const */
    size_t bytes;
    int byte;
    struct gpu_kernel *kernel;
    struct gpu_shape shape;
    void **args;                  /* into the block that begins with them */
    struct gpu_product product;
    struct gpu_event *event;
    uint64_t turn;                /* of the event: which recording */
    struct gpu_graph *graph;
    /* in a graph */
    int after[2];                 /* works before it, or -1 */
    bool followed;                /* by another */
};

struct gpu_stream {
    struct gpu_head head;
    struct gpu *g;
    struct gpu_stream *next;
    struct work *work;            /* (room), those from `first` are to do */
    int n, first, room;
    struct gpu_graph *capture;    /* what keeps its work, or NULL */
    int last, also;               /* of that, its last; and what it awaits */
    bool products;                /* gpu_products() was called */
};

struct gpu_event {
    struct gpu_head head;
    struct gpu *g;
    uint64_t asked, happened;     /* recordings */
    double time;                  /* of the last one */
    struct gpu_graph *capture;    /* recorded in there, as the last work at: */
    int at;
};

struct gpu_graph {
    struct gpu_head head;
    struct gpu *g;
    struct gpu_stream *origin;
    struct work *work;
    int n, room;
};

struct gpu_kernel {
    struct gpu_head head;
    struct gpu_module *module;
    const struct emu_kernel *is;
};

/* One line, and the end of the program; from a kernel's thread too. */
_Noreturn void emu_fail(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));
_Noreturn void emu_say(void);
/* Below n, n from 1 to 2^32; the plan's. */
uint64_t emu_draw(struct gpu *g, uint64_t n);
void *emu_new(size_t n, size_t size);      /* zeroed, or one line */

/* ---- fiber.c -------------------------------------------------------------*/

struct fiber {
    void *at;           /* where it goes on */
    void *stack;        /* lowest byte, above a page that faults */
};

enum { FIBER_STACK = 64 << 10 };

/* A stack of FIBER_STACK bytes. */
void fiber_open(struct fiber *f);
void fiber_close(struct fiber *f);
/* fn(), which never returns, is what runs when it is switched to. */
void fiber_start(struct fiber *f, void (*fn)(void));
void fiber_switch(struct fiber *from, struct fiber *to);

/* ---- memory.c ------------------------------------------------------------*/

/* Bytes that the device has, and its CTAs' shared memory behind them: one
 * range of the host's addresses. */
extern char *memory_base;
extern size_t memory_size;

void memory_open(size_t bytes);
void *memory_map(size_t bytes);            /* pages of zeros, or one line */
/* A block, all its bytes 0xff (NaN); 0: no room. */
gpu_address memory_alloc(size_t bytes);
/* Dies if there is none at x; its bytes. */
size_t memory_free(gpu_address x);
/* Dies unless all of it is in one block: `what` is being done. */
void memory_inside(gpu_address x, size_t bytes, const char *what);
/* A CTA's shared memory in place i, filled with 0xff. */
char *memory_shared(int i, size_t bytes);
/* Of the word of 4 bytes at an offset, how many bytes are in a block. */
extern unsigned char *memory_valid;
void memory_clear(void);                   /* no block is left */
bool memory_is_shared(const char *p);
/* In words: how far p is from the blocks near it. */
void memory_describe(const char *p, char *text, size_t n);

/* ---- clock.c -------------------------------------------------------------*/

/* A thread knows that others have come so far: CTAs through barriers (all
 * intervals before that number are over), single threads through words that
 * these released. */
struct point {
    unsigned thread, interval, step;
};

struct known {
    unsigned *cta;          /* (CTAs of the grid); NULL: all 0 */
    struct point *point;
    int points, room;
};

/* The clock's part of a thread and of a CTA. */
struct clock {
    unsigned step;          /* releases and warp barriers since the CTA's last
                               barrier */
    bool own;               /* it knows more than its CTA: what is in known */
    struct known known;
    bool fenced;
    struct known fence;     /* what it knew at its last fence */
    bool pending;
    struct known heard;     /* what it will know at its next fence */
};

struct cta_clock {
    unsigned interval;      /* barriers that it has passed */
    struct known known;
};

struct thread;
struct cta;

void clock_start(unsigned ctas, unsigned threads);     /* a launch */
void clock_release(struct cta *c);      /* its threads' too: they are over */
void clock_barrier(struct cta *c);
void clock_warp(struct thread *const *lane, unsigned mask);
void clock_fence(struct thread *t);
void clock_atomic(struct thread *t, const void *p, int order);
/* Does t know that thread u (of any CTA) has passed that step? */
bool clock_knows(const struct thread *t, unsigned u, unsigned interval,
                 unsigned step);

/* ---- shadow.c ------------------------------------------------------------*/

void shadow_open(void);
void shadow_start(unsigned threads);    /* a launch, of all CTAs */
/* Nobody has touched it: a CTA's shared memory, which another's was before. */
void shadow_clear(const char *p, size_t bytes);
/* Looks at bounds, and at who else touched it. */
void shadow_access(struct thread *t, const char *p, size_t size, int how,
                   bool atomic, void *pc);

/* ---- grid.c --------------------------------------------------------------*/

struct cta {
    unsigned number;              /* of the grid */
    struct emu_index block;
    char *shared;
    size_t bytes;                 /* of it */
    struct thread *thread;        /* (threads) */
    unsigned arrived, left;       /* at a barrier; not yet returned */
    int kind, value;              /* of the barrier */
    struct cta_clock clock;
};

/* What a thread waits for: nothing, a barrier, others of its warp. */
enum waiting { WAIT_NOTHING, WAIT_BARRIER, WAIT_WARP, WAIT_OVER };

struct thread {
    struct fiber fiber;           /* no stack: not begun, or over */
    struct emu_place place;
    struct cta *cta;
    unsigned number;              /* of the grid */
    unsigned in_cta;
    enum waiting waiting;
    int result;                   /* of a barrier */
    int op;                       /* of a warp */
    unsigned mask, arg, width;
    unsigned long long value;     /* given, then got */
    struct clock clock;
};

/* One launch after the other; sizes have been checked. */
void grid_run(struct gpu *g, const struct gpu_kernel *k,
              const struct gpu_shape *shape, void *const *args);
extern const struct emu_calls grid_calls;
/* "kernel k, block 0, thread 3", and the line of the text at pc. */
void grid_describe(const struct thread *t, void *pc, char *text, size_t n);
bool grid_constant(const void *p);      /* of the text that runs */
/* Within a kernel: leaves its stack for that of the program, where emu_say()
 * follows.  Else it returns. */
void grid_leave(void);

/* ---- stream.c, graph.c ---------------------------------------------------*/

/* In line, or into the graph that the stream's work is kept in. */
void stream_add(struct gpu_stream *s, const struct work *w);
void work_add(struct work **list, int *n, int *room, const struct work *w);
void work_do(struct gpu *g, struct work *w);
void work_release(struct work *w);
/* All that is in line anywhere is done. */
void stream_drain(struct gpu *g);
struct gpu_stream *stream_open(struct gpu *g);
void stream_close(struct gpu_stream *s);
void stream_wait(struct gpu_stream *s);
bool stream_done(struct gpu_stream *s);
void stream_launch(struct gpu_stream *s, struct gpu_kernel *k,
                   const struct gpu_shape *shape, void **args);
void stream_products(struct gpu_stream *s);
void stream_multiply(struct gpu_stream *s, const struct gpu_product *p);
struct gpu_event *event_open(struct gpu *g);
void event_close(struct gpu_event *e);
void event_record(struct gpu_event *e, struct gpu_stream *s);
void event_await(struct gpu_stream *s, struct gpu_event *e);
double event_seconds(struct gpu_event *from, struct gpu_event *to);
void copy_write(struct gpu_stream *s, gpu_address to, const void *from,
                size_t bytes);
void copy_read(struct gpu_stream *s, void *to, gpu_address from, size_t bytes);
void copy_move(struct gpu_stream *s, gpu_address to, gpu_address from,
               size_t bytes);
void copy_fill(struct gpu_stream *s, gpu_address to, int byte, size_t bytes);
void product_do(const struct gpu_product *p);
void product_check(const struct gpu_product *p);

void graph_keep(struct gpu_stream *s, const struct work *w);
/* True: the event or the waiting is the graph's affair. */
bool graph_record(struct gpu_stream *s, struct gpu_event *e);
bool graph_await(struct gpu_stream *s, struct gpu_event *e);
void graph_capture(struct gpu_stream *s);
struct gpu_graph *graph_end(struct gpu_stream *s);
void graph_launch(struct gpu_stream *s, struct gpu_graph *k);
void graph_free(struct gpu_graph *k);
void graph_do(struct gpu *g, struct gpu_graph *k);
/* CTAs of a multiprocessor, as gpu_resident(). */
int device_resident(const struct gpu *g, int threads, size_t shared);

/* ---- module.c ------------------------------------------------------------*/

struct gpu_module *module_open(struct gpu *g, const char *name,
                               const char *text);
struct gpu_kernel *module_kernel(struct gpu_module *m, const char *name);
const struct gpu *module_gpu(const struct gpu_module *m);
void module_close(struct gpu *g);            /* all of them */

#endif
