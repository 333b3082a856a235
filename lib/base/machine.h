/*
 * machine.h - the machine that we run on, and what we have used of it.
 */
#ifndef BASE_MACHINE_H
#define BASE_MACHINE_H

/* The processor as the kernel calls it, as in "AMD EPYC 7B13"; where it has
 * no name for it, that of the architecture.  The caller frees. */
char *machine_processor(void);

/* Processor time of this process, all its threads, in seconds. */
double machine_seconds(void);

#endif
