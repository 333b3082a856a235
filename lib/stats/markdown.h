/* markdown.h - summaries and regressions as tables for people. */
#ifndef STATS_MARKDOWN_H
#define STATS_MARKDOWN_H

#include <jansson.h>
#include <stdio.h>

/* A row a group of group_summaries(): its keys, n, and for each metric of the
 * comma-separated list the mean and the standard deviation; success rates
 * where there are any. */
void markdown_summaries(FILE *out, const json_t *summaries, const char *by,
                        const char *metrics);

/* What group_regress() found: a row a key, largest effect first. */
void markdown_regression(FILE *out, const json_t *regression);

/* What effects() found: a row an effect, and a second table, of interactions,
 * if there are any. */
void markdown_effects(FILE *out, const json_t *effects);

#endif
