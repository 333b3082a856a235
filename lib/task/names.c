/* names.c - how a task's classes are written. */
#include <string.h>

#include "task/names.h"

void
name_symbol(int i, int n, char name[12])
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz";

    if (n <= 62)
        snprintf(name, 12, "%c", digits[i]);
    else
        snprintf(name, 12, "%d", i);
}

json_t *
names_recall(int n)
{
    json_t *v = json_array();
    char name[12];

    for (int i = 0; i < n; i++) {
        name_symbol(i, n, name);
        json_array_append_new(v, json_string(name));
    }
    json_array_append_new(v, json_string("."));
    json_array_append_new(v, json_string(":"));
    return v;
}

json_t *
name_bytes(const unsigned char *byte, size_t n)
{
    char text[256];
    size_t k = 0;

    for (size_t i = 0; i < n && k + 2 < sizeof text; i++) {
        unsigned c = byte[i] ? byte[i] : 0x100;

        if (c >= 128)
            text[k++] = (char)(0xc0 | c >> 6);
        text[k++] = (char)(c >= 128 ? 0x80 | (c & 0x3f) : c);
    }
    return json_stringn(text, k);
}

/* One name, each of its characters a byte again. */
static void
put_name(FILE *out, const json_t *names, int class)
{
    const json_t *v = json_array_get(names, (size_t)class);
    const unsigned char *p = (const unsigned char *)json_string_value(v);

    if (!p)
        putc(class, out);
    for (; p && *p; p++)
        if (*p >= 0xc0 && p[1]) {
            putc(((*p & 0x1f) << 6 | (p[1] & 0x3f)) & 0xff, out);
            p++;
        } else {
            putc(*p, out);
        }
}

/* Names of several characters need blanks between them. */
static bool
long_names(const json_t *names)
{
    size_t i;
    json_t *v;

    json_array_foreach(names, i, v) {
        const char *p = json_string_value(v);

        if ((p[0] & 0x80) == 0 && strlen(p) > 1)
            return true;
    }
    return false;
}

static void
put_row(FILE *out, const json_t *names, const int32_t *class, int n,
        const uint8_t *scored, bool apart)
{
    for (int t = 0; t < n; t++) {
        if (t && apart)
            putc(' ', out);
        if (scored && !scored[t])
            putc('-', out);
        else
            put_name(out, names, class[t]);
    }
}

void
names_print(FILE *out, const struct stream_info *info, const json_t *names,
            bool language, const struct batch *b)
{
    bool apart = long_names(names);
    int rows = language && info->continues ? 1 : b->rows;

    for (int i = 0; i < rows; i++) {
        size_t at = (size_t)i * (size_t)b->steps;

        put_row(out, names, b->tokens + at, b->length[i], NULL,
                apart && !language);
        if (language && !info->continues)
            putc('\n', out);
        if (language)
            continue;
        putc('\t', out);
        put_row(out, names, b->classes + at, b->length[i], b->scored + at,
                apart);
        putc('\n', out);
    }
}
