# Whatever is wrong is one line and the right status.
t() { aggregate "$@" 2>&1; echo "rc=$?"; }
r='{"m":1,"k":"a"}'
echo "$r" | t
echo "$r" | t --by k
echo "$r" | t --metric m
echo "$r" | t --by k --top 10% --metric m
echo "$r" | t --by k,,m --metric m
echo "$r" | t --by kk --metric m
echo "$r" | t --by k --metric mm
echo "$r" | t --by k --metric k
echo "$r" | t --top 0% --metric m
echo "$r" | t --top 1x --metric m
echo "$r" | t --by k --metric m --where k
echo "$r" | t --by k --metric m --where k=b
echo "$r" | t --by k --metric m --success m=1
echo "$r" | t --by k --metric m --meta
echo "$r" | t --regress k --metric m
echo "$r" | t --regress m --metric m
t --by k --metric m < /dev/null
printf '{"m":1,"k":2}\n\n{"m":1\n{"m":1,"k":2}\n' | t --by k --metric m
printf '{"m":1,"k":2}\nno\n' | t --by k --metric m
printf '{"m":1,"m":2}\n' | t --by k --metric m
printf '[1]\n' | t --by k --metric m
t --by k --metric m /nonexistent.json
t --by k --metric m .
echo "$r" | t --by k --metric m -o /nonexistent/x
echo "$r" | aggregate --by k --metric m > /dev/full; echo "rc=$?"
t --colour
t --help | head -n 3
cd "$WORK"; echo "$r" > a.json; t --meta --by k --metric m a.json
