/* Temporaries and locks: whose they are, and what is left over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/die.h"
#include "base/file.h"
#include "base/stop.h"
#include "base/temp.h"
#include "unit/child.h"
#include "unit/folder.h"

static bool
is_there(const char *name)
{
    struct stat st;

    return !lstat(name, &st);
}

static void
put_text(const char *path, const char *text)
{
    struct outfile *f = outfile_open(path);

    fputs(text, outfile_stream(f));
    outfile_commit(f);
}

/* A child that writes `name` and waits; its temporary is there on return. */
static pid_t
start_writer(const char *name, char *part, size_t size)
{
    int ready[2];
    pid_t pid;
    char c;

    assert_int_equal(pipe(ready), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        outfile_open(name);
        if (write(ready[1], "r", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    assert_int_equal(read(ready[0], &c, 1), 1);
    close(ready[0]);
    close(ready[1]);
    snprintf(part, size, "%s.part.%ld", name, (long)pid);
    assert_true(is_there(part));
    return pid;
}

static void
write_anew(void *name)
{
    put_text(name, "whole");
}

/* A folder is read once a process: so each look is a child's. */
static void
test_left_over(void **unused)
{
    char part[80];
    pid_t pid = start_writer("x", part, sizeof part);

    (void)unused;
    assert_int_equal(child_run(write_anew, "x"), 0);
    assert_true(is_there(part));             /* its writer is at work */
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_true(is_there(part));
    assert_int_equal(child_run(write_anew, "y"), 0);
    assert_true(is_there(part));             /* another name's */
    assert_int_equal(child_run(write_anew, "x"), 0);
    assert_false(is_there(part));
    assert_true(is_there("x"));
    unlink("x");
    unlink("y");
}

/* What only looks like it stays. */
static void
test_not_ours(void **unused)
{
    static const char *const names[] = {
        "x.part", "x.part.", "x.part.1a", "x.part.a", "x.part.1.", "xx.part.1",
        "x.part.1.part", "part.1", ".part.1",
    };
    const size_t n = sizeof names / sizeof *names;

    (void)unused;
    for (size_t i = 0; i < n; i++)
        assert_int_equal(close(creat(names[i], 0666)), 0);
    assert_int_equal(mkfifo("x.part.1", 0666), 0);
    assert_int_equal(mkdir("x.part.2", 0777), 0);
    assert_int_equal(symlink("x.part", "x.part.3"), 0);
    assert_int_equal(close(creat("x.part.4", 0666)), 0);
    assert_int_equal(close(creat("x.part.5.6", 0666)), 0);
    assert_int_equal(child_run(write_anew, "x"), 0);
    for (size_t i = 0; i < n; i++) {
        assert_true(is_there(names[i]));
        unlink(names[i]);
    }
    assert_true(is_there("x.part.1") && is_there("x.part.2") &&
                is_there("x.part.3"));
    assert_false(is_there("x.part.4") || is_there("x.part.5.6"));
    unlink("x.part.1");
    rmdir("x.part.2");
    unlink("x.part.3");
    unlink("x");
}

/* Something has come where the file is to stand. */
static void
write_in_the_way(void *unused)
{
    struct outfile *f = outfile_open("x");

    (void)unused;
    if (mkfifo("x", 0666))
        _exit(9);
    outfile_commit(f);
}

static void
test_replaced(void **unused)
{
    struct stat st;

    (void)unused;
    assert_dies(write_in_the_way, NULL, RC_DATA, "x: cannot write: ");
    assert_int_equal(lstat("x", &st), 0);
    assert_true(S_ISFIFO(st.st_mode));
    unlink("x");
}

/* A link that leads to nothing yet is followed. */
static void
test_link(void **unused)
{
    struct stat st;

    (void)unused;
    assert_int_equal(mkdir("d", 0777), 0);
    assert_int_equal(symlink("d/far", "near"), 0);
    put_text("near", "text");
    assert_int_equal(lstat("near", &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(lstat("d/far", &st), 0);
    assert_true(S_ISREG(st.st_mode));
    assert_int_equal(symlink("b", "a"), 0);
    assert_int_equal(symlink("a", "b"), 0);
    assert_dies(write_anew, "a", 1, "a: cannot write:");
    unlink("a");
    unlink("b");
    unlink("near");
    unlink("d/far");
    rmdir("d");
}

static void
lock_it(void *path)
{
    _exit(temp_lock(path) >= 0 ? 10 : 11);
}

static void
lock_and_leave(void *path)
{
    leave(temp_lock(path) >= 0 ? 10 : 11);
}

static void
test_lock(void **unused)
{
    int fd;

    (void)unused;
    assert_int_equal(child_run(lock_it, "lock"), 10);
    assert_true(is_there("lock"));           /* as a kill would leave it */
    fd = temp_lock("lock");
    assert_true(fd >= 0);
    assert_int_equal(child_run(lock_it, "lock"), 11);
    temp_remove("lock");
    assert_false(is_there("lock"));
    /* the file that is locked has no name any more: another is made */
    assert_int_equal(child_run(lock_and_leave, "lock"), 10);
    assert_false(is_there("lock"));
    close(fd);
    assert_dies(lock_it, "none/lock", 1, "cannot lock");
    put_text("lock", "somebody's");
    assert_dies(lock_it, "lock", 1, "in the way");
    assert_true(is_there("lock"));
    unlink("lock");
    assert_int_equal(mkfifo("lock", 0666), 0);
    assert_dies(lock_it, "lock", 1, "in the way");
    assert_true(is_there("lock"));
    unlink("lock");
}

/* Two take turns: while one waits for a lock its holder removes it. */
static void
take_turns(void *unused)
{
    (void)unused;
    for (int i = 0; i < 300; i++) {
        int fd, mine;

        while ((fd = temp_lock("turn")) < 0)
            ;
        mine = open("inside", O_CREAT | O_EXCL | O_WRONLY, 0666);
        if (mine < 0)
            die(RC_DATA, "two at once");
        unlink("inside");
        close(mine);
        temp_remove("turn");
        close(fd);
    }
    leave(0);
}

static void
test_turns(void **unused)
{
    pid_t pid[3];
    int status;

    (void)unused;
    fflush(NULL);
    for (int i = 0; i < 3; i++)
        if ((pid[i] = fork()) == 0)
            take_turns(NULL);
    for (int i = 0; i < 3; i++) {
        waitpid(pid[i], &status, 0);
        assert_int_equal(status, 0);
    }
    assert_false(is_there("turn"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_left_over),
        cmocka_unit_test(test_not_ours),
        cmocka_unit_test(test_replaced),
        cmocka_unit_test(test_link),
        cmocka_unit_test(test_lock),
        cmocka_unit_test(test_turns),
    };

    return cmocka_run_group_tests_name("temp", tests, enter_folder,
                                       leave_folder);
}
