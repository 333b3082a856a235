/*
 * template.h - the function x on a group that a task moves about: element g
 * is shown as lambda(g) x, (lambda(g) x)[h] = x[g^-1 h].
 *
 * All kinds have the mean 0.  "Standardised": then divided by the standard
 * deviation (of all n numbers), if that is above 1e-12.
 *
 *   onehot    `height` at element `at`, 0 elsewhere.
 *   spectrum  a class function with the power (irreps.h) or the transform
 *             asked for: hat[rho] = a I, x[g] = (1/n) sum (d/c) a chi(g);
 *             a = sqrt(n c P) / d for a power P.
 *   fourier   of C_p: `modes` of the frequencies 1 .. p/2, drawn without
 *             replacement; their powers fall in equal steps from 100 to 10 in
 *             the order drawn, before all is standardised.  Of C_p x C_q: the
 *             frequencies (row, col) in the order of row^2 + col^2, then
 *             |row|, then col, without those that are their own opposites;
 *             of (row, 0) and (row, q/2) one of +-row.  Phases are drawn;
 *             standardised.
 *   gaussian  of C_p and C_p x C_q: `modes` bumps, each exp(-r^2 / (2 s^2)) at
 *             a place drawn (on the circle or the torus), s in 0.5 .. 2 and
 *             height in 0.5 .. 1 drawn; standardised.
 *   image     of C_p: the means of the image's rows, columns or diagonals
 *             (fold), through which the cubic spline without knots at the
 *             second and the last but one place goes, read at p places from
 *             end to end.  Of C_p x C_q: the image at p x q places, corners on
 *             corners, bilinear.  Standardised.
 *   values    n numbers as they are, but for the mean.
 */
#ifndef GROUP_TEMPLATE_H
#define GROUP_TEMPLATE_H

#include "group/irreps.h"

enum template_kind { TEMPLATE_ONEHOT, TEMPLATE_SPECTRUM, TEMPLATE_FOURIER,
                     TEMPLATE_GAUSSIAN, TEMPLATE_IMAGE, TEMPLATE_VALUES };
enum template_fold { FOLD_ROWS, FOLD_COLUMNS, FOLD_DIAGONALS };

struct template {
    enum template_kind kind;
    double height;
    int at;
    const char *powers, *amplitudes;  /* lists, one "": numbers in the order of
                                         the irreps, or LABEL:NUMBER, the
                                         others being 0 */
    int modes;
    const char *image;       /* rows of numbers between semicolons */
    enum template_fold fold;
    const char *values;      /* a list of numbers */
    uint64_t seed;           /* of what is drawn */
};

/* x (n).  Dies if group and template do not go together: RC_USAGE, or bad
 * input of the file `where`. */
void template_make(const struct template *t, const struct group *g,
                   const char *where, double *x);

/* An image from a file, as text for `image`: PGM (P2, P5), or lines of
 * numbers; the caller frees. */
char *image_read(const char *path);

/* For files of this room: a list of numbers between blanks and commas; a new
 * array, *n its length; dies on anything else. */
double *numbers_parse(const char *text, size_t *n, const char *what,
                      const char *where);
/* The mean away; and likewise the standard deviation. */
void centre(double *x, int n);
void standardise(double *x, int n);
void image_template(const struct template *t, const struct group *g,
                    const char *where, double *x);

#endif
