/* hash.h - the one hash of the program: XXH3, 64 bits. The only file that includes xxhash.h. */
#ifndef HTTPANNOTATE_BASE_HASH_H
#define HTTPANNOTATE_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Keys are short, so that a call would cost as much as the hash. */
#define XXH_INLINE_ALL
#include <xxhash.h>

static inline uint64_t ha_hash(const char *bytes, size_t len, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes, len, seed);
}

#endif
