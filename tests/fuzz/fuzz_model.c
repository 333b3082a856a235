/* A model file: config, stream's header, cells, net and weights; saved again
 * it is the same model. */
#include <string.h>

#include "fuzz.h"
#include "sums.h"
#include "train/model.h"

static void
one(const char *text, size_t n)
{
    const char *out;
    struct model_file a, b;

    model_load(fuzz_file(0, text, n), &a);
    out = fuzz_file(1, NULL, 0);
    model_save(out, a.config, &a.info, a.model->net, a.weights);
    model_load(out, &b);
    fuzz_check(fuzz_same_json(a.config, b.config));
    fuzz_check(a.model->net->weights == b.model->net->weights);
    fuzz_check(!memcmp(a.weights, b.weights,
                       a.model->net->weights * sizeof *a.weights));
    model_file_release(&a);
    model_file_release(&b);
}

const struct harness harness = { .one = one, .mend = mend_safetensors };
