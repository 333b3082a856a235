# docs/composition.md shows what the commands print.
mkdir -p "$WORK/here/results" "$WORK/here/data"
for f in "$TOP"/*; do
    case $f in */results|*/data|*/docs) ;; *) ln -s "$f" "$WORK/here/" ;; esac
done
cp -r "$TOP/docs" "$WORK/here/"           # where archives are kept
cd "$WORK/here" || exit 1
# The compiler of what is there, so that nothing is compiled again.
read -r CC < build/release/flags && export CC="${CC%% -std=*}"
export MAKEFLAGS="VERSION=$(cat build/release/version)"
tests/examples.sh docs/composition.md | diff docs/composition.md -
