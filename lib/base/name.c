#include "base/name.h"

#include <string.h>

#include "base/die.h"

static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
                            "XYZ0123456789._+-";

bool
name_is_plain(const char *s)
{
    return *s && *s != '-' && *s != '.' && !s[strspn(s, plain)];
}

bool
name_is_key(const char *s)
{
    for (;; s++) {
        if (!name_is_plain(s))
            return false;
        s += strcspn(s, ".");
        if (!*s)
            return true;
    }
}

bool
name_is_path(const char *s)
{
    bool first = true;

    for (;; first = false) {
        size_t n = strspn(s, plain);
        bool dots = (n == 1 && *s == '.') || (n == 2 && !strncmp(s, "..", 2));

        if ((!n && !(first && *s == '/')) || *s == '-' || (dots && !first))
            return false;
        s += n;
        if (!*s)
            return n && !dots;
        if (*s++ != '/')
            return false;
    }
}

void
name_check(bool ok, const char *s, const char *what, const char *where)
{
    if (!ok)
        die_at(where, 0, "%s '%s': only letters, digits and ._+- may be in "
               "it, and no - or . first: it becomes part of make's rules and "
               "of commands", what, s);
}
