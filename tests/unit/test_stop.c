/* Signals: what they end, what they wake, what is removed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/die.h"
#include "base/file.h"
#include "base/stop.h"
#include "unit/child.h"

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

static void
say_cleaned(void)
{
    ssize_t n = write(STDERR_FILENO, "cleaned\n", 8);

    (void)n;
}

static void
raise_it(void *sig)
{
    signal(SIGHUP, SIG_DFL);
    stop_init();
    stop_cleanup(say_cleaned);
    raise(*(const int *)sig);
    _exit(9);
}

static void
test_ends(void **unused)
{
    (void)unused;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(child_run(raise_it, (void *)&signals[i]),
                         128 + signals[i]);
        assert_one_line(child_err, "cleaned");
    }
}

static void
under_nohup(void *unused)
{
    (void)unused;
    signal(SIGHUP, SIG_IGN);
    stop_init();
    raise(SIGHUP);
    _exit(9);
}

static void
held(void *sig)
{
    int fd[2];
    char c;

    signal(SIGHUP, SIG_DFL);
    stop_init();
    stop_cleanup(say_cleaned);
    if (pipe(fd))
        _exit(9);
    stop_hold();
    stop_look();
    raise(*(const int *)sig);
    if (stop_asked() != *(const int *)sig)
        _exit(8);
    /* after the look, and yet it does not wait for ever */
    if (read(fd[0], &c, 1) >= 0 || errno != EINTR)
        _exit(7);
    if (read(fd[0], &c, 1) >= 0 || errno != EINTR)
        _exit(6);
    stop_look();
    _exit(5);
}

static void
released(void *unused)
{
    (void)unused;
    stop_init();
    stop_hold();
    raise(SIGTERM);
    fputs("saved\n", stderr);
    stop_release();
    _exit(9);
}

static void
test_held(void **unused)
{
    (void)unused;
    assert_int_equal(child_run(under_nohup, NULL), 9);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(child_run(held, (void *)&signals[i]),
                         128 + signals[i]);
        assert_one_line(child_err, "cleaned");
    }
    assert_int_equal(child_run(released, NULL), 128 + SIGTERM);
    assert_one_line(child_err, "saved");
}

static void
between(void *unused)
{
    (void)unused;
    stop_init();
    stop_mask();
    raise(SIGTERM);
    fputs("not yet\n", stderr);
    stop_unmask();
    _exit(9);
}

static void
test_mask(void **unused)
{
    (void)unused;
    assert_int_equal(child_run(between, NULL), 128 + SIGTERM);
    assert_one_line(child_err, "not yet");
}

/* Descriptors that were closed get no file of ours, and fail as before. */
static void
without_descriptors(void *unused)
{
    char c;

    (void)unused;
    close(0);
    close(1);
    stop_init();
    if (open("/dev/null", O_RDONLY) < 3)
        _exit(9);
    if (read(0, &c, 1) != -1 || errno != EBADF)
        _exit(8);
    if (stdout_line("lost"))
        _exit(7);
    close_stdout();
}

static void
write_too_much(void *unused)
{
    struct rlimit most = { 1000, 1000 };
    struct outfile *f;
    char name[] = "/tmp/test_stop.XXXXXX";

    (void)unused;
    stop_init();
    close(mkstemp(name));
    f = outfile_open(name);
    unlink(name);
    setrlimit(RLIMIT_FSIZE, &most);
    fprintf(outfile_stream(f), "%2000d", 1);
    outfile_commit(f);
}

static void
test_errors(void **unused)
{
    (void)unused;
    assert_dies(without_descriptors, NULL, RC_DATA,
                "writing standard output: Bad file descriptor");
    assert_dies(write_too_much, NULL, RC_DATA, "File too large");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_held),
        cmocka_unit_test(test_mask),
        cmocka_unit_test(test_errors),
    };

    return cmocka_run_group_tests_name("stop", tests, NULL, NULL);
}
