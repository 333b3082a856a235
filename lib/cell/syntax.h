/*
 * syntax.h - inside the cell room: what cell_parse() makes of a text.
 *
 * A cell is a list of tokens (kept: canonical text and messages are printed
 * from them), a table of symbols (every distinct name), and a tree of
 * statements whose expressions refer to both.  All of it lives in one arena
 * and is never changed after cell_parse() returned.
 */
#ifndef CELL_SYNTAX_H
#define CELL_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

#include "cell/cell.h"

enum {
    MAX_NAME = 64,          /* letters of a name */
    MAX_NESTING = 200,      /* brackets in brackets, ifs in ifs */
    MAX_DEPTH = 1000,       /* operators in a row, as a tree's depth */
    MAX_STATEMENTS = 10000,
    MAX_TOKENS = 100000,
    MAX_PARAMS = 4096,
    MAX_CASES = 64,
    MAX_NODES = 200000,     /* of all cases together */
    MAX_POWER = 64,
    MAX_SIZE = 1 << 24,     /* units of a vector */
    MAX_WEIGHTS = 1 << 30,  /* elements of a matrix */
};

/* ---- arena ------------------------------------------------------------- */

struct arena {
    struct block *blocks;
};

/* Zeroed; freed all together. */
void *arena_get(struct arena *a, size_t n, size_t size);
char *arena_text(struct arena *a, const char *s, size_t n);
void arena_release(struct arena *a);

/* ---- tokens ------------------------------------------------------------ */

enum tok_kind {
    T_END,
    T_LINE,       /* the end of a statement */
    T_NAME,
    T_NUMBER,
    T_WORD,       /* a name or glob after `init` or `rate` */
    T_MARK,
};

enum { MARK_EQ = 256, MARK_NE };   /* == and != */

struct token {
    enum tok_kind kind;
    int mark;           /* T_MARK: the character, or MARK_* */
    int sym;            /* T_NAME: its symbol */
    const char *text;
    double num;
    int line;
    bool tight;         /* a sign: no blank after it */
    bool tied;          /* in a slice: no blanks around it */
};

/* ---- symbols ----------------------------------------------------------- */

enum role {
    ROLE_NONE,          /* only a word: an option's value, a kind of init */
    ROLE_INPUT,
    ROLE_STATE,
    ROLE_VALUE,         /* assigned somewhere in the text */
    ROLE_VECTOR,        /* learned */
    ROLE_MATRIX,        /* learned */
    ROLE_OPTION,
    ROLE_SIZE,          /* `size k` where k is nothing else */
};

enum opt_type { OPT_BOOL, OPT_NUMBER, OPT_WORD };

struct value {          /* of an option or a condition */
    enum opt_type type;
    double num;         /* BOOL: 0 or 1 */
    int sym;            /* WORD */
};

struct symbol {
    const char *name;
    enum role role;
    int line;           /* where it got its role */
    bool used;          /* a parameter: stands in an expression */
    bool made;          /* a matrix that is made of another */
    int makes;          /* a matrix that others are made of: the line */
    struct value dflt;  /* ROLE_OPTION */
};

/* ---- expressions ------------------------------------------------------- */

enum expr_op {
    X_NUM, X_NAME, X_PRIME, X_MATVEC,
    X_ADD, X_SUB, X_MUL, X_DIV, X_NEG, X_POW,
    X_FUNC, X_DROP, X_DETACH, X_OVER, X_CONCAT, X_SLICE,
    X_BOOL, X_NOT, X_AND, X_OR, X_EQ, X_NE, X_LT, X_GT,   /* conditions */
};

struct expr {
    enum expr_op op;
    int sym;            /* NAME, PRIME; MATVEC: the matrix */
    enum op func;       /* FUNC, OVER */
    bool transposed;    /* MATVEC: W^T x */
    double num;         /* NUM, BOOL */
    int power;          /* POW */
    int site;           /* DROP: which of the text's, from 0 */
    int nargs;
    struct expr **arg;
    struct expr **bound;   /* SLICE: from and to, numbers as of sizes */
    int line;
    int tok0, tok1;     /* the tokens it stands in, both inclusive */
    int depth;
};

/* ---- statements -------------------------------------------------------- */

enum stmt_kind {
    S_INPUT, S_STATE, S_OPTION, S_PARAM, S_SIZE, S_OUTPUT, S_INIT, S_RATE,
    S_MATRIX,           /* value: its number of heads; or made `how` of `from`
                         */
    S_ASSIGN,
    S_IF,               /* value: condition; body; other */
    S_AT,               /* body: a list of S_BRANCH */
    S_BRANCH,           /* at; body */
};

struct target {         /* of init and rate */
    const char *glob;
    double sign;
};

struct stmt {
    enum stmt_kind kind;
    int line;
    int sym;
    bool prime;               /* ASSIGN to a state's next value */
    enum derive how;          /* MATRIX */
    int from;
    struct expr *width;       /* `: k`, or NULL */
    struct expr *value;       /* or NULL */
    struct target *target;    /* INIT, RATE */
    int ntargets;
    bool list;                /* the targets stood in brackets */
    enum init_kind init;
    double sign;
    struct expr *arg[2];      /* INIT: of the kind */
    int at;                   /* BRANCH: the step, 0: otherwise */
    struct stmt *body, *other, *next;
};

