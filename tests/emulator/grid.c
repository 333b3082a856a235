/*
 * grid.c - a launch: threads are fibers, and one of those that wait for
 * nothing goes on at a time, in the order of the plan.
 */
#include "emulator/emulator.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 3,        /* CTAs side by side, where none may wait for one */
       PATIENCE = 2000 }; /* turns of every thread, all of them idle */

static struct {
    struct gpu *g;
    const struct gpu_kernel *k;
    const struct gpu_shape *shape;
    void *const *args;
    struct emu_index threads, blocks;
    unsigned n, ctas;             /* threads of a CTA, CTAs of the grid */
    unsigned side;                /* CTAs side by side */
    bool checked;
    unsigned started, over;       /* CTAs */
    unsigned *order;              /* (ctas) */
    struct cta *finished;         /* what the home fiber is to look at */
    bool failing;
    uint64_t idle;                /* turns since somebody got on */
    struct thread *now;           /* NULL: no launch is under way */
    struct fiber home;
} run;

/* Kept from launch to launch. */
static struct cta *cta;           /* (ctas_room) */
static struct thread *thread;     /* (threads_room) */
static size_t ctas_room, threads_room, order_room;
static struct thread **ring;      /* (ring_room), those who wait for nothing */
static size_t ring_room, ring_first, ring_n;
static struct fiber *idle;        /* (idle_n), stacks that nobody is on */
static size_t idle_room, idle_n;

/* ---- who goes on ---------------------------------------------------------*/

static void
push(struct thread *t)
{
    ring[(ring_first + ring_n++) & (ring_room - 1)] = t;
}

static struct thread *
pop(void)
{
    size_t at = ring_first++ & (ring_room - 1);
    struct thread *t = ring[at];

    if (run.g->plan.kind == PLAN_SHUFFLED) {
        size_t other = (at + emu_draw(run.g, ring_n)) & (ring_room - 1);

        ring[at] = ring[other];
        ring[other] = t;
        t = ring[at];
    }
    ring_n--;
    return t;
}

/* All that a barrier let go, in the plan's order. */
static void
push_all(struct thread *t, unsigned n, unsigned mask)
{
    bool down = run.g->plan.kind == PLAN_DESCENDING;

    for (unsigned i = 0; i < n; i++) {
        unsigned j = down ? n - 1 - i : i;

        if (n > 32 || mask >> j & 1) {
            t[j].waiting = WAIT_NOTHING;
            push(&t[j]);
        }
    }
    run.idle = 0;
}

static void thread_main(void);

/* A thread that has not begun gets a stack, an old one if there is one. */
static void
give_stack(struct thread *t)
{
    if (idle_n)
        t->fiber = idle[--idle_n];
    else
        fiber_open(&t->fiber);
    fiber_start(&t->fiber, thread_main);
}

static void
go_on(void)
{
    struct thread *me = run.now, *t;

    if (!ring_n) {
        fiber_switch(&me->fiber, &run.home);
        return;
    }
    t = pop();
    if (t == me)
        return;
    if (!t->fiber.stack)
        give_stack(t);
    run.now = t;
    fiber_switch(&me->fiber, &t->fiber);
}

static void
give_way(void)
{
    push(run.now);
    go_on();
}

static void
maybe_give_way(void)
{
    const struct plan *p = &run.g->plan;

    if (p->kind == PLAN_SHUFFLED && ring_n &&
            emu_draw(run.g, 256) < p->switches)
        give_way();
}

/* ---- what is said --------------------------------------------------------*/

static void
source_line(void *pc, char *text, size_t n)
{
    Dl_info where;
    char command[600], line[300] = "", *colon;
    FILE *f;

    *text = 0;
    if (!pc || !dladdr(pc, &where) || !where.dli_fname)
        return;
    snprintf(command, sizeof command, "addr2line -s -e '%s' %#zx 2> /dev/null",
             where.dli_fname,
             (size_t)((char *)pc - (char *)where.dli_fbase) - 1);
    f = popen(command, "r");
    if (!f)
        return;
    if (fgets(line, sizeof line, f) && line[0] != '?') {
        line[strcspn(line, " \n")] = 0;
        colon = strrchr(line, ':');
        if (colon && colon[1] != '?')
            snprintf(text, n, ", %s", line);
    }
    pclose(f);
}

