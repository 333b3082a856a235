# The best learning rule of each task: most units of text right, then the
# smallest loss above the floor.  Input: summaries of the search, slurped.
def rule: {optimizer, lr, schedule, bptt};
group_by(.task_name)
| map({key: .[0].task_name,
       value: (max_by([.accuracy.mean // 0, -(.excess.mean // 99)])
               | rule + {accuracy: .accuracy.mean, excess: .excess.mean,
                         n: .n})})
| from_entries
