/* hash.h - the one hash of the tally: XXH3, 64 bits. The only file that includes xxhash.h. */
#ifndef HTTPANNOTATE_TALLY_HASH_H
#define HTTPANNOTATE_TALLY_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Keys are short, so that a call would cost as much as the hash. */
#define XXH_INLINE_ALL
#include <xxhash.h>

/* The seed of hashes that must be the same in every run: those that a sketch is made of, and those
 * that stand for a value too long to be kept whole. */
#define HA_HASH_FIXED_SEED UINT64_C(0x68747470616e6e6f)

static inline uint64_t ha_hash(const char *bytes, size_t len, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes, len, seed);
}

#endif