struct cell {
    const char *file;
    struct arena arena;
    struct token *tok;
    int ntok;
    struct symbol *sym;
    int nsyms, hash_cap;
    int *hash;
    struct stmt *body;
    int nstmts, ndrops;
};

/* The steps in the order they run; each dies on the first error. */
void cell_lex(struct cell *c, const char *text);
void cell_statements(struct cell *c);
void cell_check(struct cell *c);
/* Parts of the last: biases are learned undeclared (learn.c); what is learned
 * must reach the output (reach.c); a name gets its only role. */
void cell_take_biases(struct cell *c);
void cell_check_reached(struct cell *c);
void cell_role(struct cell *c, int sym, enum role role, int line);

/* ---- shared by the steps ----------------------------------------------- */

int cell_symbol(struct cell *c, const char *name, size_t n);
/* The tokens t0..t1 in canonical spacing; the caller frees. */
char *cell_join(const struct cell *c, int t0, int t1);
/* An expression as text, cut to some 40 letters; in arena `a`. */
const char *cell_quote(const struct cell *c, struct arena *a,
                       const struct expr *e);
bool is_keyword(const char *name);
bool is_capital(const char *name);
bool glob_match(const char *glob, const char *name);

/* The function of that name and how many arguments it may be given; false if
 * there is none. */
bool func_find(const char *name, enum op *op, int *least, int *most);
/* Those that came late may be names where no bracket follows: cells that call
 * something so stay as they are. */
bool func_may_be_name(enum op f);
/* Its value for numbers; y counts where there are two. */
double func_value(enum op f, double x, double y);
/* Does one go by this name elsewhere?  *ours is what it is called here, or
 * NULL if the language has none. */
bool func_foreign(const char *name, const char **ours);
/* Is it one of ours, or one of those, but for the case of its letters? */
bool func_miscased(const char *name, const char **ours);
/* Every word that may stand before '(': NULL-ended. */
const char *const *func_words(void);

/* The parser's place in the tokens. */
struct parser {
    struct cell *c;
    int pos, depth;
    bool in_if, in_at;
};

/* Statements on their way; `end` is where the next one goes. */
struct list {
    struct stmt *first, **end;
};

struct stmt *stmt_add(struct parser *p, struct list *l, enum stmt_kind kind);
void stmt_end(struct parser *p);
/* After `matrix`: NAME : heads(number), NAME = cayley(NAME), ... */
void parse_matrices(struct parser *p, struct list *l);
const struct token *peek(const struct parser *p);
const struct token *take(struct parser *p);
bool at_mark(const struct parser *p, int mark);
bool at_word(const struct parser *p, const char *word);
bool take_mark(struct parser *p, int mark);
void need_mark(struct parser *p, int mark, const char *after);
/* For messages: 'it' in quotes, or "the end of the line". */
const char *tok_text(struct parser *p, const struct token *t);
/* One bracket or block deeper: dies where that is too deep. */
void deeper(struct parser *p);
/* Up to the bracket that closes the one at token `open`. */
void close_bracket(struct parser *p, int mark, int open);
/* An expression from token tok0 to the last one taken, without arguments; its
 * n arguments; both in one. */
struct expr *expr_new(struct parser *p, enum expr_op op, int tok0);
void expr_args(struct parser *p, struct expr *e, struct expr **arg, int n);
struct expr *expr_binary(struct parser *p, enum expr_op op, struct expr *a,
                         struct expr *b);
struct expr *parse_expr(struct parser *p);
struct expr *parse_condition(struct parser *p);
/* After a name: a slice of it if a bracket follows, else the name. */
struct expr *parse_slice(struct parser *p, struct expr *of);

/* Calls fn(arg, e) for e and all its parts, in text order. */
void each_expr(const struct expr *e,
               void (*fn)(void *, const struct expr *), void *arg);

/* Option values by symbol; made by settings_read, freed with free(). */
struct value *settings_read(const struct cell *c,
                            const struct cell_args *args);
bool condition_holds(const struct cell *c, const struct expr *e,
                     const struct value *set);

enum { AT_ALL = -1 };
/* Calls fn for the simple statements that are in force, in text order.  `set`
 * NULL: all branches of every `if`.  `at`: a step's number; 0: a step that no
 * `at` names; AT_ALL: all branches of every `at` (fn sees each S_BRANCH, too,
 * before what is in it). */
void each_stmt(const struct cell *c, const struct value *set, int at,
               void (*fn)(void *, const struct stmt *), void *arg);

/* Value of an expression of numbers.  Names are asked of `width`, which sets
 * *known to false where it cannot tell yet. */
struct number_env {
    const struct cell *c;
    const struct value *set;
    double (*width)(void *arg, int sym, bool *known);
    void *arg;
    bool formula;         /* i and n have a meaning */
    double i, n;
    bool known;           /* set to false by a name without a width */
};
double number_value(struct number_env *env, const struct expr *e);

#endif
