/* test_file.c - files written whole or not at all. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/die.h"
#include "base/file.h"
#include "base/stop.h"
#include "unit/child.h"
#include "unit/folder.h"

static int
count_files(void)
{
    DIR *d = opendir(".");
    int n = 0;

    while (readdir(d))
        n++;
    closedir(d);
    return n - 2;
}

static void
put_text(const char *path, const char *text)
{
    struct outfile *f = outfile_open(path);

    fputs(text, outfile_stream(f));
    outfile_commit(f);
}

static void
assert_holds(const char *path, const char *text)
{
    size_t n;
    char *got = file_read(path, 1 << 20, &n);

    assert_string_equal(got, text);
    assert_int_equal(n, strlen(text));
    free(got);
}

static void
test_commit(void **unused)
{
    struct outfile *f;
    struct stat st;

    (void)unused;
    put_text("a", "one");
    f = outfile_open("a");
    fputs("two", outfile_stream(f));
    fflush(outfile_stream(f));
    assert_holds("a", "one");
    assert_int_equal(count_files(), 2);
    outfile_commit(f);
    assert_holds("a", "two");
    f = outfile_open("a");
    fputs("three", outfile_stream(f));
    outfile_discard(f);
    assert_holds("a", "two");
    assert_int_equal(symlink("a", "link"), 0);
    put_text("link", "four");
    assert_holds("a", "four");
    assert_int_equal(lstat("link", &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(count_files(), 2);
    unlink("a");
    unlink("link");
}

static void
die_half_way(void *unused)
{
    struct outfile *f = outfile_open("b");

    (void)unused;
    fputs("half", outfile_stream(f));
    die(RC_DATA, "enough");
}

static void
stop_half_way(void *unused)
{
    struct outfile *f = outfile_open("b");

    (void)unused;
    stop_init();
    fputs("half", outfile_stream(f));
    fflush(outfile_stream(f));
    raise(SIGTERM);
}

static void
test_no_half_files(void **unused)
{
    (void)unused;
    assert_dies(die_half_way, NULL, 1, "enough");
    assert_int_equal(count_files(), 0);
    assert_int_equal(child_run(stop_half_way, NULL), 128 + SIGTERM);
    assert_string_equal(child_err, "");
    assert_int_equal(count_files(), 0);
}

static void
put_there(void *path)
{
    put_text(path, "text");
}

static void
put_much(void *path)
{
    struct outfile *f = outfile_open(path);

    for (int i = 0; i < 1000000; i++)
        fputs("much text", outfile_stream(f));
    outfile_commit(f);
}

static void
put_on_full_disk(void *unused)
{
    (void)unused;
    if (!freopen("/dev/full", "w", stdout))
        _exit(77);
    put_text("-", "text");
}

static void
test_unwritable(void **unused)
{
    (void)unused;
    assert_dies(put_there, "none/x", 1, "none/x: cannot write: No such file");
    assert_dies(put_there, "", 1, "empty");
    assert_dies(put_there, ".", 1, ".: cannot write: Is a directory");
    assert_dies(put_there, "/dev/full", 1, "/dev/full: cannot write: No space");
    assert_dies(put_much, "/dev/full", 1, "/dev/full: cannot write: No space");
    assert_dies(put_on_full_disk, NULL, 1, "<stdout>: cannot write: No space");
    if (geteuid() != 0) {
        mkdir("shut", 0555);
        assert_dies(put_there, "shut/x", 1, "Permission denied");
        rmdir("shut");
    }
    put_text("/dev/null", "text");
    assert_int_equal(count_files(), 0);
}

static void
put_into_closed_pipe(void *path)
{
    int fd[2];

    if (pipe(fd) || dup2(fd[1], STDOUT_FILENO) < 0)
        _exit(77);
    close(fd[0]);
    close(fd[1]);
    put_much(path);
    leave(0);
}

static void
print_into_closed_pipe(void *unused)
{
    int fd[2];

    (void)unused;
    if (pipe(fd) || dup2(fd[1], STDOUT_FILENO) < 0)
        _exit(77);
    close(fd[0]);
    close(fd[1]);
    for (int i = 0; i < 100000; i++)
        puts("much text");
    close_stdout();
    _exit(0);
}

static void
test_closed_pipe(void **unused)
{
    (void)unused;
    assert_int_equal(child_run(put_into_closed_pipe, "-"), 0);
    assert_string_equal(child_err, "");
    assert_int_equal(child_run(put_into_closed_pipe, "/dev/stdout"), 0);
    assert_string_equal(child_err, "");
    assert_int_equal(child_run(print_into_closed_pipe, NULL), 0);
    assert_string_equal(child_err, "");
}

static void
read_little(void *path)
{
    size_t n;

    file_read(path, 3, &n);
}

static void
test_read(void **unused)
{
    (void)unused;
    put_text("c", "12345");
    assert_dies(read_little, "c", 1, "c: longer than the 3 bytes");
    assert_dies(read_little, "/dev/zero", 1, "longer than");
    assert_dies(read_little, "none", 1, "none: cannot open: No such file");
    assert_dies(read_little, ".", 1, ".: cannot read: Is a directory");
    unlink("c");
}

static void
make_them(void *path)
{
    make_folders(path);
}

static void
test_folders(void **unused)
{
    struct stat st;

    (void)unused;
    make_folders("p/q//r/");
    make_folders("p/q/r");
    assert_int_equal(stat("p/q/r", &st), 0);
    put_text("p/file", "");
    assert_dies(make_them, "p/file/x", 1, "p/file/x: cannot make the folder");
    assert_dies(make_them, "p/file", 1, "in the way");
    assert_int_equal(system("rm -r p"), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commit),
        cmocka_unit_test(test_no_half_files),
        cmocka_unit_test(test_unwritable),
        cmocka_unit_test(test_closed_pipe),
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_folders),
    };

    return cmocka_run_group_tests_name("file", tests, enter_folder,
                                       leave_folder);
}
