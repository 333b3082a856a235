#include "stream/line.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

#define EXACT 9007199254740992.0      /* 2^53 */

enum { CERTAIN = 15, LONGEST = 300 };   /* digits: exact; within a double */

static const char *
blank(const char *p)
{
    while (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')
        p++;
    return p;
}

static const char *
digits(const char *p)
{
    while (*p >= '0' && *p <= '9')
        p++;
    return p;
}

/* A whole number that a double does not hold exactly is passed if it is
 * written as that double would be. */
static bool
is_exact(const char *p, const char *end)
{
    char text[LONGEST + 2], canonical[40];
    size_t n = (size_t)(end - p);
    double x;

    if (n <= CERTAIN)
        return true;
    if (n > LONGEST)
        return false;
    memcpy(text, p, n);
    text[n] = 0;
    x = strtod(text, NULL);
    if (fabs(x) < EXACT)
        return true;
    json_format_number(x, canonical);
    return strcmp(text, canonical) == 0;
}

/* Past a number, or NULL. */
static const char *
pass_number(const char *start)
{
    const char *p = start + (*start == '-'), *whole = digits(p), *end = whole;
    bool large = false;

    if (whole == p || (*p == '0' && whole > p + 1))
        return NULL;
    if (*end == '.') {
        end = digits(whole + 1);
        if (end == whole + 1)
            return NULL;
    }
    if (*end == 'e' || *end == 'E') {
        const char *e = end + 1 + (end[1] == '+' || end[1] == '-');

        end = digits(e);
        large = true;
        if (end == e)
            return NULL;
    }
    if (end == whole)
        return is_exact(start, end) ? end : NULL;
    if ((large || end - start > LONGEST) &&
            (!isfinite(strtod(start, NULL)) ||
             json_vanishes(start, (size_t)(end - start))))
        return NULL;
    return end;
}

/* Past a text, or NULL; what is within does not matter, since it will be
 * refused. */
static const char *
pass_text(const char *p)
{
    for (p++; *p && *p != '"'; p++)
        if (*p == '\\' && !*++p)
            return NULL;
    return *p ? p + 1 : NULL;
}

static const char *
pass_scalar(const char *p)
{
    static const char *const words[] = { "null", "true", "false" };

    if (*p == '"')
        return pass_text(p);
    for (int i = 0; i < 3; i++)
        if (!strncmp(p, words[i], strlen(words[i])))
            return p + strlen(words[i]);
    return pass_number(p);
}

/* Past a value, lists within lists included, or NULL. */
static const char *
pass_value(const char *p)
{
    for (size_t depth = 0;;) {
        p = blank(p);
        if (*p == '[') {
            depth++;
            p = blank(p + 1);
            if (*p != ']')
                continue;
        } else if (!(p = pass_scalar(p))) {
            return NULL;
        }
        for (;; p++) {           /* a value has ended, or a list is empty */
            if (!depth)
                return p;
            p = blank(p);
            if (*p == ',')
                break;
            if (*p != ']')
                return NULL;
            depth--;
        }
        p++;
    }
}

/* Past an object, which jansson reads and nobody keeps, or NULL. */
static const char *
pass_object(const char *p, size_t n)
{
    json_error_t e;
    json_t *v = json_loadb(p, n, JSON_REJECT_DUPLICATES |
                           JSON_DISABLE_EOF_CHECK, &e);
    const char *end = json_is_object(v) ? p + e.position : NULL;

    json_decref(v);
    return end;
}

static const char **
slot(struct line *l, const char *p)
{
    if (!strncmp(p, "\"input\"", 7))
        return &l->input;
    if (!strncmp(p, "\"target\"", 8))
        return &l->target;
    if (!strncmp(p, "\"about\"", 7))
        return &l->about;
    return strncmp(p, "\"scored\"", 8) ? NULL : &l->scored;
}

bool
line_check(const char *text, size_t n, struct line *l)
{
    const char *p = blank(text);

    *l = (struct line){ NULL, NULL, NULL, NULL };
    if (*p++ != '{')
        return false;
    do {
        const char **v = slot(l, p = blank(p));

        if (!v || *v)
            return false;
        p = blank(pass_text(p));
        if (*p++ != ':')
            return false;
        *v = blank(p);
        p = v == &l->about ? pass_object(*v, (size_t)(text + n - *v)) :
            pass_value(p);
        if (!p)
            return false;
        p = blank(p);
    } while (*p++ == ',');
    /* a header, too, may have no key but `about` */
    return p[-1] == '}' && blank(p) == text + n && (l->input || !l->about);
}

bool
value_is_list(const char *v)
{
    return *v == '[';
}

bool
value_is_number(const char *v)
{
    return *v == '-' || (*v >= '0' && *v <= '9');
}

bool
value_is_null(const char *v)
{
    return *v == 'n';
}

double
value_number(const char *v)
{
    double x = 0;

    if (!value_is_number(v))
        return 0;
    /* Most are small and whole. */
    for (int i = 0; i < CERTAIN; i++, v++) {
        if (*v < '0' || *v > '9') {
            if (i && *v != '.' && *v != 'e' && *v != 'E')
                return x;
            return strtod(v - i, NULL);
        }
        x = 10 * x + (*v - '0');
    }
    return strtod(v - CERTAIN, NULL);
}

bool
value_whole(const char *v, int64_t *x)
{
    double d = value_number(v);

    if (!value_is_number(v) || d != floor(d) || fabs(d) >= EXACT)
        return false;
    *x = (int64_t)d;
    return true;
}

const char *
value_first(const char *v)
{
    if (*v != '[')
        return NULL;
    v = blank(v + 1);
    return *v == ']' ? NULL : v;
}

const char *
value_next(const char *p)
{
    size_t depth = 0;

    do {
        if (*p == '"') {
            p = pass_text(p);
            continue;
        }
        depth += *p == '[';
        depth -= *p == ']';
        p++;
    } while (depth || !strchr(",]} \t\r\n", *p));
    p = blank(p);
    return *p == ',' ? blank(p + 1) : NULL;
}

size_t
value_size(const char *v)
{
    size_t n = 0;
    const char *x;

    value_foreach(v, n, x)
        ;
    return n;
}