static void
index_text(struct emu_index i, char *text, size_t n)
{
    if (i.y || i.z)
        snprintf(text, n, "(%u,%u,%u)", i.x, i.y, i.z);
    else
        snprintf(text, n, "%u", i.x);
}

void
grid_describe(const struct thread *t, void *pc, char *text, size_t n)
{
    char b[40], i[40], line[300];

    index_text(t->place.block, b, sizeof b);
    index_text(t->place.thread, i, sizeof i);
    source_line(pc, line, sizeof line);
    snprintf(text, n, "kernel %s, block %s, thread %s%s", run.k->is->name, b,
             i, line);
}

void
grid_leave(void)
{
    struct thread *me = run.now;

    if (!me)
        return;
    run.failing = true;
    fiber_switch(&me->fiber, &run.home);
}

bool
grid_constant(const void *p)
{
    Dl_info a, b;

    return dladdr(p, &a) && dladdr((void *)(uintptr_t)run.k->is, &b) &&
        a.dli_fbase == b.dli_fbase;
}

static _Noreturn void
fault(const struct thread *t, const char *what)
{
    char me[300];

    grid_describe(t, NULL, me, sizeof me);
    emu_fail("%s: %s", me, what);
}

/* ---- what threads call ---------------------------------------------------*/

static const struct emu_place *
call_place(void)
{
    return &run.now->place;
}

static void *
call_shared(void)
{
    return run.now->cta->shared;
}

static void
call_relax(void)
{
    if (!ring_n)
        fault(run.now, "waits for a word that nobody is left to write");
    if (run.idle++ > (uint64_t)PATIENCE * (ring_n + 1))
        fault(run.now, "waits, and so does everybody else");
    give_way();
}

static void
call_access(const void *p, unsigned long size, int how, void *pc)
{
    if (how & EMU_VOLATILE) {
        if (ring_n && !(how & EMU_WRITE))
            call_relax();
        else
            maybe_give_way();
    } else {
        maybe_give_way();
        run.idle = 0;
    }
    shadow_access(run.now, p, size, how, how & EMU_VOLATILE, pc);
    if (how & EMU_VOLATILE)
        clock_atomic(run.now, p, how & EMU_WRITE ? EMU_STORE : EMU_LOAD);
}

static void
call_atomic(const void *p, unsigned long size, int order, void *pc)
{
    if (order & EMU_STORE)
        run.idle = 0;
    if (!run.checked)
        return;
    maybe_give_way();
    shadow_access(run.now, p, size, order & EMU_STORE ? EMU_WRITE : EMU_READ,
                  true, pc);
    clock_atomic(run.now, p, order);
}

static void
call_fence(void)
{
    if (run.checked)
        clock_fence(run.now);
}

static int
call_barrier(int kind, int value)
{
    struct thread *t = run.now;
    struct cta *c = t->cta;

    if (c->left < run.n)
        fault(t, "comes to a barrier after other threads have returned");
    if (!c->arrived) {
        c->kind = kind;
        c->value = kind == EMU_AND;
    }
    if (kind != c->kind)
        fault(t, "comes to another barrier than other threads wait at");
    c->value = kind == EMU_OR ? c->value || value :
        kind == EMU_AND ? c->value && value : c->value + (value != 0);
    t->waiting = WAIT_BARRIER;
    if (++c->arrived == run.n) {
        c->arrived = 0;
        for (unsigned i = 0; i < run.n; i++)
            c->thread[i].result = c->value;
        if (run.checked)
            clock_barrier(c);
        push_all(c->thread, run.n, ~0u);
    }
    go_on();
    return t->result;
}

static unsigned
source_lane(const struct thread *t)
{
    unsigned lane = t->place.lane, group = lane & ~(t->width - 1);
    unsigned from = t->op == EMU_INDEX ? group | (t->arg & (t->width - 1)) :
        t->op == EMU_UP ? (t->arg > lane - group ? lane : lane - t->arg) :
        t->op == EMU_DOWN ? lane + t->arg : lane ^ t->arg;

    return from >= group + t->width ? lane : from;
}

