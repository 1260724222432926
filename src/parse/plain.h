/* plain.h - whether a target is like nearly all targets, sixteen bytes at a time. Private to
 * src/parse. */
#ifndef HTTPANNOTATE_PARSE_PLAIN_H
#define HTTPANNOTATE_PARSE_PLAIN_H

#include "parse/vector.h"

/* All bits of the bytes that plain_request of a record forbids in a target, but for the backslash.
 * Plus 1, DEL and what is beyond ASCII are negative or 0. */
static inline ha_bytes16 ha_rare16(ha_bytes16 v)
{
    ha_bytes16 next = (ha_bytes16)((ha_unsigned16)v + 1);
    return (ha_bytes16)(next < 0x25) | (ha_bytes16)((v | 3) == 0x3f);
}

/* Whether a target of at least one byte, in which there is no backslash, is as plain_request of a
 * record wants it. Behind its first byte there must be 16 that can be read. */
static inline bool ha_target_is_plain(struct ha_view v)
{
    /* The first and the last 16 bytes, which are one where there are no more. */
    const char *last = v.len < 16 ? v.ptr : v.ptr + v.len - 16;
    ha_bytes16 rare = ha_rare16(ha_load16(v.ptr)) | ha_rare16(ha_load16(last));
    rare &= ha_first16(v.len < 16 ? v.len : 16);
    for (const char *at = v.ptr + 16; __builtin_expect(at < last, 0); at += 16)
        rare |= ha_rare16(ha_load16(at));
    return v.ptr[0] == '/' && !ha_any16(rare);
}

#endif
