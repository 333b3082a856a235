/* memory.c - the device's memory: blocks with gaps between them, in one range
 * of addresses of which the host gives pages as they are touched. */
#include "emulator/emulator.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { ALIGNMENT = 256, SLOT = 256 << 10, SLOTS = 1024 };

char *memory_base;
size_t memory_size;
unsigned char *memory_valid;

static size_t span;           /* of the blocks; CTAs' shared memory behind */
static struct block {
    size_t at, bytes;
} *block;                     /* by `at` */
static size_t blocks, room;
static size_t slot_bytes[SLOTS];

void *
memory_map(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (p == MAP_FAILED)
        emu_fail("no room for %zu bytes of addresses", bytes);
    return p;
}

void
memory_open(size_t bytes)
{
    if (memory_base)
        return;                           /* a device opened once more */
    span = 2 * bytes;
    memory_size = span + (size_t)SLOT * SLOTS;
    memory_base = memory_map(memory_size);
    memory_valid = memory_map(memory_size / 4);
}

static void
set_valid(size_t at, size_t bytes, bool valid)
{
    memset(memory_valid + at / 4, valid ? 4 : 0, bytes / 4);
    if (bytes % 4)
        memory_valid[(at + bytes) / 4] = valid ? bytes % 4 : 0;
}

static size_t
block_end(const struct block *b)
{
    return (b->at + b->bytes + 2 * ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

gpu_address
memory_alloc(size_t bytes)
{
    size_t at = ALIGNMENT, i = 0;

    if (blocks == room) {
        struct block *more = emu_new(2 * room + 64, sizeof *more);

        if (blocks)
            memcpy(more, block, blocks * sizeof *block);
        room = 2 * room + 64;
        block = more;                     /* few, and then never again */
    }
    for (; i < blocks && block[i].at < at + bytes + ALIGNMENT; i++)
        at = block_end(&block[i]);
    if (bytes > span || at > span - bytes)
        return 0;
    memmove(block + i + 1, block + i, (blocks - i) * sizeof *block);
    block[i] = (struct block){ at, bytes };
    blocks++;
    set_valid(at, bytes, true);
    memset(memory_base + at, 0xff, bytes);
    return (uintptr_t)memory_base + at;
}

size_t
memory_free(gpu_address x)
{
    size_t at = x - (uintptr_t)memory_base, i = 0, bytes;

    while (i < blocks && block[i].at != at)
        i++;
    if (i == blocks)
        emu_fail("gpu_free: no block begins there");
    bytes = block[i].bytes;
    set_valid(at, bytes, false);
    memmove(block + i, block + i + 1, (blocks - i - 1) * sizeof *block);
    blocks--;
    return bytes;
}

void
memory_clear(void)
{
    while (blocks)
        memory_free((uintptr_t)memory_base + block[blocks - 1].at);
}

void
memory_inside(gpu_address x, size_t bytes, const char *what)
{
    size_t at = x - (uintptr_t)memory_base;
    char text[200];

    for (size_t i = 0; i < blocks; i++)
        if (at >= block[i].at && at - block[i].at < block[i].bytes &&
                bytes <= block[i].bytes - (at - block[i].at))
            return;
    memory_describe((char *)(uintptr_t)x, text, sizeof text);
    emu_fail("%s of %zu bytes %s", what, bytes, text);
}

char *
memory_shared(int i, size_t bytes)
{
    size_t at = span + (size_t)i * SLOT;

    if (i >= SLOTS || bytes > SLOT - ALIGNMENT)
        emu_fail("%d CTAs of %zu bytes of shared memory do not fit", i + 1,
                 bytes);
    set_valid(at, slot_bytes[i], false);
    set_valid(at, bytes, true);
    slot_bytes[i] = bytes;
    memset(memory_base + at, 0xff, bytes);
    shadow_clear(memory_base + at, bytes);
    return memory_base + at;
}

bool
memory_is_shared(const char *p)
{
    return p >= memory_base + span && p < memory_base + memory_size;
}

void
memory_describe(const char *p, char *text, size_t n)
{
    size_t at = (size_t)(p - memory_base), i = 0;

    if (p < memory_base || p >= memory_base + memory_size) {
        snprintf(text, n, "at %p, which is not the device's memory",
                 (const void *)p);
    } else if (at >= span) {
        snprintf(text, n, "at byte %zu of shared memory of %zu bytes",
                 (at - span) % SLOT, slot_bytes[(at - span) / SLOT]);
    } else {
        while (i < blocks && block[i].at <= at)
            i++;
        if (i)
            snprintf(text, n, "at byte %zu of a block of %zu bytes",
                     at - block[i - 1].at, block[i - 1].bytes);
        else
            snprintf(text, n, "before the first block");
    }
}
