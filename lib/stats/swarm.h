/*
 * swarm.h - where to draw the points of a swarm plot: each at its own height,
 * moved sideways just far enough that no two touch.
 */
#ifndef STATS_SWARM_H
#define STATS_SWARM_H

/*
 * y[0..n-1]: heights; dx, dy: how far two points must be apart, sideways and
 * in height, in the units of the two axes (an ellipse around each point).
 * offset[i] gets point i's sideways place, 0 for the middle.  Points are
 * placed in ascending order of height, each at the free place nearest to the
 * middle, so the result does not depend on the order of y (equal heights: by
 * position in y).
 */
void swarm_layout(const double *y, long n, double dx, double dy,
                  double *offset);

#endif
