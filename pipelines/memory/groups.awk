# The runs of a sweep (its runs.mk), those that differ in seed or rate alone
# together: a word a group, its names with commas between them.
/^runs\.[^ ]* \+= / {
    name = key = $3
    sub(/-s[0-9]+-[0-9a-f]+$/, "", key)
    sub(/-adagrad[0-9.]+-/, "-adagrad-", key)
    sub(/-adam[0-9.]+-/, "-adam-", key)
    if (!(key in group))
        order[++n] = key
    group[key] = group[key] (key in group && group[key] ? "," : "") name
}
END { for (i = 1; i <= n; i++) print group[order[i]] }