/* All lanes of the mask are there. */
static void
exchange(struct thread *lanes, struct thread *const *lane, int op,
         unsigned mask)
{
    unsigned long long value[32], ballot = 0;

    for (unsigned i = 0; i < 32; i++)
        if (mask >> i & 1) {
            value[i] = lane[i]->value;
            ballot |= (value[i] & 1) << i;
        }
    for (unsigned i = 0; i < 32; i++) {
        unsigned from;

        if (!(mask >> i & 1) || op == EMU_SYNC)
            continue;
        from = op == EMU_BALLOT ? i : source_lane(lane[i]);
        if (!(mask >> from & 1))
            fault(lane[i], "shuffles from a lane that its mask leaves out");
        lane[i]->value = op == EMU_BALLOT ? ballot : value[from];
    }
    if (op == EMU_SYNC && run.checked)
        clock_warp(lane, mask);
    push_all(lanes, 32, mask);
}

static unsigned long long
call_warp(int op, unsigned mask, unsigned long long value, unsigned arg,
          unsigned width)
{
    struct thread *t = run.now, *lane[32];
    unsigned first = t->in_cta & ~31u;
    bool all = true;

    t->op = op;
    t->mask = mask;
    t->value = value;
    t->arg = arg;
    t->width = width;
    t->waiting = WAIT_WARP;
    if (!(mask >> t->place.lane & 1))
        fault(t, "is not in the mask of its warp's operation");
    for (unsigned i = 0; i < 32; i++) {
        lane[i] = &t->cta->thread[first + i];
        if (!(mask >> i & 1))
            continue;
        if (first + i >= run.n || lane[i]->waiting == WAIT_OVER)
            fault(t, "waits for a lane of its warp that is not there");
        all = all && lane[i]->waiting == WAIT_WARP && lane[i]->op == op &&
            lane[i]->mask == mask;
    }
    if (all)
        exchange(lane[0], lane, op, mask);
    go_on();
    return t->value;
}

static void
call_undefined(const char *file, unsigned line, const char *what)
{
    char me[300];

    grid_describe(run.now, NULL, me, sizeof me);
    emu_fail("%s, %s:%u: %s", me, file, line, what);
}

const struct emu_calls grid_calls = {
    call_place, call_shared, call_access, call_atomic, call_barrier, call_warp,
    call_fence, call_relax, call_undefined,
};

/* ---- CTAs come and go ----------------------------------------------------*/

static struct emu_index
index_of(unsigned i, struct emu_index size)
{
    if (i < size.x)
        return (struct emu_index){ i, 0, 0 };
    return (struct emu_index){ i % size.x, i / size.x % size.y,
                               i / size.x / size.y };
}

static void
begin(struct thread *t)
{
    t->in_cta = (unsigned)(t - t->cta->thread);
    t->number = t->cta->number * run.n + t->in_cta;
    t->place = (struct emu_place){ index_of(t->in_cta, run.threads),
                                   t->cta->block, run.threads, run.blocks,
                                   t->in_cta % 32 };
}

/* A stack serves thread after thread, as long as each comes to its end and the
 * next has not begun; so threads that wait for nobody cost no more than calls
 * of a function. */
static void
thread_main(void)
{
    for (;;) {
        struct thread *t = run.now, *next;
        struct cta *c = t->cta;
        struct fiber mine;

        begin(t);
        run.k->is->run(run.args);
        if (c->arrived)
            fault(t, "returns while other threads wait at a barrier");
        t->waiting = WAIT_OVER;
        run.idle = 0;
        mine = t->fiber;
        t->fiber.stack = NULL;
        next = --c->left && ring_n ? pop() : NULL;
        if (next && !next->fiber.stack) {
            next->fiber = mine;
            run.now = next;
            continue;
        }
        idle[idle_n++] = mine;    /* nobody takes it before the switch */
        if (!c->left)
            run.finished = c;
        run.now = next;
        fiber_switch(&idle[idle_n - 1], next ? &next->fiber : &run.home);
        abort();
    }
}

