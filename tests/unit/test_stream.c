/* test_stream.c - tensor streams: there and back, and every kind of damage. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <zlib.h>

#include <cmocka.h>

#include "base/die.h"
#include "base/file.h"
#include "base/stop.h"
#include "stream/record.h"
#include "stream/tstream.h"
#include "unit/child.h"
#include "unit/folder.h"

static void
write_sample(const char *path)
{
    json_t *header = json_pack("{s:i, s:s}", "count", 2, "task", "none");
    struct tsw *w = tsw_open(path, header);
    uint8_t bytes[6] = { 1, 2, '\n', 4, 255, '{' };
    double reals[2] = { 1.5, -2 };
    struct tensor a = { "input", DT_U8, 2, { 2, 3 }, 0, 6, bytes };
    struct tensor b = { "more", DT_F64, 1, { 2 }, -1, 16, reals };
    struct tensor c = { "none", DT_I32, 3, { 4, 0, 2 }, 1, 0, NULL };

    tsw_write(w, &a);
    tsw_write(w, &b);
    tsw_write(w, &c);
    tsw_close(w, 2);
    json_decref(header);
}

/* The next tensor with its bytes, which stay until the next one is read. */
static bool
next(struct tsr *r, struct tensor *t)
{
    static struct tsr_buffer buffer;
    bool more = tsr_next(r, t);

    if (more)
        tsr_bytes(r, t, &buffer);
    return more;
}

/* Read to the end; the number of tensors. */
static int
read_stream(const char *path)
{
    struct tsr *r = tsr_open(path);
    struct tensor t;
    int n = 0;

    while (next(r, &t))
        n++;
    if (next(r, &t))
        n = -1;
    tsr_close(r);
    return n;
}

static void
read_it(void *path)
{
    read_stream(path);
}

static void
write_bytes(const char *path, const void *data, size_t n)
{
    FILE *f = fopen(path, "w");

    assert_int_equal(fwrite(data, 1, n, f), n);
    fclose(f);
}

static void
test_round_trip(void **unused)
{
    static const char *const names[] = { "s", "s.gz" };

    (void)unused;
    for (int i = 0; i < 2; i++) {
        struct tsr *r;
        struct tensor t;

        write_sample(names[i]);
        r = tsr_open(names[i]);
        assert_false(tsr_is_lines(r));
        assert_int_equal(json_object_size(tsr_header(r)), 3);
        assert_true(next(r, &t));
        assert_string_equal(t.name, "input");
        assert_int_equal(t.dtype, DT_U8);
        assert_int_equal(t.shape[1], 3);
        assert_int_equal(t.index, 0);
        assert_memory_equal(t.data, "\1\2\n\4\377{", 6);
        assert_true(next(r, &t));
        assert_int_equal(t.index, -1);
        assert_true(((double *)t.data)[1] == -2);
        assert_true(next(r, &t));
        assert_int_equal(t.bytes, 0);
        assert_false(next(r, &t));
        assert_false(next(r, &t));
        tsr_close(r);
    }
    assert_int_equal(system("head -1 s | grep -q '^{\"unroll\":\"stream\",' "
                            "&& zcat s.gz | cmp - s && gzip -t s.gz"), 0);
}

static void
test_gzip_bytes(void **unused)
{
    char *a, *b;
    size_t n, m;

    (void)unused;
    write_sample("a.gz");
    write_sample("b.gz");
    a = file_read("a.gz", 1 << 20, &n);
    b = file_read("b.gz", 1 << 20, &m);
    assert_int_equal(n, m);
    assert_memory_equal(a, b, n);
    assert_memory_equal(a + 4, "\0\0\0\0", 4);     /* no time */
    free(a);
    free(b);
    assert_int_equal(system("head -c 200 s | gzip -c >m.gz;"
                            "tail -c +201 s | gzip -c >>m.gz"), 0);
    assert_int_equal(read_stream("m.gz"), 3);
}

