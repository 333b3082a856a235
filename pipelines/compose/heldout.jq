# Loss as a share of that of answering 0: a block a group; sequences that were
# held out come first, as length 0.
include "lib";
group_by(.group)
| [.[] | [[.[0].group] | row]
   + map([(if .held then 0 else .len end), .share] | row)]
| blocks
