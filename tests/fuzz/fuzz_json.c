/* JSON text, and numbers: what is read is written, and read again the same. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "fuzz.h"

static double
bits_as_double(uint64_t u)
{
    double x;

    memcpy(&x, &u, sizeof x);
    return x;
}

static uint64_t
bits_of(double x)
{
    uint64_t u;

    memcpy(&u, &x, sizeof u);
    return u;
}

/* Digits of a number's text without sign, point, zeros around, exponent. */
static int
digits(const char *s)
{
    int n = 0, zeros = 0;

    for (; *s && *s != 'e'; s++) {
        if (*s < '0' || *s > '9' || (*s == '0' && !n))
            continue;
        if (*s == '0') {
            zeros++;
        } else {
            n += zeros + 1;
            zeros = 0;
        }
    }
    return n;
}

/* The text reads back to the same double, and no shorter one does. */
static void
check_number(double x)
{
    char text[40], less[40];
    double back;
    int n;

    json_format_number(x, text);
    if (!isfinite(x)) {
        fuzz_check(!strcmp(text, "null"));
        return;
    }
    back = strtod(text, NULL);
    fuzz_check(bits_of(back) == bits_of(x == 0 ? 0 : x));
    n = digits(text);
    if (n < 2)
        return;
    snprintf(less, sizeof less, "%.*e", n - 2, x);
    fuzz_check(strtod(less, NULL) != x);
}

static void
check_numbers(const json_t *v)
{
    const char *key;
    json_t *x;
    size_t i;

    if (json_is_number(v))
        check_number(json_number_value(v));
    json_object_foreach((json_t *)v, key, x)
        check_numbers(x);
    json_array_foreach(v, i, x)
        check_numbers(x);
}

/* The forms of a value: each is read as the same value. */
static void
check_forms(const json_t *v)
{
    char *s[3] = { json_text(v, false), json_text(v, true), json_pretty(v) };
    char *again, hex[2][65];

    for (int i = 0; i < 3; i++) {
        json_t *w = json_read_text(s[i], strlen(s[i]), "again", 1);

        again = json_text(w, i == 1);
        fuzz_check(!strcmp(again, s[i == 1]));
        free(again);
        again = json_pretty(w);
        fuzz_check(i == 1 || !strcmp(again, s[2]));
        free(again);
        if (json_is_object(v)) {
            json_id(v, hex[0]);
            json_id(w, hex[1]);
            fuzz_check(!strcmp(hex[0], hex[1]));
        }
        json_decref(w);
    }
    for (int i = 0; i < 3; i++)
        free(s[i]);
}

static void
one(const char *text, size_t n)
{
    uint64_t u;
    json_t *v;

    if (n >= sizeof u) {
        memcpy(&u, text + n - sizeof u, sizeof u);
        check_number(bits_as_double(u));
    }
    v = json_read_text(text, n, "x.json", 1);
    check_numbers(v);
    check_forms(v);
    json_decref(v);
}

const struct harness harness = { .one = one };
