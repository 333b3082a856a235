/*
 * staircase.h - the steps of a net that learns to compose elements of a group,
 * as theory has them and as a run's curve shows them (docs/tasks.md, compose;
 * group/theory.h, stats/plateau.h).
 */
#ifndef PROBE_STAIRCASE_H
#define PROBE_STAIRCASE_H

#include <jansson.h>
#include <stdio.h>

#include "stats/records.h"

struct staircase_options {
    double init;             /* scale of the starting weights; 0: no times */
    double lr, momentum;     /* for the times of a template alone */
    double tolerance;        /* of plateaus, in log loss */
    bool traces;             /* characters of the irreps, too */
};

/* What a template lets expect, from the settings of the task (filled in; files
 * in them are read, where: as composition_open()). */
json_t *staircase_theory(json_t *settings, const char *where,
                         const struct staircase_options *o);

/* A result beside it: `r` is a result of train whose task is compose; dies if
 * it is not.  Spectra that the run has written are the lines of `spectra`, or
 * NULL. */
json_t *staircase_run(const struct record *r, const struct records *spectra,
                      const struct staircase_options *o);

/* What train --outputs has written of a run (docs/formats.md), a line of JSON a
 * validation: loss, accuracy (is the nearest move of the template the right
 * one?), and the power of each irrep, the mean over the answers.  Dies if
 * `path` is another run's. */
void staircase_spectra(FILE *out, const struct record *r, const char *path);

/* What staircase_run() says, in a line of words and a picture of the curve
 * with the levels; both axes logarithmic. */
void staircase_say(FILE *out, const struct record *r, const json_t *found);

#endif
