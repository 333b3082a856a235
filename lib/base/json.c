/* json.c - canonical JSON text, ids, and dotted paths. */
#include "base/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/hash.h"

enum { WIDTH = 79 };

/* Text being written. */
struct text {
    char *s;
    size_t n, cap;
    size_t line;     /* where the line being written starts */
    bool sort;
};

static void
put(struct text *t, const char *s, size_t n)
{
    if (t->n + n + 1 > t->cap) {
        t->cap = (t->n + n + 1) * 2;
        t->s = xrealloc(t->s, t->cap, 1);
    }
    memcpy(t->s + t->n, s, n);
    t->n += n;
    t->s[t->n] = 0;
}

static void
puts_to(struct text *t, const char *s)
{
    put(t, s, strlen(s));
}

static void
new_line(struct text *t, int depth)
{
    puts_to(t, "\n");
    t->line = t->n;
    for (int i = 0; i < depth; i++)
        puts_to(t, "  ");
}

/* The next decimal number of the same length; true unless a digit carried
 * out (d.ddde-05 and not 9.99e-05). */
static bool
next_up(char *buf)
{
    char *s = strchr(buf, 'e') - 1;

    for (; s >= buf; s--) {
        if (*s == '.')
            continue;
        if (*s != '9') {
            ++*s;
            return true;
        }
        *s = '0';
    }
    return false;
}

/* p + 1 digits of x; do they read back? */
static bool
reads_back(char *buf, size_t size, int p, double x)
{
    snprintf(buf, size, "%.*e", p, x);
    return strtod(buf, NULL) == x;
}

/* The least p, x no power of two: there one digit more is no worse. */
static void
search_digits(char *buf, size_t size, double x)
{
    int bad = -1, good = 16;

    if (reads_back(buf, size, 3, x)) {
        for (int p = 0; !reads_back(buf, size, p, x); p++)
            ;
        return;
    }
    bad = 3;
    while (good - bad > 1) {
        int p = good == 16 ? 15 : good == 15 ? 14 : (good + bad) / 2;

        if (reads_back(buf, size, p, x))
            good = p;
        else
            bad = p;
    }
    snprintf(buf, size, "%.*e", good, x);
}

/* Fewest digits that read back to x > 0; x = 0.DIGITS * 10^*point.  Below a
 * power of two the doubles are closer than above it: there a number on the
 * far side may read back where the nearest of its length does not. */
static int
shortest_digits(double x, char *digits, int *point)
{
    char buf[40];
    int n = 0, exponent;

    if (frexp(x, &exponent) != 0.5)
        search_digits(buf, sizeof buf, x);
    else
        for (int p = 0; p < 17; p++)
            if (reads_back(buf, sizeof buf, p, x) ||
                (next_up(buf) && strtod(buf, NULL) == x))
                break;
    for (const char *s = buf; *s != 'e'; s++)
        if (*s >= '0' && *s <= '9')
            digits[n++] = *s;
    *point = atoi(strchr(buf, 'e') + 1) + 1;
    while (n > 1 && digits[n - 1] == '0')
        n--;
    return n;
}

/* jq 1.6's form: an exponent when the point stands four or more places left
 * of the digits, or more than 15 to their right. */
void
json_format_number(double x, char *buf)
{
    char d[24];
    int point, n;

    if (x == 0.0 || !isfinite(x)) {
        strcpy(buf, x == 0.0 ? "0" : "null");
        return;
    }
    if (x < 0.0)
        *buf++ = '-';
    n = shortest_digits(fabs(x), d, &point);
    if (point <= -4 || point > n + 15) {
        *buf++ = d[0];
        if (n > 1)
            *buf++ = '.';
        memcpy(buf, d + 1, (size_t)n - 1);
        sprintf(buf + n - 1, "e%+.2d", point - 1);
        return;
    }
    if (point <= 0) {
        memcpy(buf, "0.", 2);
        memset(buf + 2, '0', (size_t)-point);
        memcpy(buf + 2 - point, d, (size_t)n);
        buf[2 - point + n] = 0;
        return;
    }
    for (int i = 0; i < point || i < n; i++) {
        if (i == point)
            *buf++ = '.';
        *buf++ = i < n ? d[i] : '0';
    }
    *buf = 0;
}

static void
put_number(struct text *t, const json_t *v)
{
    char buf[40];

    if (json_is_integer(v)) {
        snprintf(buf, sizeof buf, "%" PRId64, (int64_t)json_integer_value(v));
    } else {
        double x = json_real_value(v);

        if (!isfinite(x))
            die(RC_DATA, "a number that is not finite cannot be written "
                "as JSON");
        json_format_number(x, buf);
    }
    puts_to(t, buf);
}