static void
cut_everywhere(const char *path)
{
    size_t n;
    char *all = file_read(path, 1 << 20, &n);

    for (size_t i = 0; i < n; i++) {
        write_bytes("cut", all, i);
        assert_int_equal(child_run(read_it, "cut"), 1);
        assert_one_line(child_err, ": cut:");
    }
    free(all);
}

static void
test_cut(void **unused)
{
    (void)unused;
    cut_everywhere("s");
    cut_everywhere("s.gz");
}

/* Flip a bit of byte i; true if the reader did not mind. */
static bool
survives_flip(char *all, size_t n, size_t i)
{
    int status;

    all[i] ^= (char)(1 << i % 8);
    write_bytes("flip", all, n);
    all[i] ^= (char)(1 << i % 8);
    status = child_run(read_it, "flip");
    assert_in_range(status, 0, 1);
    if (status)
        assert_one_line(child_err, ": flip:");
    else
        assert_string_equal(child_err, "");
    return status == 0;
}

/* A flipped bit is noticed everywhere but in the words of a line of JSON,
 * where it is another word: the header's, a name, a number of a batch. */
static void
test_flipped(void **unused)
{
    size_t n, header, words = 0;
    char *all = file_read("s", 1 << 20, &n);

    (void)unused;
    header = strcspn(all, "\n");
    for (size_t i = 0; i < n; i++) {
        if (!survives_flip(all, n, i))
            continue;
        assert_true(isalnum((unsigned char)all[i]));
        words += i > header;
    }
    assert_in_range(words, 0, 20);
    free(all);
    all = file_read("s.gz", 1 << 20, &n);
    for (size_t i = 0; i < n; i++)     /* gzip's own header has spare bits */
        assert_true(!survives_flip(all, n, i) || i < 10);
    free(all);
}

static void
assert_refused(const char *text, size_t n, const char *says)
{
    write_bytes("bad", text, n);
    assert_dies(read_it, "bad", 1, says);
}

#define H "{\"unroll\":\"stream\",\"count\":1}\n"
#define END "{\"end\":true,\"records\":0,\"batches\":1}\n"
#define REC(shape, bytes) "{\"name\":\"x\",\"dtype\":\"u8\",\"shape\":" \
    shape ",\"index\":0,\"bytes\":" bytes ",\"crc32\":0}\n"

