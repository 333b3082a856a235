/*
 * schedule.h - the learning rate of each update (docs/numerics.md,
 * "Schedules").
 */
#ifndef TRAIN_SCHEDULE_H
#define TRAIN_SCHEDULE_H

#include <jansson.h>
#include <stdint.h>

struct schedule {
    int kind;                 /* constant, linear, cosine, exponential */
    double lr, end;
    int64_t warmup;
};

void schedule_init(struct schedule *s, const json_t *settings);
/* The rate of update number `update` (from 0); `done` in [0,1]: how much of
 * the run lies behind it. */
double schedule_rate(const struct schedule *s, int64_t update, double done);

#endif
