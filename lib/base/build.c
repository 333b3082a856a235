#include "base/build.h"

#ifndef VERSION
#define VERSION "unknown"
#endif
#ifndef BUILD_FLAGS
#define BUILD_FLAGS "unknown"
#endif
#ifndef BUILD_ISAS
#define BUILD_ISAS "unknown"
#endif

#ifdef __clang__                 /* whose version begins with its name */
#define COMPILER ""
#else
#define COMPILER "gcc "
#endif

const char build_version[] = VERSION;
const char build_compiler[] = COMPILER __VERSION__;
const char build_flags[] = BUILD_FLAGS;
const char build_isas[] = BUILD_ISAS;
