# Groups and templates that are none, in one line each; files in their place.
cd "$WORK" || exit 1
t() { gentask compose "$@" > out 2>&1; echo "rc=$? $(head -c 300 out)"; }
echo '-- tables'
t --group '0 1 2; 1 0 2; 2 0 1'
t --group '0 1 2; 1 2 0; 1 0 2'
t --group '0 2 1; 1 0 2; 2 1 0'
# a loop: an identity, a Latin square, and (1 1) 2 is not 1 (1 2)
t --group '0 1 2 3 4; 1 0 3 4 2; 2 4 0 1 3; 3 2 4 0 1; 4 3 1 2 0'
t --group '0 1; 1 0; 0 1'
t --group '0 1; 1 0 2'
t --group '0 1; 1'
t --group '0 1; 1 2'
t --group '0 1'
t --group ' ; '
echo '-- files'
printf '0 1 2\n1 2 0 # the rest of a line\n\n2 0 1\n' > three
printf '0 1 x\n' > wrong
printf '0 1 2\n1 0 2\n2 0 1\n' > square
gentask compose --group ./three --form tokens --draw all --json --batch 9 |
    sed -n 6p
gentask compose --group ./three | head -n 1 | jq -c .given
t --group ./wrong
t --group ./square
t --group ./none
t --group ./three -o ./three
printf 'P2\n3 2\n9\n1 2 3\n4 5 9\n' > a.pgm
printf 'P2\n3 2\n9\n1 2 3\n4 5\n' > cut.pgm
printf 'P2\n3 2\n9\n1 2 3\n4 5 10\n' > high.pgm
printf '1 2 3\n4 5\n' > ragged
gentask compose --group C3xC2 --template image --image ./a.pgm | head -n 1 |
    jq -c .given
for f in cut.pgm high.pgm ragged wrong; do
    t --template image --image ./$f
done
t --template image --image ./a.pgm
t --group D4 --template image --image ./a.pgm
t --template image
echo '-- names'
for g in X3 C0 C1025 D600 S6 A2 Q6 O2 C5xC Cx C300xC4 ''; do t --group "$g"; done
echo '-- templates'
t --template values --values '1 2 3'
t --template values --values '1 2 3 4 5 6 7 8 9 10 x'
t --template values --values '1 1 1 1 1 1 1 1 1 1 1'
t --template spectrum
t --template spectrum --powers '0 1 1 1 1 1' --amplitudes '1:2'
t --template spectrum --powers '0 1 2'
t --template spectrum --powers '0 1 2 3 4 5 6'
t --template spectrum --powers '1 1 1 1 1 1'
t --template spectrum --powers '0 1 1 1 -1 1'
t --template spectrum --powers '0 1 1 1 x 1'
t --template spectrum --powers '9:1'
t --template spectrum --powers '1:1 2'
t --template spectrum --powers '1:'
t --template spectrum --powers ''
t --group D4 --template fourier
t --template fourier --modes 9
t --group D4 --template gaussian
t --at 11
t --height 0
echo '-- sequences'
t --len 1
t --len 9 --draw all
t --len 9 --held 0.5
t --group C2 --held 0.001
t --group C2 --held 0.99
t --form flat --outputs all
t --group C1000 --len 20000 --form flat
t --text
t --draw all --first 3
echo '-- the same from pipes and on request'
gentask compose --group Q8 --len 3 --batch 4 --count 3 > piped
echo '{"first":0,"count":3}' |
    gentask compose --group Q8 --len 3 --batch 4 --serve > served
tail -c +300 piped | tail -c 800 | cksum
tail -c +300 served | tail -c 800 | cksum
