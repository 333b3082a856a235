/* rule.h - the update rule that a config's settings name. */
#ifndef TRAIN_RULE_H
#define TRAIN_RULE_H

#include <jansson.h>

#include "graph/update.h"

void rule_init(struct update_rule *u, const json_t *settings);

#endif
