/*
 * plain.c - a harness fed with files, an execution a process: the inputs that
 * once found something stay tests where there is no clang.
 *
 *   plain_NAME FILE ...     a line 'ok' for all, or 'FAIL' for each that failed
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/die.h"
#include "base/file.h"
#include "fuzz.h"

enum { SECONDS = 60, LARGEST = 64 << 20 };

/* Exit status, or 1000 + signal; what was said goes to `said`. */
static int
run(const char *path, char *said, size_t max)
{
    FILE *f = tmpfile();
    int status;
    pid_t pid;
    size_t n;

    fflush(stdout);
    pid = fork();
    if (!f || pid < 0)
        die(RC_DATA, "cannot start a process:");
    if (pid == 0) {
        char *text = file_read(path, LARGEST, &n);

        dup2(fileno(f), STDERR_FILENO);
        alarm(SECONDS);
        if (harness.begin)
            harness.begin();
        harness.one(text, n);
        free(text);
        exit(0);
    }
    waitpid(pid, &status, 0);
    rewind(f);
    n = fread(said, 1, max - 1, f);
    said[n] = 0;
    fclose(f);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

int
main(int argc, char **argv)
{
    const char *name = strrchr(argv[0], '_');
    int bad = 0;

    name = name ? name + 1 : argv[0];
    prog = "fuzz";
    for (int i = 1; i < argc; i++) {
        char said[4096], *end;
        int status = run(argv[i], said, sizeof said);

        end = strchr(said, '\n');
        if (status == 0 ? !*said || harness.warns
                        : status == 1 && end && (!end[1] || harness.warns))
            continue;
        bad = 1;
        printf("FAIL harness %s: %s: status %d\n%s", name, argv[i], status,
               said);
    }
    if (!bad)
        printf("ok harness %s: %d files\n", name, argc - 1);
    return bad;
}
