/* test_safetensors.c - models there and back, damaged, and read by Python. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/die.h"
#include "base/file.h"
#include "stream/safetensors.h"
#include "unit/child.h"
#include "unit/folder.h"

static void
write_sample(const char *path)
{
    float w[6] = { 1, 2, 3, 4, 5, 6.5f };
    uint8_t u[3] = { 7, 8, 9 };
    double d[1] = { -0.125 };
    int64_t i[2] = { -1, INT64_C(1) << 40 };
    int32_t k = 5;
    struct tensor list[] = {
        { "layers.0.Uz", DT_F32, 2, { 2, 3 }, -1, sizeof w, w },
        { "u", DT_U8, 1, { 3 }, -1, sizeof u, u },
        { "none", DT_F32, 2, { 0, 4 }, -1, 0, NULL },
        { "d", DT_F64, 1, { 1 }, -1, sizeof d, d },
        { "i", DT_I64, 1, { 2 }, -1, sizeof i, i },
        { "k", DT_I32, 0, { 0 }, -1, sizeof k, &k },
    };
    json_t *meta = json_pack("{s:s, s:s}", "config", "{\"lr\":0.5}", "note",
                             "\xc3\xa9\n");

    st_write(path, meta, list, 6);
    json_decref(meta);
}

static void
test_round_trip(void **unused)
{
    struct safetensors st;
    const struct tensor *t;
    char *a, *b;
    size_t n, m;

    (void)unused;
    write_sample("a");
    write_sample("b");
    a = file_read("a", 1 << 20, &n);
    b = file_read("b", 1 << 20, &m);
    assert_int_equal(n, m);
    assert_memory_equal(a, b, n);
    assert_int_equal((unsigned char)a[0] % 8, 0);
    free(a);
    free(b);
    st_read("a", &st);
    assert_int_equal(st.n, 6);
    assert_string_equal(json_string_value(json_object_get(st.metadata,
                        "config")), "{\"lr\":0.5}");
    t = st_find(&st, "layers.0.Uz");
    assert_ptr_equal(t, &st.tensors[0]);
    assert_int_equal(t->shape[1], 3);
    assert_true(((float *)t->data)[5] == 6.5f);
    assert_true(((int64_t *)st_find(&st, "i")->data)[1] == INT64_C(1) << 40);
    assert_int_equal(st_find(&st, "none")->bytes, 0);
    assert_int_equal(st_find(&st, "k")->ndim, 0);
    assert_null(st_find(&st, "z"));
    st_release(&st);
}

static void
test_no_metadata(void **unused)
{
    struct safetensors st;

    (void)unused;
    st_write("m", NULL, NULL, 0);
    st_read("m", &st);
    assert_int_equal(st.n, 0);
    assert_int_equal(json_object_size(st.metadata), 0);
    st_release(&st);
}

static void
read_it(void *path)
{
    struct safetensors st;

    st_read(path, &st);
    st_release(&st);
}

static void
test_python(void **unused)
{
    struct safetensors st;

    (void)unused;
    if (system("python3 -c 'import safetensors, numpy' 2>/dev/null"))
        skip();
    assert_int_equal(system("python3 -c '\n"
        "from safetensors import safe_open\n"
        "from safetensors.numpy import save_file\n"
        "import numpy\n"
        "f = safe_open(\"a\", \"numpy\")\n"
        "assert f.metadata()[\"config\"] == \"{\\\"lr\\\":0.5}\"\n"
        "t = {k: f.get_tensor(k) for k in f.keys()}\n"
        "assert t[\"layers.0.Uz\"].tolist() == [[1, 2, 3], [4, 5, 6.5]]\n"
        "assert t[\"d\"][0] == -0.125 and t[\"i\"][1] == 2**40\n"
        "assert t[\"none\"].shape == (0, 4) and t[\"k\"] == 5\n"
        "save_file(t, \"p\", {\"config\": \"x\"})\n"
        "save_file(t, \"q\", f.metadata())\n'"), 0);
    st_read("p", &st);
    assert_int_equal(st.n, 6);
    assert_true(((double *)st_find(&st, "d")->data)[0] == -0.125);
    st_release(&st);
    assert_dies(read_it, "q", 1, "must drop crc32 from its metadata");
}

static void
write_bytes(const char *path, const void *data, size_t n)
{
    FILE *f = fopen(path, "w");

    assert_int_equal(fwrite(data, 1, n, f), n);
    fclose(f);
}

static void
test_damage(void **unused)
{
    size_t n;
    char *all = file_read("a", 1 << 20, &n);
    char *sum = memmem(all, n, "\"crc32\":\"", 9);

    (void)unused;
    for (size_t i = 0; i < n; i++) {
        int status;

        write_bytes("cut", all, i);
        assert_dies(read_it, "cut", 1, ": cut: ");
        all[i] ^= (char)(1 << i % 8);
        write_bytes("flip", all, n);
        all[i] ^= (char)(1 << i % 8);
        status = child_run(read_it, "flip");
        if (status == 0)         /* the sum's own name: nobody looks for it */
            assert_true(sum && all + i > sum && all + i < sum + 9);
        else
            assert_one_line(child_err, ": flip: ");
    }
    free(all);
}