static void
test_lies(void **unused)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        { "", "bad: empty, where" },
        { "\n\n", "bad: empty, where" },
        { "PNG", "neither a tensor stream nor JSON lines" },
        { "{\"unroll\":\"weights\"}\n", "not a tensor stream" },
        { "{\"unroll\":\"stream\"", "bad:1: not JSON" },
        { H, "bad: record 1: cut short before the end record" },
        { H END END, "bad: bytes after the end record" },
        { H "[1]\n", "record 1: not a JSON object" },
        { H "{\"end\":true,\"records\":1,\"batches\":1}\n",
          "the end speaks of 1 records, but 0 came" },
        { H "{\"end\":true,\"records\":0,\"batches\":2}\n",
          "the end speaks of 2 batches, the header of 1" },
        { H "{\"end\":true,\"records\":0}\n", "'batches' is not a whole" },
        { H "{\"end\":1,\"records\":0,\"batches\":1}\n", "'end' is not true" },
        { H REC("[1152921504606846976]", "1152921504606846976"),
          "1152921504606846976 is beyond 2^53" },
        { H REC("[1152921504606847000]", "1152921504606847000"),
          "'bytes' is not a whole number in 0..68719476736" },
        { H REC("[4503599627370496]", "4503599627370496"),
          "'bytes' is not a whole number in 0..68719476736" },
        { H REC("[-1]", "1"), "'shape' holds something else than sizes" },
        { H REC("[2]", "-2"), "'bytes' is not a whole number in 0.." },
        { H REC("[2]", "3"), "'bytes' does not match shape" },
        { H REC("[2.5]", "2"), "'shape' holds something else" },
        { H REC("[1,1,1,1,1,1,1,1,1]", "1"), "'shape' is not a list of up to" },
        { H REC("[4503599627370496,4503599627370496]", "0"), "match" },
        { H REC("[68719476736]", "68719476736") "abc", "cut short within" },
        { H REC("[3]", "3") "abcd", "no end of line after 'x'" },
        { H REC("[3]", "3") "abc\n", "'x' is damaged: its crc32 differs" },
        { H REC("[0]", "0") "\n", "cut short before the end record" },
        { H "{\"name\":\"x\",\"dtype\":\"f16\",\"shape\":[],\"bytes\":2,"
          "\"crc32\":0}\n", "unknown dtype 'f16'" },
        { H "{\"name\":\"\",\"dtype\":\"u8\",\"shape\":[],\"bytes\":1,"
          "\"crc32\":0}\n", "'name' is empty or too long: 1 to 127 letters" },
        { H "{\"name\":5}\n", "'name' is missing or no text" },
        { H "{\"nam\":\"x\"}\n", "unknown key 'nam'" },
    };
    size_t n = sizeof H - 1 + 100000;
    char *deep = xcalloc(n, 1);

    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_refused(bad[i].text, strlen(bad[i].text), bad[i].says);
    memcpy(deep, H, sizeof H - 1);
    memset(deep + sizeof H - 1, '[', 100000);
    assert_refused(deep, n, "cut short");
    deep[n - 1] = '\n';
    assert_refused(deep, n, "nested deeper than 2048 levels");
    free(deep);
    assert_dies(read_it, ".", 1, ".: cannot read: Is a directory");
    assert_dies(read_it, "none", 1, "none: cannot open: No such file");
    assert_dies(read_it, "/dev/null", 1, "/dev/null: empty");
    assert_dies(read_it, "/dev/zero", 1, "neither a tensor stream");
}

/* A tensor's line may be written in any way that JSON allows; what it says is
 * the same. */
static void
test_spellings(void **unused)
{
    static const char *const lines[] = {
        "{\"name\":\"x\",\"dtype\":\"u8\",\"shape\":[3],\"index\":7,"
            "\"bytes\":3,\"crc32\":891568578}",
        "{\"name\": \"x\", \"dtype\": \"u8\", \"shape\": [3], \"index\": 7, "
            "\"bytes\": 3, \"crc32\": 891568578}",
        " { \"crc32\" : 891568578 , \"bytes\" :\t3,\"index\":7,"
            "\"shape\" : [ 3 ] , \"dtype\": \"\\u0075\\u0038\", "
            "\"name\":\"\\u0078\" } ",
    };
    static const char end[] = "\n{\"end\":true,\"records\":1,\"batches\":1}\n";

    (void)unused;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        FILE *f = fopen("spelt", "w");
        struct tsr *r;
        struct tensor t;

        fprintf(f, H "%s\nabc%s", lines[i], end);
        fclose(f);
        r = tsr_open("spelt");
        assert_true(next(r, &t));
        assert_string_equal(t.name, "x");
        assert_int_equal(t.dtype, DT_U8);
        assert_int_equal(t.ndim, 1);
        assert_int_equal(t.shape[0], 3);
        assert_int_equal(t.index, 7);
        assert_memory_equal(t.data, "abc", 3);
        assert_false(next(r, &t));
        tsr_close(r);
    }
}

