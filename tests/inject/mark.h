/* mark.h - the argument of a getpid() by which a preloaded library tells the
 * tracer that the program begins. */
#ifndef INJECT_MARK_H
#define INJECT_MARK_H

#define INJECT_MARK 0x756e726f6c6cL      /* "unroll" */

#endif
