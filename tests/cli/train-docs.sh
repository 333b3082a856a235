# docs/config.md holds the table as it is.
train --markdown > "$WORK/table"
sed -n '/^| key/,$p' docs/config.md | diff - "$WORK/table" && echo same
