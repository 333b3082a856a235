# The better rate of each arm: the one at which more of the selection seeds
# jump; of equals the one that jumps earlier, or else has the smaller loss on
# the validation set.  Input: scores of the search, slurped.
def mean: add / length;
group_by(.arm)
| map({key: .[0].arm,
       value: (group_by(.lr)
         | map({lr: .[0].lr, n: length,
                jumped: (map(.jumped) | add),
                updates: (map(.jump // .budget) | mean),
                val_loss: (map(.val_loss // 99) | mean)})
         | min_by([-.jumped, .updates, .val_loss]))})
| from_entries
