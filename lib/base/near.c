/* near.c - edit distance between a mistyped name and those that exist. */
#include "base/near.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 63, SUGGEST = 3, FAR = 1000 };

static void
lower(char *to, const char *from)
{
    do
        *to++ = (char)(*from >= 'A' && *from <= 'Z' ? *from + 32 : *from);
    while (*from++);
}

static int
min3(int a, int b, int c)
{
    int m = a < b ? a : b;

    return m < c ? m : c;
}

/* Insertions, deletions, replacements, and swaps of neighbours, one each;
 * capitals are as good as small letters. */
static int
distance(const char *x, const char *y)
{
    size_t na = strlen(x), nb = strlen(y);
    char a[LONGEST + 1], b[LONGEST + 1];
    int row[3][LONGEST + 2];

    if (na > LONGEST || nb > LONGEST)
        return FAR;
    lower(a, x);
    lower(b, y);
    for (size_t j = 0; j <= nb; j++)
        row[0][j] = (int)j;
    for (size_t i = 1; i <= na; i++) {
        int *now = row[i % 3], *last = row[(i + 2) % 3];
        int *before = row[(i + 1) % 3];

        now[0] = (int)i;
        for (size_t j = 1; j <= nb; j++) {
            now[j] = min3(now[j - 1] + 1, last[j] + 1,
                          last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
                a[i - 2] == b[j - 1] && before[j - 2] + 1 < now[j])
                now[j] = before[j - 2] + 1;
        }
    }
    return row[na % 3][nb];
}

const char *
near_names(const char *word, const char *const *names, int n)
{
    static char text[SUGGEST * (LONGEST + 8)];
    const char *best[SUGGEST];
    int dist[SUGGEST], found = 0, len = (int)strlen(word);
    /* Two changes make any word of four letters out of another. */
    int limit = len < 2 ? 0 : len < 5 ? 1 : len < 9 ? 2 : len / 3;

    for (int i = 0; i < n; i++) {
        int d = distance(word, names[i]), k = found;

        if (d > limit || (found == SUGGEST && d >= dist[SUGGEST - 1]))
            continue;
        if (found == SUGGEST)
            k--;
        else
            found++;
        for (; k > 0 && dist[k - 1] > d; k--) {
            dist[k] = dist[k - 1];
            best[k] = best[k - 1];
        }
        dist[k] = d;
        best[k] = names[i];
    }
    if (found && !dist[0])      /* the word itself, in other letters */
        found = 1;
    text[0] = 0;
    for (int i = 0; i < found; i++)
        sprintf(text + strlen(text), "%s'%s'",
                i == 0 ? "" : i + 1 < found ? ", " : " or ", best[i]);
    return text;
}
