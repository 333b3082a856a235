/*
 * try.c - let the calls of one small run fail, one after the other, and judge
 * what each leaves (tests/inject.sh tells what must hold).
 *
 *     try NAME LIBRARY CALL INPUT START COMMAND [WORD...]
 *
 * Works in the current folder: COMMAND runs in ./run, which holds a copy of
 * in/START if START is not empty, with INPUT as standard input (seen from
 * there).  LIBRARY and CALL are those of malloc.c and call.c.  INJECT=all has
 * every call fail, else a sample that SEED moves.
 *
 * After a fault the same command must come to the files of a run without one.
 * What it comes to depends on nothing but the files that it meets, so it is
 * run again only where it meets files that no run before has met.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIMIT_SECONDS = 30, TIMED_OUT = 124, MOST_ERRORS = 5 };

/* A file, or what a run has printed. */
struct file {
    char *path;         /* from the folder, "" for what stands alone */
    char *bytes;
    size_t size;
};

/* Files of a folder, sorted by path. */
struct folder {
    struct file *at;
    size_t n, room;
};

struct try {
    const char *name, *preload, *call, *input, *start;
    char **command;
    struct folder want;             /* what the run without a fault leaves */
    struct file printed;            /* and prints */
    struct folder *met;             /* folders that a second run has mended */
    size_t nmet;
    long faults;
    FILE *found;                    /* what was wrong, a line each */
};

static const struct { const char *group, *errors[MOST_ERRORS]; } calls[] = {
    { "read", { "EIO", "EINTR", "short" } },
    { "write", { "ENOSPC", "EIO", "EINTR", "short" } },
    { "open", { "EMFILE", "EACCES" } },
    { "close", { "EIO" } },
    { "rename", { "ENOSPC" } },
    { "fsync", { "EIO" } },
    { "unlink", { "EACCES" } },
    { "flock", { "EINTR" } },
    { "truncate", { "EIO" } },
    { "mkdir", { "ENOSPC" } },
    { "stat", { "EACCES" } },
    { "mmap", { "ENOMEM" } },
    { "wait", { "EINTR" } },
    { "poll", { "EINTR" } },
    { "fork", { "EAGAIN" } },
    { "pipe", { "EMFILE" } },
};

static _Noreturn void
bad(const char *what)
{
    fprintf(stderr, "try: %s: %s\n", what, strerror(errno));
    exit(125);
}

static void *
grown(void *p, size_t n, size_t size)
{
    p = realloc(p, (n + 1) * size);
    if (!p)
        bad("memory");
    return p;
}

static char *
text(const char *form, ...)
{
    va_list args;
    char *s;

    va_start(args, form);
    if (vasprintf(&s, form, args) < 0)
        bad("memory");
    va_end(args);
    return s;
}

/* ---- files ------------------------------------------------------------- */

static struct file
file_read(const char *path, const char *name)
{
    struct file f = { text("%s", name), NULL, 0 };
    int fd = open(path, O_RDONLY);
    ssize_t n = 1;

    if (fd < 0)
        bad(path);
    while (n > 0) {
        f.bytes = grown(f.bytes, f.size + 65536, 1);
        n = read(fd, f.bytes + f.size, 65536);
        if (n < 0)
            bad(path);
        f.size += (size_t)n;
    }
    f.bytes[f.size] = 0;
    close(fd);
    return f;
}

static void
file_free(struct file *f)
{
    free(f->path);
    free(f->bytes);
}

static int
same_bytes(const struct file *a, const struct file *b)
{
    return a->size == b->size && !memcmp(a->bytes, b->bytes, a->size);
}

static int
ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);

    return n >= m && !strcmp(s + n - m, end);
}

static int
by_path(const void *a, const void *b)
{
    return strcmp(((const struct file *)a)->path,
                  ((const struct file *)b)->path);
}

