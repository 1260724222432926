/* plain.h - whether a target is like nearly all targets, sixteen bytes at a time. Private to
 * src/parse. */
#ifndef HTTPANNOTATE_PARSE_PLAIN_H
#define HTTPANNOTATE_PARSE_PLAIN_H

#include <string.h>

#include "httpannotate/base.h"

typedef signed char ha_bytes16 __attribute__((vector_size(16)));
typedef unsigned char ha_unsigned16 __attribute__((vector_size(16)));

static inline ha_bytes16 ha_load16(const char *from)
{
    ha_bytes16 v;
    memcpy(&v, from, sizeof v);
    return v;
}

/* All bits of the bytes that plain_request of a record forbids in a target, but for the backslash.
 * Plus 1, DEL and what is beyond ASCII are negative or 0. */
static inline ha_bytes16 ha_rare16(ha_bytes16 v)
{
    ha_bytes16 next = (ha_bytes16)((ha_unsigned16)v + 1);
    return (ha_bytes16)(next < 0x25) | (ha_bytes16)((v | 3) == 0x3f);
}

/* Whether a target of at least one byte, in which there is no backslash, is as plain_request of a
 * record wants it. Before it there must be 16 bytes that can be read. */
static inline bool ha_target_is_plain(struct ha_view v)
{
    /* All bits of the last i bytes at 16 - i ... */
    static const char bits[32] = {0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
                                  -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    const char *last = v.ptr + v.len - 16;
    ha_bytes16 rare = ha_rare16(ha_load16(last));
    if (v.len < 16)
        rare &= ha_load16(bits + v.len);
    else
        for (const char *at = v.ptr; at < last; at += 16)
            rare |= ha_rare16(ha_load16(at));
    uint64_t halves[2];
    memcpy(halves, &rare, sizeof halves);
    return v.ptr[0] == '/' && (halves[0] | halves[1]) == 0;
}

#endif
