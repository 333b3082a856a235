# A request that is no good ends the program with one line.
t() { printf '%s\n' "$@" | gentask copy --serve --text --batch 1 2>&1 |
      expand -t 40; }
t 'hello'
t '{"first":0}'
t '{"count":1}'
t '{"first":0,"count":1,"what":2}'
t '{"first":0,"count":-1}'
t '{"first":0,"count":1,"first":1}'
t '{"first":0,"count":1,"split":"tests"}'
t '{"first":0,"count":1,"set":{"lenn":4}}'
t '{"first":0,"count":1,"set":{"symbols":4}}'
t '{"first":0,"count":1}' '' '{"first":1,"count":1}'
t '[1]'
printf '{"first":0,"count":1}' | gentask copy --serve --text --batch 1 |
    expand -t 40
gentask copy --serve --text < /dev/null; echo "rc=$?"
echo x | gentask copy --serve --text 2>/dev/null; echo "rc=$?"
gentask copy --serve --text < / 2>&1; echo "rc=$?"
