/* A fleet's list of runs: read to its end, then refused, for there are no
 * data. */
#include <string.h>

#include "cpu/cpu.h"
#include "fuzz.h"
#include "train/fleet_list.h"

static void
one(const char *text, size_t n)
{
    const struct fleet_list l = {
        .path = fuzz_file(0, text, n), .results = "no such folder",
        .models = n % 2 ? "no such folder" : NULL, .flags = json_object(),
        .data = { .stream = "no such folder/file" },
        .options = { .backend = &backend_cpu, .threads = 1, .quiet = true },
    };

    fleet_list_train(&l);
    json_decref((json_t *)l.flags);
}

const struct harness harness = { .one = one };
