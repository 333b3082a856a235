#!/bin/sh
# fetch.sh FILE URL SHA256 - the first 10^8 bytes of an English Wikipedia dump
# of 2006, the usual corpus of this kind; FILE.zip is used if it is there.
. "$(dirname "$0")/../attend.sh"
file=$1 url=$2 sum=$3

by_hand() {
    cat >&2 <<END
$file: $1
Get $url on a machine that can, put it here as
$file.zip, and say make again; or use any other text: make ... CORPUS=path
END
    exit 1
}

mkdir -p "$(dirname "$file")"
# One at a time; what came before a stop is not fetched again.
exec 8>> "$file.zip.part"
attend flock 8
if [ -e "$file" ]; then        # by another make, meanwhile
    [ -s "$file.zip.part" ] || rm -f "$file.zip.part"
    exit 0
fi
if [ ! -e "$file.zip" ]; then
    command -v curl > /dev/null || by_hand "no curl to fetch it with"
    echo "fetching $url (35 MB) ..." >&2
    [ -t 2 ] && show=--progress-bar || show=-sS
    attend curl $show -fL --retry 2 --connect-timeout 20 -C - \
        -o "$file.zip.part" "$url" ||
        by_hand "cannot be fetched"
    mv "$file.zip.part" "$file.zip"
fi
[ -s "$file.zip.part" ] || rm -f "$file.zip.part"
# One file in it, deflated.
attend gzip -dc < "$file.zip" > /dev/null ||
    by_hand "$file.zip cannot be unpacked; remove it"
if [ "$(gzip -dc < "$file.zip" | sha256sum | cut -d' ' -f1)" != "$sum" ]; then
    by_hand "what is in $file.zip has another SHA-256 than $sum; remove it"
fi
"$(dirname "$0")/../whole.sh" "$file" gzip -dc < "$file.zip" && rm "$file.zip"
