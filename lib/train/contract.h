/*
 * contract.h - the number of the numeric contract (docs/numerics.md).
 *
 * A config and this number determine every byte of a result and a model.
 * Code that changes such a byte must raise it; results with another number
 * are made anew.
 */
#ifndef TRAIN_CONTRACT_H
#define TRAIN_CONTRACT_H

enum { CONTRACT = 2 };

#endif
