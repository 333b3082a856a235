#!/bin/sh
# fetch.sh FILE URL SHA256 - the first 10^8 bytes of an English Wikipedia dump
# of 2006, the usual corpus of this kind; FILE.zip is used if it is there.
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
if [ ! -e "$file.zip" ]; then
    command -v curl > /dev/null || by_hand "no curl to fetch it with"
    echo "fetching $url (35 MB) ..." >&2
    [ -t 2 ] && show=--progress-bar || show=-sS
    curl $show -fL --retry 2 --connect-timeout 20 -C - \
        -o "$file.zip.part" "$url" ||
        by_hand "cannot be fetched"
    mv "$file.zip.part" "$file.zip"
fi
gzip -dc < "$file.zip" > "$file.part" || {     # one file in it, deflated
    rm -f "$file.part"
    by_hand "$file.zip cannot be unpacked; remove it"
}
if [ "$(sha256sum < "$file.part" | cut -d' ' -f1)" != "$sum" ]; then
    rm -f "$file.part"
    by_hand "what is in $file.zip has another SHA-256 than $sum; remove it"
fi
mv "$file.part" "$file"
rm -f "$file.zip"
