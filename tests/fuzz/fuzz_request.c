/* Request lines of gentask --serve: what is answered is a whole stream with
 * the batches asked for. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "batches.h"
#include "fuzz.h"
#include "task/write.h"

enum { DIGITS = 2 };     /* larger numbers may ask for much, and get it */

static void
begin(void)
{
    fuzz_file(0, NULL, 0);
    if (dup2(fuzz_fd(0), STDIN_FILENO) < 0)
        die(RC_DATA, "cannot set standard input:");
}

static bool
asks_for_much(const char *s)
{
    for (; *s; s++) {
        size_t n = strspn(s, "0123456789");

        if (n > DIGITS || (n && (s[n] == 'e' || s[n] == 'E')))
            return true;
        s += n ? n - 1 : 0;
    }
    return false;
}

static void
one(const char *text, size_t n)
{
    static const char task[] = "{\"name\":\"copy\",\"len\":3,\"blanks\":2}";
    json_t *t = json_loads(task, 0, NULL);
    const char *out;
    struct source s;
    struct writer *w;
    struct batch_reader *r;
    struct batch b = { 0 };

    if (asks_for_much(text))
        die_at("x", 0, "large");
    fuzz_file(0, text, n);
    rewind(stdin);
    lseek(STDIN_FILENO, 0, SEEK_SET);
    out = fuzz_file(1, NULL, 0);
    source_open(&s, t, 2, "x.json", NULL);
    w = writer_open(out, FORM_TENSORS, &s);
    writer_serve(w);
    writer_close(w);
    r = batch_reader_open(out);
    while (batch_read(r, &b))
        check_batch(batch_reader_info(r), &b);
    batch_release(&b);
    batch_reader_close(r);
    source_close(&s);
    json_decref(t);
}

const struct harness harness = { .one = one, .begin = begin };
