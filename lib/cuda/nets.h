/*
 * nets.h - inside the backend: nets on a graphics processor.
 *
 * What a net's numbers stand in are planes, numbered; `at`, a table of their
 * addresses for every net, is all that a kernel needs to find them, so that
 * launches hold when memory moves.  What changes from window to window
 * stands in device memory too (now.cu), so that they hold for all windows of
 * a shape.
 *
 * Letters: B rows, T steps of the window, N nets, P weights, S state floats
 * of a row.
 */
#ifndef CUDA_NETS_H
#define CUDA_NETS_H

#include "cuda/device.h"
#include "graph/backend.h"
#include "graph/sizes.h"

#define AT(T) gpu_address
#include "cuda/now.cu"
#undef AT

/* How many rows a plane has. */
enum extent {
    EXTENT_ONE,           /* one */
    EXTENT_ROWS,          /* B */
    EXTENT_TURNS,         /* 2 B */
    EXTENT_FLAT,          /* T B */
    EXTENT_STATES,        /* (T + 1) B */
    EXTENT_COMPACT,       /* scored places */
    EXTENT_OTHER,         /* made elsewhere: weights, states, batches */
};

struct plane {
    enum extent extent;
    int layer, width;     /* floats of a row */
};

/* Where a value stands. */
struct place {
    int plane;            /* -1: in no plane */
    enum rows rows;
    int size;
    size_t off;           /* of the first row, floats */
};

/* An instruction as a kernel and what that is told. */
struct launch {
    enum instr_kind kind;
    struct gpu_kernel *kernel;    /* of a run */
    size_t code;                  /* number of its first word */
    int columns;                  /* elements of a row */
    int depth, tiles1, tiles4;    /* of a product: see product.cu */
    int over;                     /* OVER_... */
    struct plan_copy copy;
};

struct launch_list {
    int n;
    struct launch *launch;
};

/* A time loop in one launch (loop.h); kernel NULL: there is none. */
struct loop {
    struct gpu_kernel *kernel;
    size_t code;
    int units;                    /* LOOP_UNITS: of a row; else 0 */
    double work;                  /* products of numbers, a row and step */
};

struct kase_code {
    struct place *at;             /* of the case's values */
    struct launch_list region[REGIONS], vec, bvec;
    struct loop loop[REGIONS];    /* of R_LOOP and R_BLOOP */
    size_t *reduce;               /* code of each reduction */
    size_t *vector;               /* and of what goes to the gradient */
};

/* A layer in a step variant. */
struct layer_code {
    struct kase_code *cases;      /* NULL if that never runs */
};

struct layer {
    const struct net_layer *net;
    int *state, *dstate;          /* planes, per state */
    int out, dout;                /* planes; out -1: it is a state's */
    struct place output, doutput; /* the same with their rows */
    /* code, per state: it and what it starts from; its adjoint and where that
     * of the initial value goes; and that after the step */
    size_t *start, *before, *after;
    int ncases;
    struct layer_code code[STEP_VARIANTS];
};

/* A set of pairs: which layer's positions, in which case (-1: all). */
struct set {
    int layer, kase;
    bool tokens;                  /* its pairs are wanted by token, too */
};

struct words {
    int64_t *word;
    size_t n, room;
};

struct ints {
    int32_t *x;
    size_t n, room;
};

/* The window under way. */
struct shape {
    int B, T;
    int compact;                  /* scored places */
    int places;                   /* as many are launched for: rounded up */
    int first_step;               /* steps of the sequences before it */
    bool padded;                  /* some row is shorter */
    enum step_variant variant;
};

/* What a window's launches depend on, besides what is on the device. */
struct launches_key {
    enum launches_kind { LAUNCHES_STEP, LAUNCHES_FORWARD,
                         LAUNCHES_DRAW } kind;
    struct shape w;
    bool carry, update, probs;
};

/* Windows of one shape are the same work, kept for when it comes again. */
enum { GRAPHS = 8 };

struct kept_graph {
    bool seen;
    struct launches_key key;
    struct gpu_graph *graph;      /* NULL: seen once */
};

/* Rules of update.cu that are no kinds. */
enum { RULE_NESTEROV = 100, RULE_RMSPROP_MOMENTUM };

/* The fixed kernels. */
enum kernel_number {
    K_OVER, K_PRODUCT, K_PRODUCT_1, K_PRODUCT_4, K_GRADIENT, K_GRADIENT_TOKENS,
    K_GRADIENT_1, K_GRADIENT_4, K_REDUCE, K_ADD_VECTOR, K_ADD_STATES,
    K_VECTORS_IN, K_START_STATE, K_END_STATE, K_CLEAR, K_COPY, K_GATHER,
    K_SCATTER, K_ZERO, K_SOFTMAX, K_SQUARED_ERROR, K_TALLY, K_CHECK,
    K_SQUARES, K_JUDGE, K_UPDATE,
    KERNELS
};

/* Parameters of one rate that stand together. */
struct stretch {
    size_t at, n;
    double rate;
};

