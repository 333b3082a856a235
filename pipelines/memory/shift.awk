# The swarm's blocks beside their nets: a block says with a line 'shift PLACE'
# where it stands.
BEGIN { FS = OFS = "\t" }
$2 == "shift" { place = $1 }
$2 != "shift" && NF == 3 { $1 = place }
{ print }
