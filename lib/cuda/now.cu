/*
 * now.cu - what host and kernels both know: what a kernel is told, the words
 * of a window, of its sets of pairs, and of what products and sums are to do.
 * The host includes this file, kernels have it before them as text; AT(T) is
 * T * to a kernel and an address to the host.
 *
 * Letters: B rows, T steps of the window, N nets (blockIdx.z), P weights.  Row
 * b at step t is number t * B + b of a plane.  Layers of the head have the
 * window's scored places one after another ("compact").
 */
enum { MOST_NETS = 16 };

struct work {
    AT(AT(float)) at;         /* (N, planes): where each plane begins */
    AT(const int) now;        /* NOW_... */
    AT(const int) list;       /* its lists; where each begins stands in now */
    AT(const int64_t) code;   /* what this kernel is to do */
    AT(unsigned) barrier;     /* of a grid that waits for itself */
    int planes, B, T;
    int first, rows;          /* of this launch; rows < 0: all compact ones */
    int turn;                 /* t & 1: adjoints of states take turns */
    int a, b, c, d;           /* the kernel's own */
};

/* Planes that every net has.  OUTCOME: doubles OUT_..., but for OUT_BAD, an
 * int. */
enum {
    PLANE_WEIGHTS, PLANE_BEST, PLANE_GRADIENT, PLANE_M, PLANE_V,
    PLANE_STATES, PLANE_STATES_NEXT, PLANE_ONE, PLANE_ONE_NEXT,
    PLANE_OUTCOME, PLANE_SQUARES, PLANE_LOSSES, PLANE_RIGHT, PLANE_PROBS,
    PLANE_XIN, PLANE_CX, PLANE_CDX,
    PLANE_VECTORS, PLANE_TARGETS,       /* the batch's, for all nets */
    PLANES
};

enum { OUT_LOSS, OUT_RIGHT, OUT_DIVERGED, OUT_SCALE, OUT_BAD, OUTCOMES };

/* What changes from window to window.  What is a list's says where it begins.
 */
enum {
    NOW_COMPACT,              /* scored places */
    NOW_FIRST,                /* rows of all steps before the window, for
                                 dropout */
    NOW_DROPOUT, NOW_NUMBER,  /* of the update */
    NOW_DIVISOR,              /* a float */
    NOW_FRESH,
    NOW_T0, NOW_STEPS,        /* the window in its batch of so many steps */
    NOW_TEMPERATURE,          /* a float; 0: none */
    NOW_TOKENS,               /* list: (T,B) */
    NOW_PLACES,               /* list: the compact places' rows */
    NOW_NUMBERS,              /* list: their pairs' numbers */
    NOW_CLASSES,              /* list: their targets */
    NOW_ENDS,                 /* list: (B) steps that each row has */
    NOW_DISTINCT,             /* list: tokens that come, ascending */
    NOW_NDISTINCT,
    NOW_RULE_WORDS,           /* of each net */
    NOW_SEEDS,                /* two words a net */
    NOW_ACTIVE = NOW_SEEDS + 2 * MOST_NETS,
    NOW_RULES = NOW_ACTIVE + MOST_NETS,      /* RULE_... a net, floats */
};

/* A rule's numbers, floats; then RATE_WORDS for each rate among parameters. */
enum {
    RULE_DECAY, RULE_MU, RULE_ALPHA, RULE_REST, RULE_IN, RULE_OUT,
    RULE_BETA1, RULE_BETA2, RULE_REST1, RULE_REST2, RULE_ROOT, RULE_CUT,
    RULE_NORM,                /* two words: a double; 0: none */
    RULE_RATES = RULE_NORM + 2,

    RATE_LR = 0, RATE_STEP, RATE_SHRINK, RATE_WORDS
};

/* A set of pairs, in the order of sums: in microbatches, these in segments.
 * Lists: rows of a plane; where a segment's begin (and the last one ends);
 * a microbatch's first segment (and the end).  By token the same pairs, for
 * each distinct token: where its pairs begin (and the last one's end), rows,
 * segments. */
enum {
    SET_ROWS, SET_SEGMENTS, SET_BLOCKS,
    SET_STARTS, SET_TOKEN_ROWS, SET_TOKEN_SEGMENTS,
    SET_WORDS
};

/* How a value's rows follow from those of the launch: the same; a step on;
 * step t and t + 1 of two in turns; the launch's own; one for all. */
enum rows { ROWS_HERE, ROWS_NEXT, ROWS_TURN, ROWS_AFTER, ROWS_LOCAL,
            ROWS_ONE };

/* Where a value stands: its plane, floats before it there, its rows, and the
 * floats of a row. */
enum { VALUE_PLANE, VALUE_OFF, VALUE_ROWS, VALUE_SIZE, VALUE_WORDS };

/* Operators over units: cell/ops.def. */
enum { OVER_NONE, OVER_SUM, OVER_AMAX, OVER_CUMSUM, OVER_CUMPROD, OVER_D_AMAX,
       OVER_D_CUMSUM, OVER_D_CUMPROD };

/* A product: a head; for each segment a value and its depth; for each output
 * OUT_WORDS and for each segment BLOCK_WORDS. */
enum {
    PRODUCT_OUTS, PRODUCT_SEGMENTS, PRODUCT_START, PRODUCT_TRIM,
    PRODUCT_COLUMNS, PRODUCT_WORDS,

    SEGMENT_VALUE = 0, SEGMENT_K = VALUE_WORDS, SEGMENT_WORDS,

    BLOCK_OFF = 0, BLOCK_NS, BLOCK_KS, BLOCK_SIGN, BLOCK_WORDS,

    OUT_VALUE = 0, OUT_INIT = VALUE_WORDS,      /* plane -1: none */
    OUT_TOKENS = OUT_INIT + VALUE_WORDS,        /* -1: no look-up */
    OUT_TOKEN,                /* OFF, NS, SIGN of each of 4 at most */
    OUT_WORDS = OUT_TOKEN + 3 * 4
};

/* A sum of gradients: a head, and for each of its products. */
enum {
    SUM_ROWS, SUM_K, SUM_OFF, SUM_LD, SUM_SET, SUM_PRODUCTS,
    SUM_WORDS,

    PART_DY = 0, PART_ARG = VALUE_WORDS, PART_SET = PART_ARG + VALUE_WORDS,
    PART_SIGN, PART_TOKEN, PART_WORDS
};
