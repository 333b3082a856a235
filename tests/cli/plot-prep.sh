# Tables for gnuplot.
cat > "$WORK/s.jsonl" <<'END'
{"cell":"gru","task":{"len":100},"acc":{"mean":0.5,"error":0.01}}
{"cell":"gru","task":{"len":20},"acc":{"mean":0.7,"error":null}}
{"cell":"lstm","task":{"len":100},"acc":{"n":0}}
{"cell":"lstm","task":{"len":20},"acc":{"mean":0.25,"error":1e-5}}
END
cat > "$WORK/r.jsonl" <<'END'
{"id":"a","v":1,"curve":{"step":[10,20,30],"loss":[3,2.5,null]},"k":false}
{"id":"b","v":1,"curve":{"step":[10,20],"loss":[2,1]},"k":true}
{"id":"c","v":1.001,"curve":{"step":[],"loss":[]},"k":true}
{"id":"d","v":2,"curve":{"step":[1],"loss":[1]},"k":true}
END
cd "$WORK"
plot-prep lines --x task.len --y acc --series cell --order lstm,gru s.jsonl
echo
plot-prep lines --x task.len --y acc --where cell=gru < s.jsonl
echo
plot-prep bars --x cell --y acc --where task.len=20 s.jsonl
echo
plot-prep curves --x curve.step --y curve.loss --series id r.jsonl
echo
plot-prep curves --y curve.loss --smooth 1 --where id=b r.jsonl
echo
plot-prep swarm --x k --y v r.jsonl
echo
plot-prep heat --x task.len --y cell --z acc s.jsonl
plot-prep heat --x task.len --y cell --z acc --ascii s.jsonl
plot-prep bars --x cell --y acc --where task.len=20 -o out.tsv s.jsonl
cat out.tsv; ls
