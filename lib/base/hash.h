/* hash.h - SHA-256 (libmd) and CRC-32 (zlib), as hexadecimal or a number. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

void sha256_hex(const void *data, size_t n, char hex[65]);
/* Of a file's bytes; dies if it cannot be read. */
void sha256_file(const char *path, char hex[65]);
uint32_t crc32_of(const void *data, size_t n);
/* The sum goes on where `crc` stopped (0 to begin). */
uint32_t crc32_more(uint32_t crc, const void *data, size_t n);

#endif
