/*
 * text.h - the files lib/cuda/NAME.cu, compiled into the programs as text.
 */
#ifndef CUDA_TEXT_H
#define CUDA_TEXT_H

/* Ends with a name of NULL. */
struct cuda_text {
    const char *name, *text;      /* "prelude" and what it holds */
};

extern const struct cuda_text cuda_texts[];

/* Never NULL: one of the files' names. */
const char *cuda_text(const char *name);

#endif
