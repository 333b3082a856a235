/*
 * calls.h - between a text of kernels, compiled for the host as C++, and what
 * runs it.  Both sides include it: it is C and C++, and needs no header.
 */
#ifndef EMULATOR_CALLS_H
#define EMULATOR_CALLS_H

struct emu_index { unsigned x, y, z; };

/* Where a thread is. */
struct emu_place {
    struct emu_index thread, block, threads, blocks;
    unsigned lane;                /* of its warp */
};

enum emu_access { EMU_READ = 0, EMU_WRITE = 1, EMU_VOLATILE = 2 };
/* Of an atomic access. */
enum emu_order { EMU_LOAD = 1, EMU_STORE = 2, EMU_ACQUIRE = 4,
                 EMU_RELEASE = 8 };
enum emu_barrier { EMU_PLAIN, EMU_OR, EMU_AND, EMU_COUNT };
enum emu_warp { EMU_SYNC, EMU_BALLOT, EMU_INDEX, EMU_UP, EMU_DOWN, EMU_XOR };

struct emu_calls {
    const struct emu_place *(*place)(void);
    void *(*shared)(void);
    /* Before a thread reads or writes memory; pc is where. */
    void (*access)(const void *p, unsigned long size, int how, void *pc);
    /* The same for an atomic access, which comes at once after it. */
    void (*atomic)(const void *p, unsigned long size, int order, void *pc);
    int (*barrier)(int kind, int value);
    /* `arg`: source lane, distance or mask; lanes in groups of `width`. */
    unsigned long long (*warp)(int op, unsigned mask, unsigned long long value,
                               unsigned arg, unsigned width);
    void (*fence)(void);
    void (*relax)(void);
    /* Something that C++ leaves undefined: where, and what. */
    void (*undefined)(const char *file, unsigned line, const char *what);
};

struct emu_kernel {
    const char *name;             /* NULL ends the list */
    int args;
    const unsigned *sizes;        /* (args): bytes */
    void (*run)(void *const *args);
};

#endif
