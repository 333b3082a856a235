# Of picks.json, the names of the nets that the arguments call.
.[$ARGS.positional[]].name // empty
