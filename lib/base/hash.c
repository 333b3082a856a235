/* hash.c - sums over bytes, from libmd and zlib. */
#include "base/hash.h"

#include <errno.h>
#include <sha2.h>
#include <unistd.h>
#include <zlib.h>

#include "base/die.h"
#include "base/file.h"
#include "base/stop.h"

static void
to_hex(SHA2_CTX *ctx, char hex[65])
{
    uint8_t sum[SHA256_DIGEST_LENGTH];

    SHA256Final(sum, ctx);
    for (int i = 0; i < SHA256_DIGEST_LENGTH; i++) {
        hex[2 * i] = "0123456789abcdef"[sum[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[sum[i] & 15];
    }
    hex[64] = 0;
}

void
sha256_hex(const void *data, size_t n, char hex[65])
{
    SHA2_CTX ctx;

    SHA256Init(&ctx);
    if (n)
        SHA256Update(&ctx, data, n);
    to_hex(&ctx, hex);
}

void
sha256_file(const char *path, char hex[65])
{
    int fd = file_open(path);
    uint8_t buf[1 << 16];
    SHA2_CTX ctx;

    SHA256Init(&ctx);
    for (;;) {
        ssize_t n = read(fd, buf, sizeof buf);

        if (n < 0 && errno == EINTR) {
            stop_look();
            continue;
        }
        if (n < 0)
            die_at(path, 0, "cannot read:");
        if (n == 0)
            break;
        SHA256Update(&ctx, buf, (size_t)n);
    }
    close(fd);
    to_hex(&ctx, hex);
}

uint32_t
crc32_more(uint32_t crc, const void *data, size_t n)
{
    const unsigned char *p = data;

    while (n > 0) {          /* zlib counts in 32 bits */
        uInt k = n > 1u << 30 ? 1u << 30 : (uInt)n;

        crc = (uint32_t)crc32(crc, p, k);
        p += k;
        n -= k;
    }
    return crc;
}

uint32_t
crc32_of(const void *data, size_t n)
{
    return crc32_more(0, data, n);
}
