/*
 * call.c - run a program and let one of its system calls fail.
 *
 *     call LIBRARY CALL N ERROR COMMAND [WORD...]
 *
 * LIBRARY (tests/inject/malloc.c) is preloaded; its mark says that the loader
 * is done, and calls count from there.  CALL is one of the groups below; the
 * Nth of the command's own calls of it, also those that the C library makes,
 * is not made (a close is) and returns ERROR, or is told a third of its size
 * if ERROR is "short".  With N = 0 all are made and their number goes to
 * descriptor 3.  Its threads and children are left alone.
 *
 * Ends with the command's status, or 128 + the signal that ended it; 77 where
 * processes cannot be traced.
 */
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inject/mark.h"

enum { MOST = 8, SKIPPED = 77 };

static const struct group {
    const char *name;
    long nr[MOST];      /* ended by -1 */
} groups[] = {
    { "read", { SYS_read, SYS_pread64, SYS_readv, -1 } },
    { "write", { SYS_write, SYS_pwrite64, SYS_writev, -1 } },
    { "open", { SYS_openat,
#ifdef SYS_open
        SYS_open,
#endif
        -1 } },
    { "close", { SYS_close, -1 } },
    { "rename", { SYS_renameat, SYS_renameat2,
#ifdef SYS_rename
        SYS_rename,
#endif
        -1 } },
    { "fsync", { SYS_fsync, SYS_fdatasync, -1 } },
    { "unlink", { SYS_unlinkat,
#ifdef SYS_unlink
        SYS_unlink,
#endif
        -1 } },
    { "flock", { SYS_flock, -1 } },
    { "truncate", { SYS_ftruncate, -1 } },
    { "mkdir", { SYS_mkdirat,
#ifdef SYS_mkdir
        SYS_mkdir,
#endif
        -1 } },
    { "stat", { SYS_fstat, SYS_newfstatat, SYS_statx, SYS_faccessat,
#ifdef SYS_stat
        SYS_stat, SYS_access,
#endif
        -1 } },
    { "mmap", { SYS_mmap, SYS_mremap, -1 } },
    { "wait", { SYS_wait4, SYS_waitid, -1 } },
    { "poll", { SYS_ppoll,
#ifdef SYS_poll
        SYS_poll,
#endif
        -1 } },
    { "fork", { SYS_clone, SYS_clone3,
#ifdef SYS_fork
        SYS_fork, SYS_vfork,
#endif
        -1 } },
    { "pipe", { SYS_pipe2, SYS_dup, SYS_dup3, SYS_fcntl,
#ifdef SYS_dup2
        SYS_dup2,
#endif
        -1 } },
};

static const struct { const char *name; int value; } errors[] = {
    { "ENOMEM", ENOMEM }, { "ENOSPC", ENOSPC }, { "EIO", EIO },
    { "EINTR", EINTR }, { "EACCES", EACCES }, { "EMFILE", EMFILE },
    { "EAGAIN", EAGAIN }, { "short", 0 },
};

static _Noreturn void
bad(const char *what)
{
    fprintf(stderr, "call: %s: %s\n", what, strerror(errno));
    exit(125);
}

static int
belongs(const struct group *g, uint64_t nr)
{
    for (int i = 0; g->nr[i] >= 0; i++)
        if ((uint64_t)g->nr[i] == nr)
            return 1;
    return 0;
}

/* A number that no system call has: the kernel does nothing. */
static void
make_void(pid_t pid)
{
#ifdef __x86_64__
    if (ptrace(PTRACE_POKEUSER, pid,
               offsetof(struct user_regs_struct, orig_rax), -1L))
        bad("orig_rax");
#else
    int none = -1;
    struct iovec v = { &none, sizeof none };

    if (ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &v))
        bad("system call's number");
#endif
}

/* The registers: `to` tells which of them gets x. */
static void
set_register(pid_t pid, int third, uint64_t x)
{
    struct user_regs_struct r;
    struct iovec v = { &r, sizeof r };

    if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v))
        bad("registers");
#ifdef __x86_64__
    if (third)
        r.rdx = x;
    else
        r.rax = x;
#else
    r.regs[third ? 2 : 0] = x;
#endif
    if (ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &v))
        bad("registers");
}

static int
ended(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int
follow(pid_t pid, const struct group *g, long n, int error)
{
    struct __ptrace_syscall_info info;
    long seen = 0;
    int status, begun = 0, now = 0, pass = 0;

    for (;;) {
        if (ptrace(PTRACE_SYSCALL, pid, 0, pass) && errno != ESRCH)
            bad("ptrace");
        if (waitpid(pid, &status, 0) < 0)
            bad("waitpid");
        if (!WIFSTOPPED(status)) {
            if (n == 0)
                dprintf(3, "%ld\n", seen);
            return ended(status);
        }
        pass = WSTOPSIG(status);
        if (pass != (SIGTRAP | 0x80)) {
            pass = pass == SIGTRAP ? 0 : pass;    /* that of execve */
            continue;
        }
        pass = 0;
        if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0)
            bad("system call");
        if (info.op == PTRACE_SYSCALL_INFO_EXIT && now && error)
            set_register(pid, 0, (uint64_t)-(int64_t)error);
        if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
            continue;
        now = 0;
        if (info.entry.nr == SYS_getpid && info.entry.args[0] == INJECT_MARK)
            begun = 1;
        if (!begun || !belongs(g, info.entry.nr))
            continue;
        now = ++seen == n;
        if (now && error && info.entry.nr != SYS_close)
            make_void(pid);      /* a close that fails has closed */
        else if (now && !error && info.entry.args[2] > 2)
            set_register(pid, 1, info.entry.args[2] / 3);
    }
}

int
main(int argc, char **argv)
{
    const struct group *g = NULL;
    int error = -1;
    pid_t pid;

    for (size_t i = 0; argc > 5 && i < sizeof groups / sizeof *groups; i++)
        if (!strcmp(groups[i].name, argv[2]))
            g = &groups[i];
    for (size_t i = 0; argc > 5 && i < sizeof errors / sizeof *errors; i++)
        if (!strcmp(errors[i].name, argv[4]))
            error = errors[i].value;
    if (!g || error < 0) {
        fprintf(stderr, "usage: call LIBRARY CALL N ERROR COMMAND...\n");
        return 125;
    }
    pid = fork();
    if (pid < 0)
        bad("fork");
    if (pid == 0) {
        if (ptrace(PTRACE_TRACEME, 0, 0, 0))
            _exit(SKIPPED);
        setenv("LD_PRELOAD", argv[1], 1);
        raise(SIGSTOP);
        execvp(argv[5], argv + 5);
        _exit(127);
    }
    for (int status;;) {
        if (waitpid(pid, &status, 0) < 0)
            bad("waitpid");
        if (!WIFSTOPPED(status))
            return ended(status);
        if (WSTOPSIG(status) == SIGSTOP)
            break;
    }
    if (ptrace(PTRACE_SETOPTIONS, pid, 0,
               PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL))
        return SKIPPED;
    return follow(pid, g, atol(argv[3]), error);
}
