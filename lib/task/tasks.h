/* tasks.h - every task there is; task.c lists them in the order shown. */
#ifndef TASK_TASKS_H
#define TASK_TASKS_H

#include "task/task.h"

extern const struct task task_copy, task_delay, task_text, task_series;
extern const struct task task_charprint, task_charcount, task_grid,
    task_tictac, task_grammar, task_fsm, task_compose;

#endif
