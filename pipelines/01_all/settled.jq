# Results with their averaged curve from where it means something: where what
# the average began with (average_start, else the first loss) weighs less than
# 1 %, f^n < 0.01; the last sample if none is that late.
(.settings.average // 0.95) as $f
| (if $f > 0 then (0.01 | log) / ($f | log) else 0 end) as $n
| {min_loss, settings,
   curve: ([.curve.step, .curve.average] | transpose
     | (map(select(.[0] >= $n)) | if length == 0 then null else . end) // .[-1:]
     | {step: map(.[0]), average: map(.[1])})}
