/* hash.h - the hash of the tally's keys, and its seed where runs must agree. */
#ifndef HTTPANNOTATE_TALLY_HASH_H
#define HTTPANNOTATE_TALLY_HASH_H

#include "base/hash.h"

/* The seed of hashes that must be the same in every run: those that a sketch is made of, and those
 * that stand for a value too long to be kept whole. */
#define HA_HASH_FIXED_SEED UINT64_C(0x68747470616e6e6f)

#endif
