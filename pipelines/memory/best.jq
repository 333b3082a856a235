# The best learning rule of each task.  Of the rules whose units of text right
# are within one standard error of the most, the one with the smallest loss
# above the floor (the one-standard-error rule of Breiman and others, 1984):
# four seeds cannot tell the shares apart any finer, but the losses well.
# Input: summaries of the search, slurped.
def rule: {optimizer, lr, schedule, bptt};
def right: .accuracy.mean // 0;
group_by(.task_name)
| map(max_by(right) as $most
      | map(select(right >= ($most | right - (.accuracy.error // 0))))
      | {key: .[0].task_name,
         value: (min_by([.excess.mean // 99, -right])
                 | rule + {accuracy: .accuracy.mean, excess: .excess.mean,
                           n: .n})})
| from_entries
