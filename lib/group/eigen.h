/*
 * eigen.h - eigenvalues and vectors of a symmetric matrix, by Jacobi's
 * rotations (1846), in a fixed order, so that the digits are the same
 * everywhere.
 */
#ifndef GROUP_EIGEN_H
#define GROUP_EIGEN_H

/* a (n,n): symmetric; destroyed.  value (n) ascending; vector (n,n): column j
 * belongs to value[j], of length 1. */
void eigen_symmetric(double *a, int n, double *value, double *vector);

/* The largest singular value of a (n,n), which stays. */
double operator_norm(const double *a, int n);

#endif
