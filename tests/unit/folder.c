/* folder.c - a working folder for a test program's files. */
#include "unit/folder.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/die.h"

static char folder[] = "/tmp/unroll-test-XXXXXX";

int
enter_folder(void **unused)
{
    (void)unused;
    signal(SIGPIPE, SIG_IGN);
    return !mkdtemp(folder) || chdir(folder);
}

int
leave_folder(void **unused)
{
    char *rm = xasprintf("rm -rf %s", folder);
    int rc = chdir("/") || system(rm);

    (void)unused;
    free(rm);
    return rc;
}
