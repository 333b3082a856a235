/*
 * libfuzzer.c - a harness under libFuzzer: all executions in one process.
 *
 * The linker hands exit(), at_exit_run() and the functions that open streams
 * to the __wrap_ functions here (-Wl,--wrap).  When an execution dies, exit()
 * jumps back; what it had for the program's end is forgotten, the streams and
 * descriptors that it left open are closed, the blocks it left are freed, so
 * that nothing piles up.  An execution that returns must have done all that
 * itself: libFuzzer looks for leaks.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sanitizer/allocator_interface.h>
#include <sanitizer/asan_interface.h>

#include "base/die.h"
#include "fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t max,
                               unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t n, size_t max);

enum { BLOCKS = 1 << 22, STREAMS = 64, MESSAGE = 1 << 16 };

static __thread bool running;      /* an execution is under way, and here */
static __thread bool counting;     /* blocks are noted */
static jmp_buf after;
static int status;

/* ---- what an execution allocates ---------------------------------------- */

/* An open hash table, a slot is a pointer or NULL; and all that were ever put
 * into it, so that few need not be looked for in many slots. */
static const void *block[BLOCKS], *was[BLOCKS];
static size_t nblocks, nwas;

static size_t
place(const volatile void *p)
{
    return (size_t)(((uintptr_t)p >> 4) * 0x9e3779b97f4a7c15u >> 42) % BLOCKS;
}

static void
note_block(const volatile void *p, size_t size)
{
    size_t i;

    (void)size;
    if (!counting || !p)
        return;
    if (++nblocks > BLOCKS / 2)
        fuzz_fail(__FILE__, __LINE__, "fewer blocks in one execution");
    for (i = place(p); block[i]; i = (i + 1) % BLOCKS)
        ;
    block[i] = (const void *)p;
    if (nwas < BLOCKS)
        was[nwas++] = block[i];
}

static void
forget_block(const volatile void *p)
{
    size_t i, j, k;

    if (!counting || !p)
        return;
    for (i = place(p); block[i] && block[i] != p; i = (i + 1) % BLOCKS)
        ;
    if (!block[i])
        return;
    nblocks--;
    for (j = (i + 1) % BLOCKS; block[j]; j = (j + 1) % BLOCKS) {
        k = place(block[j]);          /* may it move to the gap at i? */
        if ((j - k) % BLOCKS >= (j - i) % BLOCKS) {
            block[i] = block[j];
            i = j;
        }
    }
    block[i] = NULL;
}

/* Those that are left; freed if the execution died. */
static void
end_blocks(bool died)
{
    for (size_t i = 0; nblocks && i < nwas; i++) {
        size_t left = nblocks;

        forget_block(was[i]);
        if (died && nblocks < left)
            free((void *)was[i]);
    }
    if (nblocks)
        fuzz_fail(__FILE__, __LINE__, "fewer blocks in one execution");
    nwas = 0;
}

/* ---- what it opens ------------------------------------------------------ */

static FILE *stream[STREAMS];
static int nstreams;

FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__real_fdopen(int fd, const char *mode);
FILE *__wrap_fdopen(int fd, const char *mode);
FILE *__real_open_memstream(char **text, size_t *size);
FILE *__wrap_open_memstream(char **text, size_t *size);
FILE *__real_fopencookie(void *cookie, const char *mode,
                         cookie_io_functions_t io);
FILE *__wrap_fopencookie(void *cookie, const char *mode,
                         cookie_io_functions_t io);
int __real_fclose(FILE *f);
int __wrap_fclose(FILE *f);
_Noreturn void __real_exit(int rc);
_Noreturn void __wrap_exit(int rc);
_Noreturn void __real__exit(int rc);
_Noreturn void __wrap__exit(int rc);

static FILE *
note_stream(FILE *f)
{
    if (f && running && nstreams < STREAMS)
        stream[nstreams++] = f;
    return f;
}

FILE *
__wrap_fopen(const char *path, const char *mode)
{
    return note_stream(__real_fopen(path, mode));
}

FILE *
__wrap_fdopen(int fd, const char *mode)
{
    return note_stream(__real_fdopen(fd, mode));
}

FILE *
__wrap_open_memstream(char **text, size_t *size)
{
    return note_stream(__real_open_memstream(text, size));
}

FILE *
__wrap_fopencookie(void *cookie, const char *mode, cookie_io_functions_t io)
{
    return note_stream(__real_fopencookie(cookie, mode, io));
}

int
__wrap_fclose(FILE *f)
{
    for (int i = nstreams - 1; i >= 0; i--) {
        if (stream[i] != f)
            continue;
        stream[i] = stream[--nstreams];
        break;
    }
    return __real_fclose(f);
}

/* What an execution opens has the numbers from `first` on. */
static void
close_all(int first)
{
    while (nstreams)
        __real_fclose(stream[--nstreams]);
    for (int fd = first; fd < first + 16; fd++)
        close(fd);
}

static int
lowest_free(void)
{
    int fd = dup(STDERR_FILENO);

    close(fd);
    return fd;
}