/* Read all files below `path`, or (f NULL) remove them and it. */
static void
walk(const char *path, const char *inside, struct folder *f)
{
    DIR *d = opendir(path);
    struct dirent *e;

    if (!d)
        bad(path);
    while ((e = readdir(d))) {
        char *below = text("%s/%s", path, e->d_name);
        char *name = text("%s%s%s", inside, *inside ? "/" : "", e->d_name);
        struct stat st;

        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) {
            ;
        } else if (lstat(below, &st)) {
            bad(below);
        } else if (S_ISDIR(st.st_mode)) {
            walk(below, name, f);
        } else if (!f) {
            if (unlink(below))
                bad(below);
        } else {
            f->at = grown(f->at, f->n, sizeof *f->at);
            f->at[f->n++] = file_read(below, name);
        }
        free(below);
        free(name);
    }
    closedir(d);
    if (!f && rmdir(path))
        bad(path);
}

static struct folder
folder_read(void)
{
    struct folder f = { 0 };

    walk("run", "", &f);
    if (f.n)
        qsort(f.at, f.n, sizeof *f.at, by_path);
    return f;
}

static void
folder_free(struct folder *f)
{
    for (size_t i = 0; i < f->n; i++)
        file_free(&f->at[i]);
    free(f->at);
}

static const struct file *
folder_find(const struct folder *f, const char *path)
{
    for (size_t i = 0; i < f->n; i++)
        if (!strcmp(f->at[i].path, path))
            return &f->at[i];
    return NULL;
}

/* Side files hold times: all that counts is that they are there, if that. */
static int
is_side_file(const struct file *f)
{
    return ends_with(f->path, ".meta");
}

/* The same files; of side files, which are there (sides) or nothing. */
static int
folder_same(const struct folder *a, const struct folder *b, int sides)
{
    size_t i = 0, k = 0;

    for (;;) {
        while (!sides && i < a->n && is_side_file(&a->at[i]))
            i++;
        while (!sides && k < b->n && is_side_file(&b->at[k]))
            k++;
        if (i == a->n || k == b->n)
            return i == a->n && k == b->n;
        if (strcmp(a->at[i].path, b->at[k].path) ||
            (!is_side_file(&a->at[i]) && !same_bytes(&a->at[i], &b->at[k])))
            return 0;
        i++;
        k++;
    }
}

/* ---- runs -------------------------------------------------------------- */

/* An empty folder, with what the case starts from. */
static void
fresh(const struct try *t)
{
    struct stat st;

    if (!stat("run", &st))
        walk("run", "", NULL);
    if (mkdir("run", 0777))
        bad("run");
    if (*t->start) {
        char *from = text("in/%s", t->start), *to = text("run/%s", t->start);
        struct file f = file_read(from, "");
        FILE *out = fopen(to, "w");

        if (!out || fwrite(f.bytes, 1, f.size, out) != f.size || fclose(out))
            bad(to);
        file_free(&f);
        free(from);
        free(to);
    }
}

static void
redirect(int to, const char *path, int flags)
{
    int fd = open(path, flags, 0666);

    if (fd < 0 || dup2(fd, to) < 0)
        _exit(125);
    if (fd != to)
        close(fd);
}

static pid_t running;

static void
too_long(int signal_number)
{
    (void)signal_number;
    if (running > 0)
        kill(-running, SIGKILL);
}

/* Run `command` in ./run, standard output to ./out, standard error to `err`, a
 * count to ./count; `variable` is set to `value`, if not NULL.  Its status,
 * or 128 + the signal that ended it. */