static void
start(struct cta *c)
{
    unsigned number = run.order[run.started++];

    c->number = number;
    c->block = index_of(number, run.blocks);
    c->arrived = 0;
    c->left = run.n;
    c->bytes = run.shape->shared;
    c->thread = thread + (size_t)(c - cta) * run.n;
    c->shared = memory_shared((int)(c - cta), c->bytes);
    for (unsigned i = 0; i < run.n; i++) {
        c->thread[i].cta = c;
        c->thread[i].fiber.stack = NULL;
    }
    push_all(c->thread, run.n, ~0u);
}

static void
reserve(void)
{
    size_t threads = (size_t)run.side * run.n, full = 64;

    /* a CTA's warps are looked at whole, so there are 32 more */
    if (threads + 32 > threads_room) {
        free(thread);
        thread = emu_new(threads + 32, sizeof *thread);
        threads_room = threads + 32;
    }
    if (threads > idle_room) {
        struct fiber *more = emu_new(threads, sizeof *more);

        if (idle_n)
            memcpy(more, idle, idle_n * sizeof *more);
        free(idle);
        idle = more;
        idle_room = threads;
    }
    if (run.side > ctas_room) {
        free(cta);
        cta = emu_new(run.side, sizeof *cta);
        ctas_room = run.side;
    }
    while (full < threads)
        full *= 2;
    if (full > ring_room) {
        free(ring);
        ring = emu_new(full, sizeof(struct thread *));
        ring_room = full;
    }
    if (run.ctas > order_room) {
        free(run.order);
        run.order = emu_new(run.ctas, sizeof *run.order);
        order_room = run.ctas;
    }
}

static void
set_order(void)
{
    enum plan_kind kind = run.g->plan.kind;

    for (unsigned i = 0; i < run.ctas; i++) {
        unsigned j = kind == PLAN_SHUFFLED ?
            (unsigned)emu_draw(run.g, i + 1) : i;

        run.order[i] = run.order[j];
        run.order[j] = kind == PLAN_DESCENDING ? run.ctas - 1 - i : i;
    }
}

static void
check_all_wait(void)
{
    for (unsigned i = 0; i < run.side * run.n; i++)
        if (thread[i].waiting == WAIT_WARP)
            fault(&thread[i], "waits for lanes of its warp that never come");
    for (unsigned i = 0; i < run.side * run.n; i++)
        if (thread[i].waiting == WAIT_BARRIER)
            fault(&thread[i], "waits at a barrier that others never reach");
}

void
grid_run(struct gpu *g, const struct gpu_kernel *k,
         const struct gpu_shape *shape, void *const *args)
{
    run.g = g;
    run.k = k;
    run.shape = shape;
    run.args = args;
    run.threads = (struct emu_index){ shape->block[0], shape->block[1],
                                      shape->block[2] };
    run.blocks = (struct emu_index){ shape->grid[0], shape->grid[1],
                                     shape->grid[2] };
    run.n = shape->block[0] * shape->block[1] * shape->block[2];
    run.ctas = shape->grid[0] * shape->grid[1] * shape->grid[2];
    run.checked = g->plan.kind != PLAN_FAST;
    run.side = shape->cooperative ? run.ctas : run.checked ? WINDOW : 1;
    if (run.side > run.ctas)
        run.side = run.ctas;
    run.started = run.over = 0;
    run.idle = 0;
    ring_first = ring_n = 0;
    reserve();
    set_order();
    if (run.checked) {
        clock_start(run.ctas, run.n);
        shadow_start(run.ctas * run.n);
    }
    while (run.started < run.side)
        start(&cta[run.started]);
    while (run.over < run.ctas) {
        if (!ring_n)
            check_all_wait();
        run.finished = NULL;
        run.now = pop();
        if (!run.now->fiber.stack)
            give_stack(run.now);
        fiber_switch(&run.home, &run.now->fiber);
        run.now = NULL;
        if (run.failing)
            emu_say();
        if (!run.finished)
            continue;
        run.over++;
        if (run.checked)
            clock_release(run.finished);
        if (run.started < run.ctas)
            start(run.finished);
    }
}
