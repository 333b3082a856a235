/* A sweep's description: every run's config is complete, has the id it says,
 * and a name of its own that is safe in make and in a shell. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "train/config.h"
#include "train/sweep.h"

static void
check_name(const struct sweep *s, int i)
{
    const char *name = s->runs[i].name;

    fuzz_check(*name && *name != '-' && *name != '.');
    for (const char *p = name; *p; p++)
        fuzz_check(isalnum((unsigned char)*p) || strchr("._+-", *p));
    for (int k = 0; k < i; k++)
        fuzz_check(strcmp(s->runs[k].name, name));
}

static void
one(const char *text, size_t n)
{
    struct sweep s;

    sweep_read(&s, fuzz_file(0, text, n), 0);
    fuzz_check(s.n > 0);
    for (int i = 0; i < s.n; i++) {
        const json_t *c = s.runs[i].config;
        const char *id = json_string_value(json_object_get(c, "id"));
        json_t *again = config_complete(c, "again", NULL);
        char hex[65];

        config_id(again, hex);
        fuzz_check(!strcmp(id, hex));
        json_decref(again);
        fuzz_check(i == 0 || s.runs[i - 1].rank <= s.runs[i].rank);
        if (i < 300)
            check_name(&s, i);
    }
    sweep_release(&s);
}

const struct harness harness = { .one = one };
