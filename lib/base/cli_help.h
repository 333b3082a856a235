/* cli_help.h - the pages behind --help and --version. */
#ifndef BASE_CLI_HELP_H
#define BASE_CLI_HELP_H

#include <stdio.h>

#include "base/cli.h"

void cli_help(const struct tool *t, FILE *out);
void cli_version(const struct tool *t, FILE *out);

/* What a key's value is called: its own word, or one by its type. */
const char *key_argument(const struct key *k);

#endif
