/* rule.c - settings of optimizers and clipping as the devices' numbers. */
#include "train/rule.h"

#include <string.h>

#include "base/keys.h"

/* A key that settings have only where it is given. */
static double
later_number(const json_t *settings, const char *key, double otherwise)
{
    const json_t *v = json_object_get(settings, key);

    return v ? json_number_value(v) : otherwise;
}

void
rule_init(struct update_rule *u, const json_t *settings)
{
    static const char *const names[] = {
        "sgd", "momentum", "adagrad", "rmsprop", "adam", "adamw",
        "per_neuron", "hybrid", NULL,
    };
    const char *name = keys_text(settings, "optimizer");
    int kind = 0;

    while (names[kind] && strcmp(names[kind], name))
        kind++;
    *u = (struct update_rule){
        .kind = (enum update_kind)kind,
        .momentum = keys_real(settings, kind == UPDATE_RMSPROP ?
                              "rmsprop_momentum" : "momentum"),
        .nesterov = keys_bool(settings, "nesterov"),
        .alpha = keys_real(settings, "alpha"),
        .beta1 = keys_real(settings, "beta1"),
        .beta2 = keys_real(settings, "beta2"),
        .epsilon = keys_real(settings, "epsilon"),
        .inside = keys_bool(settings, "epsilon_inside"),
        .decay = keys_real(settings, "weight_decay"),
        .scaling = (int)later_number(settings, "scaling", -1),
        .adam_rate = later_number(settings, "adam_rate", 1),
        .clip_norm = keys_real(settings, "clip_norm"),
        .clip_element = keys_real(settings, "clip_element"),
    };
}
