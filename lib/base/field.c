/* field.c - what other libraries and papers call our settings. */
#include <string.h>

#include "base/near.h"

/* A line: our name, then others for it, each between blanks. */
static const char *const lines[] = {
    "size hidden hidden-size hidden-dim hidden-units hidden-features "
    "num-hidden n-hidden num-units units width dim d-model rnn-size "
    "state-size hid ",
    "batch batch-size bs batchsize minibatch minibatch-size mini-batch "
    "per-device-train-batch-size rows ",
    "lr learning-rate learningrate eta step-size base-lr initial-lr ",
    "layers num-layers n-layers n-layer nlayers num-hidden-layers depth ",
    "epochs num-epochs n-epochs nepochs max-epochs num-train-epochs ",
    "steps num-steps max-steps train-steps total-steps iterations iters "
    "max-iters n-iters num-iterations updates num-updates niter ",
    "bptt seq-len seqlen seq-length sequence-length truncation bptt-len "
    "bptt-steps unroll tbptt k ",
    "len length seq-len seqlen seq-length sequence-length T ",
    "clip-norm clip grad-clip gradient-clip clip-grad clip-grad-norm "
    "max-grad-norm gradient-clipping clip-gradient max-norm ",
    "cell model rnn rnn-type cell-type model-type net network arch "
    "architecture ",
    "optimizer optim optimiser opt solver ",
    "schedule scheduler lr-schedule lr-scheduler lr-decay decay "
    "lr-scheduler-type ",
    "warmup warmup-steps num-warmup-steps ",
    "beta1 adam-beta1 ",
    "beta2 adam-beta2 ",
    "epsilon eps adam-epsilon adam-eps ",
    "weight-decay wd l2 l2-reg ",
    "seed random-seed rng-seed manual-seed random-state ",
    "loss loss-fn criterion objective ",
    "patience early-stopping early-stop ",
    "save model-out save-model save-path save-to checkpoint-path ",
    "output out out-file outfile save-to ",
    "result log-file results metrics-file ",
    "checkpoint ckpt resume resume-from save-dir ",
    "log-every log-interval log-freq print-every logging-steps eval-every ",
    "threads workers num-workers num-threads nthreads jobs cpus ",
    "val valid validation dev val-data val-file eval-data ",
    "test test-data test-file ",
    "device gpu cuda accelerator ",
    "init pretrained weights load load-model from from-model ",
    "encoder embedding embed emb-size embedding-dim embed-dim emsize ",
    "train-rows num-train train-size n-train num-samples ",
    "val-rows num-val val-size n-val ",
    "test-rows num-test test-size n-test ",
    "sample samples num-samples generate n-samples ",
    "temperature temp tau ",
    "count batches num-batches n-batches ",
    "fleet grid sweep ",
    "by group-by groupby ",
    "metric metrics ",
    "quiet silent ",
    "version ver ",
    "log-every verbose ",
    NULL,
};

/* The name at the beginning of a line. */
static const char *
ours(const char *line, const char *const *names, int n)
{
    size_t k = strcspn(line, " ");

    for (int i = 0; i < n; i++)
        if (strlen(names[i]) == k && !strncmp(names[i], line, k))
            return names[i];
    return NULL;
}

const char *
field_word(const char *word, const char *const *names, int n)
{
    char wanted[64];
    size_t k = strlen(word);

    if (k == 0 || k > sizeof wanted - 3)
        return NULL;
    wanted[0] = ' ';
    for (size_t i = 0; i < k; i++)
        wanted[i + 1] = word[i] == '_' ? '-' : word[i];
    wanted[k + 1] = ' ';
    wanted[k + 2] = 0;
    for (int i = 0; lines[i]; i++) {
        const char *name = strstr(lines[i], wanted) ?
                           ours(lines[i], names, n) : NULL;

        if (name)
            return name;
    }
    return NULL;
}
