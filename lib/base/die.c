/* die.c - one line of complaint, and the ways out of a program. */
#include "base/die.h"
#include "base/stop.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MAX_EXIT_FNS = 64, ALIGNMENT = 64, HUGE_PAGE = 2 << 20,
       LONGEST_MESSAGE = 8192, PIECE = 1 << 26 };

const char *prog = "unroll";

static struct exit_fn {
    void (*fn)(void *);
    void *arg;
    pid_t pid;      /* a forked child leaves its parent's files alone */
} exit_fns[MAX_EXIT_FNS];
static int n_exit_fns;
static int leaving;

static void
run_exit_fns(void)
{
    leaving = 1;      /* also by return from main */
    while (n_exit_fns > 0) {
        struct exit_fn *e = &exit_fns[--n_exit_fns];

        if (e->pid == getpid())
            e->fn(e->arg);
    }
    stop_clean();         /* last: what they did may need its locks */
}

void
at_exit_ready(void)
{
    static int registered;

    if (!registered && atexit(run_exit_fns))
        die(RC_DATA, "cannot register an exit function");
    registered = 1;
}

void
at_exit_run(void (*fn)(void *), void *arg)
{
    at_exit_ready();
    if (n_exit_fns == MAX_EXIT_FNS)
        die(RC_DATA, "more than %d files open for writing", MAX_EXIT_FNS);
    exit_fns[n_exit_fns++] = (struct exit_fn){ fn, arg, getpid() };
}

void
at_exit_drop(void (*fn)(void *), void *arg)
{
    for (int i = n_exit_fns - 1; i >= 0; i--) {
        if (exit_fns[i].fn != fn || exit_fns[i].arg != arg)
            continue;
        memmove(&exit_fns[i], &exit_fns[i + 1],
                (size_t)(n_exit_fns - i - 1) * sizeof exit_fns[0]);
        n_exit_fns--;
        return;
    }
}

/* How many bytes at s are one character in UTF-8 (no overlong form, surrogate
 * or number beyond U+10FFFF); 0 if they are none. */
static int
utf8_length(const unsigned char *s)
{
    static const struct {
        unsigned char first[2], second[2];    /* ranges of these bytes */
        int n;
    } form[] = {
        { { 0x01, 0x7f }, { 0, 0 }, 1 },
        { { 0xc2, 0xdf }, { 0x80, 0xbf }, 2 },
        { { 0xe0, 0xe0 }, { 0xa0, 0xbf }, 3 },
        { { 0xe1, 0xec }, { 0x80, 0xbf }, 3 },
        { { 0xed, 0xed }, { 0x80, 0x9f }, 3 },
        { { 0xee, 0xef }, { 0x80, 0xbf }, 3 },
        { { 0xf0, 0xf0 }, { 0x90, 0xbf }, 4 },
        { { 0xf1, 0xf3 }, { 0x80, 0xbf }, 4 },
        { { 0xf4, 0xf4 }, { 0x80, 0x8f }, 4 },
    };
    size_t k = 0;
    int i = 1;

    while (k < sizeof form / sizeof *form &&
           (s[0] < form[k].first[0] || s[0] > form[k].first[1]))
        k++;
    if (k == sizeof form / sizeof *form || (form[k].n > 1 &&
            (s[1] < form[k].second[0] || s[1] > form[k].second[1])))
        return 0;
    while (i < form[k].n && (i == 1 || (s[i] & 0xc0) == 0x80))
        i++;
    return i == form[k].n ? i : 0;
}

/* Text from files and command lines may hold anything; a message is one line
 * that does not drive the terminal: neither by controls (there are some among
 * U+0080..U+009F, too) nor by bytes that are no text. */
static void
mask_controls(char *text)
{
    unsigned char *s = (unsigned char *)text;

    while (*s) {
        int n = utf8_length(s);

        if (n == 0 || *s < 0x20 || *s == 0x7f ||
                (n == 2 && *s == 0xc2 && s[1] < 0xa0)) {
            *s = '?';
            n = 1;
        }
        s += n;
    }
}

/* Without memory of its own: there may be none left. */
static void
print_message(const char *file, long line, const char *fmt, va_list ap)
{
    int err = errno;
    size_t n = strlen(fmt);
    char text[LONGEST_MESSAGE], place[LONGEST_MESSAGE] = "";

    fflush(stdout);   /* what was already decided comes before the complaint */
    vsnprintf(text, sizeof text, fmt, ap);
    if (file && line > 0)
        snprintf(place, sizeof place, "%s:%ld: ", file, line);
    else if (file)
        snprintf(place, sizeof place, "%s: ", file);
    mask_controls(text);
    mask_controls(place);
    fprintf(stderr, "%s: %s%s%s%s\n", prog, place, text,
            n && fmt[n - 1] == ':' ? " " : "",
            n && fmt[n - 1] == ':' ? strerror(err) : "");
}

