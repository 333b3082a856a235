# Whatever is wrong is one line and the right status.
t() { plot-prep "$@" 2>&1; echo "rc=$?"; }
r='{"m":1,"k":"a","c":[1,2],"d":[1]}'
echo "$r" | t
echo "$r" | t line --x k
echo "$r" | t lines --x k
echo "$r" | t heat --x k --y k
echo "$r" | t lines --x k --y m
echo "$r" | t bars --x z --y m
printf '%s\n' "$r" "$r" | t bars --x k --y m
echo "$r" | t curves --y m
echo "$r" | t curves --y c --x d
echo '{"c":[1,"a"]}' | t curves --y c
t bars --x k --y m < /dev/null
printf '{"k":1,"m":1}\n{\n' | t bars --x k --y m
echo "$r" | plot-prep bars --x k --y m > /dev/full; echo "rc=$?"
t --help | head -n 3
