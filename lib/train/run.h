/*
 * run.h - a training run: what it is made of, and where it stands.
 *
 *     run_open(&r, &options, config, &data, model);
 *     fleet_start((struct run *[]){ &r }, 1);   fleet.h: a device for it
 *     run_resume(&r);                    a checkpoint, if there is one
 *     fleet_train(...);                  leaves the program on a signal
 *     json_t *result = run_result(&r);   and here too
 *     run_written(&r);                   nothing is left to save
 *     run_close(&r);
 *
 * All that changes from update to update is in `struct state`, the curves, and
 * what the device holds for the run (weights, moments, carried states); a
 * checkpoint holds exactly these, so a resumed run cannot differ.
 */
#ifndef TRAIN_RUN_H
#define TRAIN_RUN_H

#include <jansson.h>
#include <stdbool.h>

#include "base/progress.h"
#include "graph/backend.h"
#include "train/curve.h"
#include "train/data.h"
#include "train/evaluate.h"
#include "train/model.h"
#include "train/schedule.h"

/* Whole numbers and reals apart: each part is one tensor of a checkpoint. */
struct state {
    struct {
        int64_t update;          /* updates made */
        int64_t epoch, batch;    /* the next window is in this batch, */
        int64_t step;            /* at this step of it */
        int64_t seen;            /* steps of its sequences before the window */
        int64_t judge;           /* a validation is due */
        int64_t places, correct; /* since the last one */
        int64_t best_update, best_epoch;    /* 0: none yet */
        int64_t worse;           /* validations since the best one */
        int64_t stopped;         /* patience ran out, or it is good enough */
        int64_t diverged;        /* the update that could not be made, or 0 */
        int64_t state_rows;      /* rows of the carried states */
        int64_t last_places, last_correct;  /* of the last update */
    } n;
    struct {
        double power1, power2;   /* beta1^t, beta2^t of the rule */
        double loss;             /* summed since the last validation */
        double last_loss;        /* mean, of the last update */
        double average;          /* of the loss curve */
        double first_loss;       /* mean, of the first update */
        double best_loss, best_accuracy, best_train_loss;
        double seconds;          /* of work, over all attempts */
        double processor;        /* seconds of it, the same */
    } x;
};

/* What changes no number. */
struct run_options {
    const struct backend *backend;
    int threads;
    const char *checkpoint;      /* path or NULL */
    double every;                /* seconds between checkpoints; 0: each
                                    update */
    long every_steps;            /* updates between checkpoints; 0: off */
    long log_every;              /* updates between log lines; 0: none */
    bool quiet;                  /* no log lines, no progress */
    bool profile;                /* measure where the time goes */
    const char *outputs;         /* path or NULL: what the net answers at each
                                    validation (answers.h) */
    const char *snapshots;       /* folder for the weights at each validation,
                                    as STEP.safetensors, or NULL */
    bool leave;                  /* nothing but the lines on stdout is wanted:
                                    end when nobody reads them */
};

struct run {
    const struct run_options *o;
    const json_t *config;
    json_t *settings;
    char id[65];
    struct data *data;
    const struct stream_info *info;
    const struct model *model;
    const struct net *net;
    struct device *device;       /* closed with the first of its nets' runs */
    int at;                      /* which of its nets is this run's */

    /* settings, looked up once */
    int64_t steps, epochs, bptt, validate_every, curve_every, patience;
    double average, average_start, stop_accuracy, stop_reduction;
    bool select_best;
    uint64_t seed;
    struct schedule schedule;
    struct update_rule rule;

    struct state s;
    /* seconds, with run_options.profile: waiting for batches; validation, and
     * of it what the device has counted as its work; files */
    struct {
        double input, validation, output;
        double judged[WORK_KINDS];
    } spent;
    bool keeps_best;             /* weights by validation */
    struct {                     /* as the last window left them, while one */
        int64_t rows, seen;      /* is run */
    } kept;
    struct curve curve;          /* step, loss, average, accuracy */
    struct curve epochs_curve;   /* step, epoch, lr, train_loss,
                                    train_accuracy, val_loss, val_accuracy */
    struct evaluator val;        /* if data->val */
    struct answers *answers;     /* with run_options.outputs */

    bool busy;                   /* between two consistent states */
    bool unsaved;                /* something has happened since the last */
    int64_t saved_update;        /* checkpoint, which was at this update */
    double saved_at, started;    /* wall_seconds() */
    double paid_at;              /* machine_seconds(): s.x.processor is up to */
    int sharing;                 /* runs that are trained together since then,
                                    this one too */
    bool written;
    struct progress *progress;   /* of the training under way */
};

enum { CURVE_COLUMNS = 4, EPOCH_COLUMNS = 7 };

/* config: complete; borrows all it is given.  There is no device yet. */
void run_open(struct run *r, const struct run_options *o,
              const json_t *config, struct data *data,
              const struct model *model);
/* The device's net number `at` is this run's from now on, with the weights to
 * start from. */
void run_attach(struct run *r, struct device *device, int at);
void run_close(struct run *r);

/* ---- checkpoint.c -------------------------------------------------------*/

/* Go on from the checkpoint if there is one; false if not.  Dies if it is
 * another run's. */
bool run_resume(struct run *r);
void run_save(struct run *r);

/* ---- loop.c: what fleet_train() does with each run -----------------------*/

bool run_finished(const struct run *r);
/* From s.step to before which step of batch b the window goes; the window,
 * whose net is yet to be told; back to what was before it; on to the one after
 * it. */
int run_window_end(const struct run *r, const struct batch *b);
struct step run_step(struct run *r, const struct batch *b, int end);
void run_abandon(struct run *r);
void run_advance(struct run *r, const struct batch *b, int end);
/* An update was made with these losses at rate lr. */
void run_count(struct run *r, const struct tally *t, double lr);
/* The end of an epoch (or of validate_every updates): training metrics since
 * the last one, and the validation set's. */
void run_judge(struct run *r);
/* The result is where it belongs: from here nothing is saved. */
void run_written(struct run *r);

/* The mean loss of the first window that has one; its gradient is in the
 * device.  For --gradient. */
double run_gradient(struct run *r);

/* What has been spent since *t, if anybody wants to know. */
void run_spend(const struct run *r, double *on, double *t);

/* How much of the run is done, in [0,1]. */
double run_done(const struct run *r);

/* ---- result.c -----------------------------------------------------------*/

/* The weights to keep (P): a new array. */
float *run_weights(const struct run *r);

/* Evaluates the test set with them and puts everything together: a new object,
 * with nothing in it that depends on the machine or the time. */
json_t *run_result(struct run *r);

/* Times, host, processor and such: a new object. */
json_t *run_meta(const struct run *r);

/* Seconds of a processor that the run has taken, over all attempts: of a
 * fleet's time each member that is at work pays the same part. */
double run_processor(const struct run *r);
/* It is paid up to now, and from now on one of `sharing`. */
void run_pay(struct run *r, int sharing);

#endif
