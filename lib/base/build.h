/*
 * build.h - what these programs were made from, and with: for --version and
 * the side files of runs.  build.c alone is compiled again after a commit.
 */
#ifndef BASE_BUILD_H
#define BASE_BUILD_H

extern const char build_version[];    /* git describe, or "unknown" */
extern const char build_compiler[];   /* as in "gcc 12.2.0" */
extern const char build_flags[];
extern const char build_isas[];       /* with blanks between them */

#endif