static int
run(const struct try *t, char **command, const char *err, const char *variable,
    const char *value)
{
    int status;
    pid_t pid = fork();

    if (pid < 0)
        bad("fork");
    if (pid == 0) {
        setpgid(0, 0);
        redirect(3, "count", O_WRONLY | O_CREAT | O_TRUNC);
        redirect(1, "out", O_WRONLY | O_CREAT | O_TRUNC);
        redirect(2, err, O_WRONLY | O_CREAT | O_TRUNC);
        if (chdir("run"))
            _exit(125);
        redirect(0, t->input, O_RDONLY);
        if (command == t->command)
            close(3);
        if (variable) {
            setenv("LD_PRELOAD", t->preload, 1);
            setenv(variable, value, 1);
        }
        execvp(command[0], command);
        _exit(127);
    }
    setpgid(pid, pid);
    running = pid;
    alarm(LIMIT_SECONDS);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            bad("waitpid");
    if (!alarm(0) && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        return TIMED_OUT;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int
printed_same(const struct try *t)
{
    struct file out = file_read("out", "");
    int same = same_bytes(&out, &t->printed);

    file_free(&out);
    return same;
}

/* ---- judging ----------------------------------------------------------- */

static void __attribute__((format(printf, 3, 4)))
wrong(struct try *t, const char *which, const char *form, ...)
{
    va_list args;

    fprintf(t->found, "%s: ", which);
    va_start(args, form);
    vfprintf(t->found, form, args);
    va_end(args);
    fputc('\n', t->found);
}

/* May this stand there after a failure?  What is whole, what the case started
 * from, and what a run goes on from. */
static int
may_stay(const struct try *t, const struct file *f)
{
    const struct file *want = folder_find(&t->want, f->path);

    return !strcmp(f->path, t->start) || !strcmp(f->path, "half") ||
           ends_with(f->path, ".checkpoint") || is_side_file(f) ||
           (want && same_bytes(want, f));
}

static void
check_words(struct try *t, const char *which, int status, int any_words)
{
    struct file err = file_read("err", "");
    char *line = err.bytes, *own = text("%s: ", t->command[0]);
    int lines = 0, is_ours = 0;

    for (char *end; (end = strchr(line, '\n')); line = end + 1) {
        lines++;
        is_ours |= !strncmp(line, own, strlen(own));
    }
    if (err.size > 200)
        err.bytes[200] = 0;
    if (status > 2)
        wrong(t, which, "status %d: %s", status, err.bytes);
    else if (!any_words && lines != 1)
        wrong(t, which, "not one line: %s", err.bytes);
    else if (!any_words && !is_ours)
        wrong(t, which, "not its line: %s", err.bytes);
    file_free(&err);
    free(own);
}

/* The same command without a fault, on the files `left` that the one before
 * has left in ./run. */
static void
check_again(struct try *t, const char *which, struct folder *left)
{
    struct folder now;
    int status;

    for (size_t i = 0; i < t->nmet; i++)
        if (folder_same(&t->met[i], left, 1)) {
            folder_free(left);
            return;
        }
    status = run(t, t->command, "err2", NULL, NULL);
    now = folder_read();
    if (status || !printed_same(t) || !folder_same(&now, &t->want, 0)) {
        wrong(t, which, "a second run differs");
        folder_free(left);
    } else {
        t->met = grown(t->met, t->nmet, sizeof *t->met);
        t->met[t->nmet++] = *left;
    }
    folder_free(&now);
}

/* Remove from ./run and from `f` the files that `goes` names by their end. */
static void
drop(struct folder *f, const char *end)
{
    size_t kept = 0;

    for (size_t i = 0; i < f->n; i++) {
        if (ends_with(f->at[i].path, end) && !strchr(f->at[i].path, '/')) {
            char *path = text("run/%s", f->at[i].path);

            if (unlink(path))
                bad(path);
            free(path);
            file_free(&f->at[i]);
        } else {
            f->at[kept++] = f->at[i];
        }
    }
    f->n = kept;
}

/* What is wrong with the run just made, which ended with `status`. */
static void
judge(struct try *t, const char *group, const char *which, int status)
{
    struct folder left = folder_read();

    t->faults++;
    /* What cannot be removed, or be told to be ours, stays for the next. */
    if (!strcmp(group, "unlink") || !strcmp(group, "stat"))
        drop(&left, ".lock");
    if (status == 0) {
        drop(&left, ".checkpoint");
        if (!folder_find(&t->want, "half"))
            drop(&left, "half");
        if (!printed_same(t) || !folder_same(&left, &t->want, 0))
            wrong(t, which, "status 0 with other bytes");
        folder_free(&left);
        return;
    }
    check_words(t, which, status, !strcmp(group, "write"));
    for (size_t i = 0; i < left.n; i++)
        if (!may_stay(t, &left.at[i]))
            wrong(t, which, "left %s", left.at[i].path);
    check_again(t, which, &left);
}

/* ---- the calls of a run ------------------------------------------------ */

/* Which call is the ith to fail, of `count`, of which `n` do; from 1. */
static long
pick(long i, long n, long count)
{
    const char *seed = getenv("SEED");
    double shift = (seed ? strtod(seed, NULL) : 0) * 0.6180339887;

    if (n >= count)
        return i + 1;
    shift -= (double)(long)shift;
    return 1 + (long)(((double)i + shift) * (double)count / (double)n);
}

static long
how_many(long count, long few)
{
    const char *all = getenv("INJECT"), *given = getenv("FEW");

    if (all && *all)
        return count;
    if (given)
        few = atol(given);
    return few < count ? few : count;
}

static long
counted(void)
{
    struct file f = file_read("count", "");
    char *end;
    long n = strtol(f.bytes, &end, 10);

    if (end == f.bytes || n < 0) {
        errno = EINVAL;
        bad("count");
    }
    file_free(&f);
    return n;
}

static void
try_allocations(struct try *t)
{
    char *file = realpath(".", NULL), *path = text("%s/count", file);
    long count, n;

    fresh(t);
    run(t, t->command, "err", "INJECT_COUNT", path);
    count = counted();
    n = how_many(count, 24);
    for (long i = 0; i < 2 * n; i++) {
        char *value = text("%ld%s", pick(i / 2, n, count), i % 2 ? "+" : "");
        char *which = text("alloc %s", value);

        fresh(t);
        judge(t, "alloc", which,
              run(t, t->command, "err", "INJECT_ALLOC", value));
        free(value);
        free(which);
    }
    free(file);
    free(path);
}

/* `call LIBRARY GROUP NUMBER ERROR COMMAND` */
static int
run_call(struct try *t, const char *group, long number, const char *error)
{
    char *n = text("%ld", number), **words = NULL;
    const char *first[] = { t->call, t->preload, group, n, error };
    size_t k = 0;
    int status;

    for (; k < sizeof first / sizeof *first; k++) {
        words = grown(words, k, sizeof *words);
        words[k] = (char *)first[k];
    }
    for (char **w = t->command;; w++) {
        words = grown(words, k, sizeof *words);
        words[k++] = *w;
        if (!*w)
            break;
    }
    fresh(t);
    status = run(t, words, "err", NULL, NULL);
    free(words);
    free(n);
    return status;
}

static void
try_calls(struct try *t, const char *group, const char *const *errors)
{
    long count, n;

    run_call(t, group, 0, "EIO");
    count = counted();
    n = how_many(count, 2);
    for (; *errors; errors++)
        for (long i = 0; i < n; i++) {
            long number = pick(i, n, count);
            char *which = text("%s %ld %s", group, number, *errors);

            judge(t, group, which, run_call(t, group, number, *errors));
            free(which);
        }
}

int
main(int argc, char **argv)
{
    struct sigaction act = { .sa_handler = too_long };
    struct try t = { 0 };
    char *found;
    size_t size;
    int status;

    if (argc < 7) {
        fprintf(stderr, "usage: try NAME PRELOAD CALL INPUT START "
                "COMMAND...\n");
        return 125;
    }
    t.name = argv[1];
    t.preload = argv[2];
    t.call = argv[3];
    t.input = argv[4];
    t.start = argv[5];
    t.command = argv + 6;
    t.found = open_memstream(&found, &size);
    if (!t.found || sigaction(SIGALRM, &act, NULL))
        bad("start");
    fresh(&t);
    status = run(&t, t.command, "err", NULL, NULL);
    t.printed = file_read("out", "");
    t.want = folder_read();
    if (status) {
        struct file err = file_read("err", "");

        printf("FAIL inject %s: status %d: %s\n", t.name, status, err.bytes);
        return 1;
    }
    try_allocations(&t);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        try_calls(&t, calls[i].group, calls[i].errors);
    fclose(t.found);
    printf("%s inject %s: %ld faults%s\n%s", *found ? "FAIL" : "ok", t.name,
           t.faults, *found ? ", of them bad:" : "", found);
    return *found != 0;
}
