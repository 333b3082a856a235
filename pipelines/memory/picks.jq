# The net with the most sampled units right (then the smallest loss) of each
# task, board and size.
group_by([.task_name, .cells, .size])
| map({key: ([.[0].task_name, .[0].size]
             + (if .[0].task_name == "grid" and .[0].cells != 9
                then [.[0].cells] else [] end) | map(tostring) | join("-")),
       value: (max_by([.accuracy, -(.excess // 99)])
               | {name, accuracy, greedy, excess})})
| from_entries
