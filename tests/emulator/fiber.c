/* fiber.c - stacks for threads, and how the host goes from one to another. */
#include "emulator/emulator.h"

#include <sys/mman.h>
#include <unistd.h>

#if !defined __x86_64__
#include <stdlib.h>
#include <ucontext.h>
#endif

void
fiber_open(struct fiber *f)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *p = mmap(NULL, FIBER_STACK + page, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (p == MAP_FAILED || mprotect(p, page, PROT_NONE))
        emu_fail("no memory for the stacks of the emulated threads");
    f->stack = p + page;
    f->at = NULL;
}

void
fiber_close(struct fiber *f)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    if (f->stack)
        munmap((char *)f->stack - page, FIBER_STACK + page);
}

#if defined __x86_64__

/* What a call keeps goes on the stack, and the other stack's comes back.
 * swapcontext() would do the same with a system call each time. */
void fiber_swap(void **from, void *to);
__asm__(".text\n"
        ".globl fiber_swap\n"
        ".hidden fiber_swap\n"
        ".type fiber_swap, @function\n"
        "fiber_swap:\n"
        "    pushq %rbp\n"
        "    pushq %rbx\n"
        "    pushq %r12\n"
        "    pushq %r13\n"
        "    pushq %r14\n"
        "    pushq %r15\n"
        "    movq %rsp, (%rdi)\n"
        "    movq %rsi, %rsp\n"
        "    popq %r15\n"
        "    popq %r14\n"
        "    popq %r13\n"
        "    popq %r12\n"
        "    popq %rbx\n"
        "    popq %rbp\n"
        "    ret\n"
        ".size fiber_swap, . - fiber_swap\n");

void
fiber_start(struct fiber *f, void (*fn)(void))
{
    void **top = (void **)((char *)f->stack + FIBER_STACK);

    *--top = NULL;            /* fn sees a stack as after a call */
    *--top = (void *)(uintptr_t)fn;
    for (int i = 0; i < 6; i++)
        *--top = NULL;
    f->at = top;
}

void
fiber_switch(struct fiber *from, struct fiber *to)
{
    fiber_swap(&from->at, to->at);
}

#else

void
fiber_start(struct fiber *f, void (*fn)(void))
{
    ucontext_t *c = f->at ? f->at : emu_new(1, sizeof *c);

    f->at = c;
    if (getcontext(c))
        emu_fail("getcontext failed");
    c->uc_stack.ss_sp = f->stack;
    c->uc_stack.ss_size = FIBER_STACK;
    c->uc_link = NULL;
    makecontext(c, fn, 0);
}

void
fiber_switch(struct fiber *from, struct fiber *to)
{
    if (!from->at)
        from->at = emu_new(1, sizeof(ucontext_t));
    if (swapcontext(from->at, to->at))
        emu_fail("swapcontext failed");
}

#endif