static void
put_string(struct text *t, const char *s, size_t n)
{
    puts_to(t, "\"");
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        const char *found = strchr("\"\\\b\t\r\n\f", c);
        char esc[8];

        if (c && found) {
            esc[0] = '\\';
            esc[1] = "\"\\btrnf"[found - strchr("\"\\\b\t\r\n\f", '"')];
            put(t, esc, 2);
        } else if (c < 0x20 || c == 0x7f) {
            snprintf(esc, sizeof esc, "\\u%04x", c);
            puts_to(t, esc);
        } else {
            put(t, s + i, 1);
        }
    }
    puts_to(t, "\"");
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The object's keys in the order of writing; the caller frees the list. */
static const char **
key_list(const json_t *v, bool sort)
{
    size_t n = json_object_size(v), i = 0;
    const char **keys = xcalloc(n, sizeof *keys), *k;
    json_t *x;

    json_object_foreach((json_t *)v, k, x)
        keys[i++] = k;
    if (sort)
        qsort(keys, n, sizeof *keys, by_name);
    return keys;
}

static bool
is_scalar(const json_t *v)
{
    return !json_is_object(v) && !json_is_array(v);
}

static void put_value(struct text *t, const json_t *v, int depth);

static void
put_object(struct text *t, const json_t *v, int depth)
{
    size_t n = json_object_size(v);
    const char **keys = key_list(v, t->sort);

    puts_to(t, "{");
    for (size_t i = 0; i < n; i++) {
        if (i)
            puts_to(t, ",");
        if (depth >= 0)
            new_line(t, depth + 1);
        put_string(t, keys[i], strlen(keys[i]));
        puts_to(t, depth >= 0 ? ": " : ":");
        put_value(t, json_object_get(v, keys[i]), depth < 0 ? -1 : depth + 1);
    }
    if (n && depth >= 0)
        new_line(t, depth);
    puts_to(t, "}");
    free(keys);
}

/* Curves are long: plain items fill lines, only nested ones get their own. */
static void
put_array(struct text *t, const json_t *v, int depth)
{
    size_t n = json_array_size(v);
    bool plain = true;

    for (size_t i = 0; i < n; i++)
        plain = plain && is_scalar(json_array_get(v, i));
    puts_to(t, "[");
    for (size_t i = 0; i < n; i++) {
        size_t before = t->n;

        if (depth < 0 && i) {
            puts_to(t, ",");
        } else if (depth >= 0 && plain && i) {
            puts_to(t, ", ");
        } else if (depth >= 0 && !plain) {
            if (i)
                puts_to(t, ",");
            new_line(t, depth + 1);
        }
        put_value(t, json_array_get(v, i), depth < 0 ? -1 : depth + 1);
        if (depth >= 0 && plain && i && t->n - t->line >= WIDTH - 1) {
            char *item = xstrdup(t->s + before + 2);

            t->n = before + 1;
            new_line(t, depth + 1);
            puts_to(t, item);
            free(item);
        }
    }
    if (n && depth >= 0 && !plain)
        new_line(t, depth);
    puts_to(t, "]");
}

/* depth < 0: all on one line. */
static void
put_value(struct text *t, const json_t *v, int depth)
{
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        put_object(t, v, depth);
        break;
    case JSON_ARRAY:
        put_array(t, v, depth);
        break;
    case JSON_STRING:
        put_string(t, json_string_value(v), json_string_length(v));
        break;
    case JSON_INTEGER:
    case JSON_REAL:
        put_number(t, v);
        break;
    case JSON_TRUE:
        puts_to(t, "true");
        break;
    case JSON_FALSE:
        puts_to(t, "false");
        break;
    case JSON_NULL:
        puts_to(t, "null");
        break;
    }
}

char *
json_text(const json_t *v, bool sort)
{
    struct text t = { .sort = sort };

    put_value(&t, v, -1);
    return t.s;
}

char *
json_pretty(const json_t *v)
{
    struct text t = { .sort = false };

    put_value(&t, v, 0);
    return t.s;
}

json_t *
json_words(const char *s)
{
    json_t *v = json_string(s);
    char *copy;

    if (v)
        return v;
    copy = xstrdup(s);
    for (char *c = copy; *c; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    v = json_string(copy);
    free(copy);
    return v;
}

json_t *
json_number(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}

void
json_id(const json_t *v, char hex[65])
{
    json_t *copy = json_copy((json_t *)v);    /* shallow: values are shared */
    char *text;

    json_object_del(copy, "id");
    text = json_text(copy, true);
    sha256_hex(text, strlen(text), hex);
    free(text);
    json_decref(copy);
}

json_t *
json_at(const json_t *v, const char *path)
{
    while (v) {
        size_t n = strcspn(path, ".");

        v = json_object_getn(v, path, n);
        if (!path[n])
            break;
        path += n + 1;
    }
    return (json_t *)v;
}

void
json_set_at(json_t *v, const char *path, json_t *x)
{
    size_t n;

    while (path[n = strcspn(path, ".")]) {
        json_t *next = json_object_getn(v, path, n);

        if (!json_is_object(next)) {
            next = json_object();
            json_object_setn_new(v, path, n, next);
        }
        v = next;
        path += n + 1;
    }
    json_object_set_new(v, path, x);
}

bool
json_whole(const json_t *v, int64_t *x)
{
    double d = json_number_value(v);

    if (!json_is_number(v) || d != floor(d) || fabs(d) >= 0x1p+53)
        return false;
    *x = (int64_t)d;
    return true;
}
