#include <stdio.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "stream/agree.h"
#include "stream/codebook.h"

static const char *
task_name(const struct stream_info *info)
{
    const char *s = json_string_value(json_object_get(info->task, "name"));

    return s ? s : "";
}

const char *
agree_symbol(const struct stream_info *info, int k, char *buf)
{
    const json_t *symbols = json_object_get(info->about, "symbols");
    unsigned c = k ? (unsigned)k : 0x100;
    const char *s;

    if (symbols) {
        s = json_string_value(json_array_get(symbols, (size_t)k));
        return s ? s : "";
    }
    if (info->input != VALUE_TOKEN || info->input_size != 256 ||
        strcmp(task_name(info), "text"))
        return NULL;
    if (c < 0x80)
        snprintf(buf, 4, "%c", (int)c);
    else
        snprintf(buf, 4, "%c%c", (int)(0xc0 | c >> 6), (int)(0x80 | (c & 63)));
    return buf;
}

/* Sizes of one side, inputs or targets. */
static bool
same_size(enum value_kind kind, int want, int *have, bool seen)
{
    if (kind == VALUE_TOKEN && seen && *have < want)
        *have = want;
    return *have == want;
}

static void
check_sizes(const struct stream_info *want, struct stream_info *have,
            const char *who, const char *name)
{
    const char *hint = want->input_seen || want->target_seen ?
        "; give the sizes in a first line {\"input_size\":N,"
        "\"target_size\":M} of the training set" : "";

    if (want->input != have->input ||
        !same_size(want->input, want->input_size, &have->input_size,
                   have->input_seen))
        die_at(name, 0, "inputs are %s of %d, %s takes %s of %d%s",
               have->input == VALUE_TOKEN ? "tokens" : "vectors",
               have->input_size, who,
               want->input == VALUE_TOKEN ? "tokens" : "vectors",
               want->input_size, want->input == have->input ? hint : "");
    if (want->target != have->target ||
        !same_size(want->target, want->target_size, &have->target_size,
                   have->target_seen))
        die_at(name, 0, "targets are %s of %d, %s gives %s of %d%s",
               have->target == VALUE_TOKEN ? "classes" : "vectors",
               have->target_size, who,
               want->target == VALUE_TOKEN ? "classes" : "vectors",
               want->target_size, want->target == have->target ? hint : "");
}

static const char *
quoted(const char *symbol)
{
    return json_text(json_string(symbol), false);
}

static void
check_symbols(const struct stream_info *want, const struct stream_info *have,
              const char *who, const char *name)
{
    int n = want->input == VALUE_TOKEN ? want->input_size : 0;

    if (want->target == VALUE_TOKEN && want->target_size > n)
        n = want->target_size;
    for (int k = 0; k < n; k++) {
        char a[4], b[4];
        const char *x = agree_symbol(want, k, a);
        const char *y = agree_symbol(have, k, b);

        if (!x || !y)
            return;
        if (strcmp(x, y))
            die_at(name, 0, "speaks of other symbols: class %d is %s here, "
                   "%s to %s", k, quoted(y), quoted(x), who);
    }
}

static void
check_codebook(const struct stream_info *want, const struct stream_info *have,
               const char *who, const char *name)
{
    char a[65] = "none", b[65] = "none";

    if (want->codebook)
        codebook_sha256(want->codebook, a);
    if (have->codebook)
        codebook_sha256(have->codebook, b);
    if (strcmp(a, b))
        die_at(name, 0, "its codebook (%.12s..) is not that of %s (%.12s..)",
               b, who, a);
}

static void
check_task(const struct stream_info *want, const struct stream_info *have,
           const char *who, const char *name)
{
    const char *a = task_name(want), *b = task_name(have);

    if (*a && *b && strcmp(a, b) && strcmp(a, "lines") && strcmp(b, "lines"))
        die_at(name, 0, "its task is '%s', %s knows '%s'", b, who, a);
}

/* Numbers of one column stand for other values where they are scaled by other
 * means. */
static void
check_scale(const struct stream_info *want, const struct stream_info *have,
            const char *who, const char *name)
{
    static const char *const keys[] = { "input_scale", "target_scale" };

    for (int i = 0; i < 2; i++) {
        const json_t *a = json_object_get(want->about, keys[i]);
        const json_t *b = json_object_get(have->about, keys[i]);

        if (a && b && !json_equal(a, b))
            die_at(name, 0, "its columns are scaled otherwise than %s knows "
                   "them: make it with gentask series --scale '%s'", who,
                   json_string_value(json_object_get(want->task, "scale")));
    }
}

void
agree_or_die(const struct stream_info *want, struct stream_info *have,
             enum agree how, const char *who, const char *name)
{
    check_sizes(want, have, who, name);
    check_symbols(want, have, who, name);
    check_scale(want, have, who, name);
    check_codebook(want, have, who, name);
    if (how == AGREE_TASK)
        check_task(want, have, who, name);
}
