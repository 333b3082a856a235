#include "base/magic.h"

#include <string.h>

#include "base/die.h"

#define SIGN(text, what) { text, sizeof text - 1, 0, what }

static const struct {
    const char *sign;
    size_t n, at;
    const char *what;
} signs[] = {
    SIGN("PK\3\4", "a zip archive: unpack it first"),
    SIGN("PK\5\6", "a zip archive: unpack it first"),
    SIGN("\x1f\x8b", "gzip data: decompress it, or give it the ending .gz"),
    SIGN("BZh", "bzip2 data: decompress it first"),
    SIGN("\xfd" "7zXZ", "xz data: decompress it first"),
    SIGN("\x28\xb5\x2f\xfd", "zstd data: decompress it first"),
    SIGN("\x04\x22\x4d\x18", "lz4 data: decompress it first"),
    SIGN("7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it first"),
    SIGN("Rar!\x1a\x07", "a rar archive: unpack it first"),
    { "ustar", 5, 257, "a tar archive: unpack it first" },
    SIGN("%PDF-", "a PDF: take the text out of it first"),
    SIGN("\x89PNG\r\n", "a PNG picture"),
    SIGN("\xff\xd8\xff", "a JPEG picture"),
    SIGN("GIF8", "a GIF picture"),
    SIGN("\x7f" "ELF", "a program"),
    SIGN("SQLite format 3", "an SQLite data base"),
    SIGN("\x93NUMPY", "a NumPy array: write it as JSON lines or as a tensor "
         "stream (docs/formats.md)"),
    SIGN("\x89HDF\r\n", "an HDF5 file"),
    SIGN("PAR1", "a Parquet file"),
    SIGN("{\"unroll\":\"stream\"", "a tensor stream"),
    SIGN("\xff\xfe", "UTF-16 text: convert it, as by iconv -f utf-16 -t utf-8"),
    SIGN("\xfe\xff", "UTF-16 text: convert it, as by iconv -f utf-16 -t utf-8"),
};

const char *
magic_of(const void *bytes, size_t n)
{
    const char *s = bytes;

    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (n >= signs[i].at + signs[i].n &&
            !memcmp(s + signs[i].at, signs[i].sign, signs[i].n))
            return signs[i].what;
    /* safetensors: the header's length in 8 bytes, then the header. */
    if (n > 9 && s[8] == '{' && !s[4] && !s[5] && !s[6] && !s[7])
        return "a safetensors file";
    return NULL;
}

void
magic_need_text(const char *name, const void *bytes, size_t n)
{
    const char *what = magic_of(bytes, n);

    if (what)
        die_at(name, 0, "is no text but %s", what);
}
