# configs/01_all.json for the text in use: $corpus is its SHA-256, $seeds a
# number, or 0 for what the description says.
.base.task.corpus = $corpus | if $seeds > 0 then .seeds = $seeds else . end