/* record.c knows the plain form alone; what it takes, and what it leaves. */
static void
test_plain_records(void **unused)
{
#define LINE(name, dtype, shape, rest) "{\"name\":" name ",\"dtype\":" dtype \
    ",\"shape\":" shape rest "}"
#define REST ",\"bytes\":6,\"crc32\":9"
    static const struct {
        const char *line;
        bool plain;
    } some[] = {
        { LINE("\"a\"", "\"u8\"", "[2,3]", REST), true },
        { LINE("\"a\"", "\"u8\"", "[2, 3]", REST ",\"index\":0"), true },
        { LINE("\"a\"", "\"f64\"", "[0]", ",\"bytes\":0,\"crc32\":0"),
          true },
        { LINE("\"a\"", "\"u8\"", "[]", ",\"bytes\":1,\"crc32\":0"), true },
        { LINE("\"a\"", "\"u8\"", "[2,3]", ",\"bytes\":7,\"crc32\":9"),
          false },
        { LINE("\"a\"", "\"u8\"", "[2,3]", ",\"bytes\":6"), false },
        { LINE("\"a\"", "\"u8\"", "[2,3]", REST ",\"crc32\":9"), false },
        { LINE("\"a\"", "\"u8\"", "[2,3]", REST ",\"more\":9"), false },
        { LINE("\"a\"", "\"u8\"", "[2,3]", ",\"bytes\":06,\"crc32\":9"),
          false },
        { LINE("\"a\"", "\"u8\"", "[2,3]", ",\"bytes\":6,\"crc32\":"
               "4294967296"), false },
        { LINE("\"a\"", "\"u8\"", "[2,3]", ",\"bytes\":6.0,\"crc32\":9"),
          false },
        { LINE("\"a\"", "\"u8\"", "[2,-3]", REST), false },
        { LINE("\"a\"", "\"u8\"", "[2,3,]", REST), false },
        { LINE("\"\"", "\"u8\"", "[2,3]", REST), false },
        { LINE("\"\\n\"", "\"u8\"", "[2,3]", REST), false },
        { LINE("a", "\"u8\"", "[2,3]", REST), false },
        { LINE("\"a\"", "\"u16\"", "[2,3]", REST), false },
        { LINE("\"a\"", "\"u8\"", "[2,3]", REST) "x", false },
        { LINE("\"a\"", "\"u8\"", "[4294967296,4294967296,0,6]", REST),
          false },
        { LINE("\"a\"", "\"u8\"", "[1,1,1,1,1,1,1,6]", REST), true },
        { LINE("\"a\"", "\"u8\"", "[1,1,1,1,1,1,1,1,6]", REST), false },
        { "{\"end\":true,\"records\":1,\"batches\":1}", false },
        { "{}", false }, { "", false }, { "{\"name\":\"a", false },
    };
    struct tensor t;
    uint32_t crc;

    (void)unused;
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
        const char *l = some[i].line;

        if (record_read(l, strlen(l), &t, &crc) != some[i].plain)
            fail_msg("%s", l);
    }
    assert_true(record_read(some[0].line, strlen(some[0].line), &t, &crc));
    assert_int_equal(t.shape[1], 3);
    assert_int_equal(t.index, -1);
    assert_int_equal(crc, 9);
    assert_false(record_read(some[0].line, strlen(some[0].line) + 1, &t,
                             &crc));      /* a 0 within the line */
}

/* ---- pipes ------------------------------------------------------------- */

static void
write_forever(void *path)
{
    json_t *header = json_object();
    struct tsw *w = tsw_open(path, header);
    uint8_t bytes[1000] = { 0 };
    struct tensor a = { "input", DT_U8, 1, { 1000 }, 0, 1000, bytes };

    for (int i = 0; i < 1000000 && !tsw_gone(w); i++) {
        tsw_write(w, &a);
        tsw_flush(w);
    }
    tsw_close(w, 0);
    close_stdout();
    leave(0);
}

static void
into_closed_pipe(void *unused)
{
    int fd[2];

    (void)unused;
    if (pipe(fd) || dup2(fd[1], STDOUT_FILENO) < 0)
        _exit(77);
    close(fd[0]);
    close(fd[1]);
    write_forever("-");
}