struct device {
    const struct net *net;
    struct device_options o;
    struct device_net *rule;      /* (N) */
    struct net_plan *plan;
    struct gpu *gpu;
    struct gpu_stream *stream;
    struct gpu_kernel *kernel[KERNELS];
    /* planes */
    int nplanes;
    struct plane *plane;
    gpu_address *at;              /* (N, nplanes), and its copy there */
    gpu_address at_there;
    bool at_changed;
    gpu_address *hold;            /* (N): weights, gradient, moments ... */
    gpu_address values;           /* what windows need, of all nets */
    size_t values_bytes;
    int cap_B, cap_flat, cap_compact;
    /* code */
    struct words code;
    gpu_address code_there, barrier;
    size_t code_sent;
    bool made[STEP_VARIANTS];
    int nlayers, stack;
    struct layer *layers;
    size_t *sum[STEP_VARIANTS];   /* code, per accumulator */
    size_t head_gather, head_scatter, loss;
    bool *mixed, *by_token;       /* accumulators of look-ups and products; and
                                     parameters where tokens alone are summed
                                  */
    int nsets;
    struct set *set;
    /* batch and window */
    const struct batch *batch;
    gpu_address vectors, targets; /* the batch's, there */
    size_t vectors_room, targets_room;
    struct ints ints;
    size_t list;                  /* where lists begin in ints */
    gpu_address ints_there;
    size_t ints_room;
    struct shape w;
    int nrates;
    struct stretch *rate;
    /* states: rows held, and rows that there is room for */
    int64_t *rows, one_rows;
    int64_t states_room, one_room;
    /* the step under way */
    struct step step;
    bool given_up;
    gpu_address outcomes;         /* (N, OUTCOMES), and its copy here */
    double *outcomes_here;
    struct kept_graph graph[GRAPHS];
    int next_graph;               /* that gives way */
    double seconds[WORK_KINDS];
};

/* ---- planes.c ------------------------------------------------------------*/

/* Planes of all layers; of the values of a variant's cases. */
void planes_open(struct device *d);
void planes_layer(struct device *d, int layer, enum step_variant v);
void planes_close(struct device *d);
/* Room for a window of this shape.  Dies with what would fit. */
void planes_reserve(struct device *d, const struct shape *s);
/* The table of addresses, if it has changed. */
void planes_send(struct device *d);
/* Room for states of so many rows (PLANE_STATES or PLANE_ONE); what is held
 * stays. */
void planes_states(struct device *d, int plane, int64_t *room, int64_t rows);
void planes_exchange(struct device *d, int net, int a, int b);
/* A plane and the next take turns. */
void planes_swap(struct device *d, int net, int plane);
/* Where the batch's vectors are; probabilities will be wanted. */
void planes_batch(struct device *d, gpu_address in, gpu_address out);
void planes_probs(struct device *d);
gpu_address plane_address(const struct device *d, int net, int plane);
/* A block that grows: it holds nothing afterwards. */
void planes_grow(struct device *d, gpu_address *x, size_t *room,
                 size_t bytes);

/* ---- emit.c, words.c ------------------------------------------------------*/

/* The fixed kernels; the launches of a variant. */
void words_open(struct device *d);
void words_variant(struct device *d, enum step_variant v);
void words_close(struct device *d);
void words_send(struct device *d);
/* Words for kernels. */
size_t words_word(struct device *d, int64_t x);
size_t words_place(struct device *d, const struct place *p);
/* All fixed texts before a text of one's own; free it. */
char *emit_text(const char *const *parts, const char *own);
/* The kernels of a variant's runs, as text. */
char *emit_runs(struct device *d, enum step_variant v);
char *emit_name(char *to, size_t n, int layer, int kase, int region,
                int instr);

/* ---- lists.c -------------------------------------------------------------*/

/* A window: which of the batch's steps, for which nets. */
struct window {
    const struct batch *batch;
    int t0, t1, first_step;
    bool fresh, dropout;
    uint32_t number;
    float temperature;
    int net;                      /* the only one; -1: those of `step` */
    const struct step *step;
};

/* Everything that kernels are told of it, sent; d->w says its shape. */
void lists_window(struct device *d, const struct window *w);
/* The set of a layer's case. */
int lists_set(const struct device *d, int layer, int kase);
void lists_open(struct device *d);

/* ---- run.c ---------------------------------------------------------------*/

/* Forward, with the losses, and back; states to plane `states` + 1 if carry.
 */
void run_forward(struct device *d, int states, bool carry);
void run_loss(struct device *d, bool gradient, bool probs);
/* +0 for the adjoint of what the loss, or the head, sees. */
void run_clear_output(struct device *d);
void run_backward(struct device *d);
void run_gradients(struct device *d);
/* Sums; and with `update` clipping and new weights. */
void run_tally(struct device *d);
void run_update(struct device *d, bool update);
/* The case of a layer that runs at step t of the window. */
int run_case(const struct device *d, int layer, int t);

/* ---- graphs.c ------------------------------------------------------------*/

/* The work that fn() puts in line for a key: kept when it comes a second time,
 * and then done again without fn(). */
typedef void launches_fn(struct device *d, const struct launches_key *key);
void graphs_run(struct device *d, const struct launches_key *key,
                launches_fn *fn);
/* Addresses that launches have are not what they were. */
void graphs_forget(struct device *d);

/* ---- hold.c, step.c, forward.c, draw.c -----------------------------------*/

void nets_put(struct device *d, int net, enum holding what, const float *x,
              size_t n);
void nets_get(struct device *d, int net, enum holding what, float *x,
              size_t n);
void nets_copy(struct device *d, int net, enum holding to, enum holding from);
void nets_send(struct device *d, const struct batch *b);
/* A window is next: everything is where its launches find it. */
void nets_window(struct device *d, const struct window *w);
void nets_batch(struct device *d, const struct batch *b);
void nets_step(struct device *d, const struct step *s);
bool nets_wait(struct device *d, struct outcome *out);
bool nets_forward(struct device *d, const struct forward *f,
                    struct tally *sums);
void nets_observe(struct device *d, observe_fn *fn, void *ctx);
bool nets_draw(struct device *d, const struct drawing *w, int32_t *out,
                 struct drawing_fault *fault);

#endif