/* ---- what it leaves for the end ------------------------------------------ */

static struct {
    void (*fn)(void *);
    void *arg;
} at_exit[STREAMS];
static int nexits;

void __real_at_exit_run(void (*fn)(void *), void *arg);
void __wrap_at_exit_run(void (*fn)(void *), void *arg);
void __real_at_exit_drop(void (*fn)(void *), void *arg);
void __wrap_at_exit_drop(void (*fn)(void *), void *arg);
int __wrap_nanosleep(const struct timespec *t, struct timespec *left);

void
__wrap_at_exit_run(void (*fn)(void *), void *arg)
{
    __real_at_exit_run(fn, arg);
    if (nexits == STREAMS)
        fuzz_fail(__FILE__, __LINE__, "fewer functions for the end");
    at_exit[nexits].fn = fn;
    at_exit[nexits++].arg = arg;
}

void
__wrap_at_exit_drop(void (*fn)(void *), void *arg)
{
    __real_at_exit_drop(fn, arg);
    for (int i = nexits - 1; i >= 0; i--) {
        if (at_exit[i].fn != fn || at_exit[i].arg != arg)
            continue;
        at_exit[i] = at_exit[--nexits];
        break;
    }
}

static void
end_exits(bool died)
{
    if (!died && nexits)
        fuzz_fail(__FILE__, __LINE__, "nothing left for the end");
    while (nexits) {
        nexits--;
        __real_at_exit_drop(at_exit[nexits].fn, at_exit[nexits].arg);
    }
}

/* Nobody sends us a signal that would be worth the wait. */
int
__wrap_nanosleep(const struct timespec *t, struct timespec *left)
{
    (void)t;
    (void)left;
    return 0;
}

/* ---- what it says ------------------------------------------------------- */

static char said[MESSAGE];
static size_t nsaid;

static ssize_t
hear(void *cookie, const char *s, size_t n)
{
    size_t room = sizeof said - nsaid, k = n < room ? n : room;

    (void)cookie;
    memcpy(said + nsaid, s, k);
    nsaid += k;
    return (ssize_t)n;
}

/* How many lines in the form of die.h: text in UTF-8 (jansson knows) without
 * controls, those of two bytes included; -1: something else. */
static int
lines_said(void)
{
    json_t *text = json_stringn(said, nsaid);
    bool begins = true;
    int n = 0;

    if (!text || nsaid == sizeof said)
        return -1;
    json_decref(text);
    for (size_t i = 0; i < nsaid; i++) {
        unsigned char c = (unsigned char)said[i];
        unsigned char d = (unsigned char)said[i + 1];

        if (begins && (nsaid - i < 8 || memcmp(said + i, "fuzz: ", 6)))
            return -1;
        begins = c == '\n';
        n += begins;
        if (!begins && (c < 0x20 || c == 0x7f || (c == 0xc2 && d < 0xa0)))
            return -1;
    }
    return begins ? n : -1;
}

static void
check_end(bool died)
{
    int n = nsaid ? lines_said() : 0;

    if (n >= died && (n == died || harness.warns) && (!died || status == 1))
        return;
    if (write(STDERR_FILENO, said, nsaid) < 0)
        _exit(99);
    fuzz_fail(__FILE__, __LINE__, died ? "status 1 and one line"
                                       : "nothing said");
}

/* ---- libFuzzer's side --------------------------------------------------- */

void
__wrap_exit(int rc)
{
    if (!running)
        __real_exit(rc);
    status = rc;
    longjmp(after, 1);
}

/* How a program ends that dies a second time; here, in another execution. */
void
__wrap__exit(int rc)
{
    if (!running)
        __real__exit(rc);
    __wrap_exit(rc);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    cookie_io_functions_t io = { .write = hear };

    (void)argc;
    (void)argv;
    prog = "fuzz";
    json_object_seed(1);
    fuzz_file(0, NULL, 0);
    fuzz_file(1, NULL, 0);
    fuzz_file(2, NULL, 0);
    fuzz_file(3, NULL, 0);
    if (harness.begin)
        harness.begin();
    if (!__sanitizer_install_malloc_and_free_hooks(note_block, forget_block))
        fuzz_fail(__FILE__, __LINE__, "room for malloc's hooks");
    /* libFuzzer keeps the stream it had. */
    stderr = __real_fopencookie(NULL, "w", io);
    setvbuf(stderr, NULL, _IONBF, 0);
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    int first = lowest_free();
    char *text = malloc(n + 1);
    volatile bool died = false;

    memcpy(text, data, n);
    text[n] = 0;
    nsaid = 0;
    running = counting = true;
    if (!setjmp(after))
        harness.one(text, n);
    else
        died = true;
    running = false;
    check_end(died);
    end_exits(died);
    if (died)
        close_all(first);
    end_blocks(died);
    counting = false;
    free(text);
    return 0;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t max, unsigned seed)
{
    n = LLVMFuzzerMutate(data, n, max);
    if (harness.mend && seed % 8)
        n = harness.mend((char *)data, n, max);
    return n;
}
