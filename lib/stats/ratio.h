/*
 * ratio.h - a mean over places that come in clusters (the places of a unit of
 * text, of a sequence), which alone are independent draws.
 */
#ifndef STATS_RATIO_H
#define STATS_RATIO_H

struct ratio {                  /* begins as { 0 } */
    long clusters;
    double sum, squares;        /* of the clusters' sums */
    double cross, lengths;      /* with their numbers of places, and of these
                                   squared */
    double places;
};

/* A cluster whose n places sum to x. */
void ratio_add(struct ratio *r, double x, double n);
/* Standard error of sum / places (linearised); NaN below two clusters. */
double ratio_error(const struct ratio *r);

#endif
