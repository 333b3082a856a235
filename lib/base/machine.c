#include "base/machine.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/die.h"

/* What stands behind `key` in a line of /proc/cpuinfo, else NULL. */
static char *
value_of(const char *line, const char *key)
{
    const char *s = line + strlen(key), *end;

    if (strncmp(line, key, strlen(key)))
        return NULL;
    s += strspn(s, " \t");
    if (*s != ':')
        return NULL;
    s += 1 + strspn(s + 1, " \t");
    end = s + strlen(s);
    while (end > s && isspace((unsigned char)end[-1]))
        end--;
    return end > s ? xasprintf("%.*s", (int)(end - s), s) : NULL;
}

char *
machine_processor(void)
{
    FILE *f = fopen("/proc/cpuinfo", "re");
    char *line = NULL, *name = NULL;
    size_t room = 0;
    struct utsname u;

    while (f && !name && getline(&line, &room, f) > 0)
        name = value_of(line, "model name");
    if (f)
        fclose(f);
    free(line);
    if (name)
        return name;
    uname(&u);
    return xstrdup(u.machine);
}

double
machine_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