static void
test_closed_pipe(void **unused)
{
    (void)unused;
    assert_int_equal(child_run(into_closed_pipe, NULL), 0);
    assert_string_equal(child_err, "");
    assert_dies(write_forever, "/dev/full", 1, "/dev/full: cannot write: No s");
    assert_dies(write_forever, "none/x.gz", 1, "none/x.gz: cannot write: No s");
}

/* A batch can be read as soon as it is flushed, before the next is made. */
static void
test_flush(void **unused)
{
    int fd[2], back[2];
    char c = 0;
    pid_t pid;
    struct tsr *r;
    struct tensor t;

    (void)unused;
    assert_int_equal(pipe(fd) | pipe(back), 0);
    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        json_t *header = json_object();
        struct tensor a = { "a", DT_U8, 1, { 1 }, 0, 1, &c };
        struct tsw *w;

        dup2(fd[1], STDOUT_FILENO);
        close(fd[0]);
        close(fd[1]);
        w = tsw_open("-", header);
        for (int i = 0; i < 3; i++) {
            tsw_write(w, &a);
            tsw_flush(w);
            if (read(back[0], &c, 1) != 1)     /* wait until it was read */
                _exit(1);
        }
        tsw_close(w, 3);
        _exit(0);
    }
    close(fd[1]);
    r = tsr_open_fd(fd[0], "pipe");
    for (int i = 0; i < 3; i++) {
        assert_true(next(r, &t));
        assert_int_equal(write(back[1], &c, 1), 1);
    }
    assert_false(next(r, &t));
    tsr_close(r);
    waitpid(pid, NULL, 0);
    close(back[0]);
    close(back[1]);
}

/* A stop asked for while the input is cut: no complaint. */
static void
stop_in_read(void *unused)
{
    int fd[2];
    struct tsr *r;
    struct tensor t;
    size_t n;
    char *all = file_read("s", 1 << 20, &n);

    (void)unused;
    stop_init();
    stop_hold();
    if (pipe(fd) || write(fd[1], all, n - 20) < 0)
        _exit(77);
    r = tsr_open_fd(fd[0], "pipe");
    for (int i = 0; i < 3; i++)
        if (!next(r, &t))
            _exit(78);
    alarm(5);                 /* if all fails */
    if (fork() == 0) {
        nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
        kill(getppid(), SIGTERM);
        _exit(0);
    }
    next(r, &t);
    _exit(79);
}

static void
test_stop(void **unused)
{
    (void)unused;
    assert_int_equal(child_run(stop_in_read, NULL), 128 + SIGTERM);
    assert_string_equal(child_err, "");
}

static void
test_lines(void **unused)
{
    static const char text[] = "\n{\"a\":1}\n \n{\"b\":[1,2]}\n{\"c\":3}";
    struct tsr *r;
    const char *v;
    size_t n;
    long line;
    char hex[65];

    (void)unused;
    write_bytes("lines", text, strlen(text));
    r = tsr_open("lines");
    assert_true(tsr_is_lines(r));
    for (long want = 2; want <= 5; want += want == 2 ? 2 : 1) {
        v = tsr_line(r, &n, &line);
        assert_non_null(v);
        assert_int_equal(line, want);
        assert_int_equal(n, want == 4 ? 11 : 7);
        assert_int_equal(strlen(v), n);
    }
    assert_null(tsr_line(r, &n, &line));
    assert_null(tsr_line(r, &n, &line));
    tsr_lines_sha256(r, hex);
    assert_int_equal(strlen(hex), 64);
    tsr_close(r);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_gzip_bytes),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_flipped),
        cmocka_unit_test(test_lies),
        cmocka_unit_test(test_spellings),
        cmocka_unit_test(test_plain_records),
        cmocka_unit_test(test_closed_pipe),
        cmocka_unit_test(test_flush),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_lines),
    };

    return cmocka_run_group_tests_name("stream", tests, enter_folder,
                                       leave_folder);
}
