# Right answers by how often, or how long ago ($by: times or ago), a pair was
# shown, pooled over an arm's runs: a block an arm (bin, accuracy), first exact
# Bayes.  Bins are numbered; their labels are in labels.  Input: scores,
# slurped; $task.
include "common";
def written: if .to == null then "\(.from)+" elif .to == .from then "\(.from)"
    else "\(.from)-\(.to)" end;
def pooled(f): transpose | to_entries[]
    | (.value | map(.places) | add) as $n | select($n > 0)
    | [.key, (.value | map(select(.places > 0) | f * .places) | add / $n)];
map(select(.task == $task)) as $all
| ($all[0] // {})[$by] as $bins
| (["0", "exact Bayes"] + [$bins[]? | written]),
  ($all[:1] | map(.[$by]) | pooled(.bayes)), [], [],
  ($all | map(select(main($all))) | group_by(place)[]
   | [.[0] | place + 1, base], (map(.[$by]) | pooled(.accuracy)), [], [])
| @tsv
