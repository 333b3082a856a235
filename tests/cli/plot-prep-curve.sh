# Learning curves drawn with characters.
cd "$WORK" || exit 1
p() { plot-prep curve "$@"; echo "rc=$?"; }
echo '{"id":"a","settings":{},"curve":{"step":[1,2,3,4],"loss":[4,3,2,1],"average":[4,null,1,1]},"validations":{"step":[2,4],"val_loss":[8,0.5]}}' > a.json
printf '%s\n' '{"step":1,"loss":1}' '{"step":2,"loss":2}' \
    '{"step":4,"loss":4,"lr":0.1}' > b.log
echo "== a straight line, in dots"
LC_ALL=C.UTF-8 p a.json
echo "== letters where there are no dots, and for several"
p a.json
LC_ALL=C.UTF-8 p b.log a.json
echo "== a gap, a logarithm, what validations say"
p --y average a.json
p --log --y val_loss a.json
echo "== one point, and a terminal's width is none of a pipe's"
echo '{"step":5,"loss":0}' > one.log
COLUMNS=200 p one.log
echo "== errors"
p
p a.json nosuch
p --y nothing a.json b.log
p --x curve.step a.json
p --log one.log
plot-prep lines --log --x a --y b a.json; echo "rc=$?"
echo '{"step":1,"loss":null}' > null.log; p null.log
echo '[1]' > array.json; p array.json