static _Noreturn void
leave_after_message(int status)
{
    if (leaving) {        /* a complaint on the way out: the rest of it */
        run_exit_fns();
        _exit(status);
    }
    leaving = 1;
    exit(status);
}

void
die(int status, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    print_message(NULL, 0, fmt, ap);
    va_end(ap);
    leave_after_message(status);
}

void
die_at(const char *file, long line, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    print_message(file, line, fmt, ap);
    va_end(ap);
    leave_after_message(strcmp(file, "command line") ? RC_DATA : RC_USAGE);
}

void
warn(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    print_message(NULL, 0, fmt, ap);
    va_end(ap);
}

void
leave(int status)
{
    fflush(stdout);
    leave_after_message(status);
}

static _Noreturn void
out_of_memory(size_t n, size_t size)
{
    if (leaving)          /* the first line has said what is wrong */
        leave_after_message(RC_DATA);
    die(RC_DATA, "out of memory (%zu items of %zu bytes)", n, size);
}

/* n * size, at least 1 so that a block is never NULL. */
static size_t
block_size(size_t n, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(n, size, &bytes) || bytes > PTRDIFF_MAX)
        out_of_memory(n, size);
    return bytes ? bytes : 1;
}

void *
xcalloc(size_t n, size_t size)
{
    void *p = calloc(block_size(n, size), 1);

    if (!p)
        out_of_memory(n, size);
    return p;
}

static void *
json_block(size_t n)
{
    return xrealloc(NULL, n, 1);
}

/* jansson goes on without what it could not allocate: let it have all it asks
 * for, or end. */
__attribute__((constructor)) static void
before_main(void)
{
    prog = program_invocation_short_name;
    json_set_alloc_funcs(json_block, free);
}

void *
xrealloc(void *p, size_t n, size_t size)
{
    p = realloc(p, block_size(n, size));
    if (!p)
        out_of_memory(n, size);
    return p;
}

/* Gigabytes take seconds.  A block that is not zeroed holds nothing that is
 * used: whoever works on it gives up too (base/stop.h). */
static void
zero(char *p, size_t bytes)
{
    for (size_t n; bytes && !stop_asked(); bytes -= n, p += n) {
        n = bytes < PIECE ? bytes : PIECE;
        memset(p, 0, n);
    }
}

void *
xaligned(size_t n, size_t size)
{
    size_t bytes = block_size(n, size);
    bool huge = bytes >= HUGE_PAGE;
    void *p = NULL;

    if (posix_memalign(&p, huge ? HUGE_PAGE : ALIGNMENT, bytes))
        out_of_memory(n, size);
    if (huge)                       /* a wish: where it fails, all is well */
        madvise(p, bytes / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
    zero(p, bytes);
    return p;
}

char *
xstrdup(const char *s)
{
    size_t n = strlen(s) + 1;

    return memcpy(xcalloc(n, 1), s, n);
}

char *
xasprintf(const char *fmt, ...)
{
    va_list ap;
    char *s;
    int n;

    va_start(ap, fmt);
    n = vasprintf(&s, fmt, ap);
    va_end(ap);
    if (n < 0)
        die(RC_DATA, "out of memory for a line of text");
    return s;
}

/* The write end of a pipe without a reader polls as an error; this also tells
 * when the failed write itself lies behind us and its errno is lost. */
bool
fd_gone(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLOUT };

    return poll(&p, 1, 0) == 1 && (p.revents & POLLERR);
}

static int stdout_errno;       /* of the first line that failed */

bool
stdout_line(const char *text)
{
    errno = 0;
    if (puts(text) >= 0 && !fflush(stdout) && !ferror(stdout))
        return true;
    if (!stdout_errno)
        stdout_errno = errno;
    stop_look();
    return false;
}

void
close_stdout(void)
{
    int bad = ferror(stdout), gone = bad && fd_gone(STDOUT_FILENO);
    size_t pending = __fpending(stdout);

    errno = 0;
    if (fclose(stdout)) {
        if (errno == EPIPE)
            gone = 1;
        else if (errno != EBADF || pending)   /* `prog >&-` with no output */
            bad = 1;
    }
    if (stdout_errno)
        errno = stdout_errno;
    if (bad && !gone)
        die(RC_DATA, errno ? "writing standard output:"
                           : "writing standard output failed");
}