/* A file with this header and three bytes of data. */
static void
refuse(const char *header, const char *says)
{
    char buf[1000] = { 0 };
    size_t n = strlen(header);

    buf[0] = (char)n;
    buf[1] = (char)(n >> 8);
    memcpy(buf + 8, header, n);
    memcpy(buf + 8 + n, "abc", 3);
    write_bytes("bad", buf, 8 + n + 3);
    assert_dies(read_it, "bad", 1, says);
}

#define T(shape, from, to) "{\"t\":{\"dtype\":\"U8\",\"shape\":" shape \
    ",\"data_offsets\":[" from "," to "]}}"

static void
test_lies(void **unused)
{
    (void)unused;
    refuse("[1]", "does not begin with '{'");
    refuse("{}", "bytes after the last tensor");
    refuse(T("[4]", "0", "4"), "cut short within tensor 't'");
    refuse(T("[2]", "0", "3"), "data_offsets do not match shape");
    refuse(T("[2]", "1", "3"), "leave a gap");
    refuse(T("[2]", "3", "1"), "leave a gap");
    refuse(T("[-2]", "0", "2"), "not whole numbers from 0");
    refuse(T("[2]", "-1", "1"), "not whole numbers from 0");
    refuse(T("[2]", "0.5", "2"), "not whole numbers from 0");
    refuse(T("[4503599627370496,8192]", "0", "3"), "do not match shape");
    refuse(T("[4503599627370496]", "0", "4503599627370496"), "cut short");
    refuse(T("3", "0", "3"), "'shape' is not a list");
    refuse("{\"t\":5}", "'shape' is not a list");
    refuse("{\"t\":{\"dtype\":\"F16\",\"shape\":[3],\"data_offsets\":[0,3]}}",
           "dtype 'F16' is none of");
    refuse("{\"t\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0]}}",
           "'data_offsets' is not a pair");
    refuse("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
           "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}",
           "gap or overlap");
    refuse("{\"__metadata__\":{\"a\":1}}", "'a' is not text");
    refuse("{\"__metadata__\":[]}", "__metadata__ is not an object");
    refuse("{\"\":{}}", "name is empty");
    write_bytes("bad", "\377\377\377\377\377\377\377\177{}", 10);
    assert_dies(read_it, "bad", 1, "its header has 9223372036854775807 bytes");
    write_bytes("bad", "\0\0\5\0\0\0\0\0{", 9);
    assert_dies(read_it, "bad", 1, "cut short within the header");
    assert_dies(read_it, ".", 1, ".: cannot read: Is a directory");
    assert_dies(read_it, "none", 1, "none: cannot open: No such file");
    assert_dies(read_it, "/dev/null", 1, "empty");
    assert_dies(read_it, "/dev/zero", 1, "its header has 0 bytes");
}

static void
write_it(void *path)
{
    write_sample(path);
}

static void
test_unwritable(void **unused)
{
    (void)unused;
    assert_dies(write_it, "/dev/full", 1, "/dev/full: cannot write: No space");
    assert_dies(write_it, "none/x", 1, "none/x: cannot write: No such file");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_no_metadata),
        cmocka_unit_test(test_python),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_lies),
        cmocka_unit_test(test_unwritable),
    };

    return cmocka_run_group_tests_name("safetensors", tests, enter_folder,
                                       leave_folder);
}
