/* evidence_parts.h - what evidence is made of, and how a record is passed over: for those who
 * count, and those who write it down. */
#ifndef HTTPANNOTATE_TALLY_EVIDENCE_PARTS_H
#define HTTPANNOTATE_TALLY_EVIDENCE_PARTS_H

#include "evidence_store.h"
#include "httpannotate/evidence.h"

#include <string.h>

/* The minute in which a status was last looked up, and the greatest hash that was then kept of it:
 * most errors of a burst are passed over here. */
struct ha_evidence_recent {
    int64_t from_us;
    uint64_t greatest;
};

struct ha_evidence {
    struct ha_evidence_options options;
    struct ha_sample_set errors, others;
    struct ha_evidence_recent recent[200]; /* by status, from 400 on */
    bool lost; /* something was added up that kept no evidence: what there was says nothing */
};

/* One more than are used: the last of a full minute tells how large a part the others are. */
enum { HA_EVIDENCE_STRATUM = HA_EVIDENCE_MINUTE + 1 };

/* The last eight bytes of a text, or all of it: where clients and targets differ. */
static inline uint64_t ha_evidence_tail(struct ha_view v)
{
    uint64_t tail = 0;
    if (v.len >= sizeof tail)
        memcpy(&tail, v.ptr + v.len - sizeof tail, sizeof tail);
    else
        for (size_t i = 0; i < v.len; i++)
            tail = tail << 8 | (unsigned char)v.ptr[i];
    return tail;
}

/* A number that looks random, of what a record says. Records that agree in all of this share their
 * lot: for requests that went well, time and sizes must do, as most are only passed over. It has no
 * seed, as samples of other machines and days must be of the same numbers; who can choose the
 * second, the lengths and the target of his own requests can keep one out of a sample, not all. */
static inline uint64_t ha_evidence_hash(const struct ha_record *r, bool error)
{
    uint64_t z = (uint64_t)r->time_us * UINT64_C(0x9e3779b97f4a7c15);
    z ^= (r->body_bytes << 24 ^ r->line.len) * UINT64_C(0xd6e8feb86659fd93);
    if (error) {
        z ^= z >> 32;
        z += ha_evidence_tail(ha_get(r, HA_FIELD_CLIENT));
        z *= UINT64_C(0xff51afd7ed558ccd);
        z ^= z >> 32;
        z += ha_evidence_tail(ha_get(r, HA_FIELD_TARGET)) ^ (uint64_t)(unsigned)r->status << 48;
    }
    z = (z ^ z >> 32) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 29;
}

static inline bool ha_evidence_is_error(int status)
{
    return status >= 400 && status <= 599;
}

/* Records of a batch that may be ones to keep, and their hashes. All others are passed over before
 * they get here. */
enum { HA_WANTED = 64 };
struct ha_wanted {
    size_t count;
    uint64_t hash[HA_WANTED];
    uint8_t at[HA_WANTED];
};

static inline void ha_evidence_note(struct ha_wanted *to, size_t i, uint64_t hash)
{
    to->at[to->count] = (uint8_t)i;
    to->hash[to->count++] = hash;
}

/* Notes record i if it may be one to keep. This asks of one that is no error, */
static inline void ha_evidence_want_other(const struct ha_evidence *e, const struct ha_record *r,
                                          bool is_error, size_t i, struct ha_wanted *to)
{
    uint64_t hash = ha_evidence_hash(r, false);
    if (hash <= e->others.bound && r->has_time && !is_error)
        ha_evidence_note(to, i, hash);
}
/* and this of an error that has a time. */
static inline void ha_evidence_want_error(const struct ha_evidence *e, const struct ha_record *r,
                                          size_t i, struct ha_wanted *to)
{
    const struct ha_evidence_recent *recent = &e->recent[(size_t)r->status - 400];
    uint64_t hash = ha_evidence_hash(r, true);
    if (hash > recent->greatest && (uint64_t)r->time_us - (uint64_t)recent->from_us < HA_MINUTE_US)
        return;
    if (hash <= e->errors.bound)
        ha_evidence_note(to, i, hash);
}
/* Adds the records that are wanted. False when memory ran out. */
bool ha_evidence_take(struct ha_evidence *e, const struct ha_record *records,
                      const struct ha_wanted *wanted) HA_MUST_USE;

/* Gives up what was kept, and what comes. */
void ha_evidence_lose(struct ha_evidence *e);
/* What `of` passes over in any case, e does at once; e is empty. */
void ha_evidence_follow(struct ha_evidence *e, const struct ha_evidence *of);
/* Whether n more entries could make a sample of it thinner. */
bool ha_evidence_nearly_full(const struct ha_evidence *e, size_t n);

/* Bytes of a network's text: 2001:db8:ffff::/48. */
enum { HA_NETWORK_TEXT = 24 };
/* The /24 of an IPv4 address, the /48 of an IPv6 one, as text in `to`; 0 for what is no address. */
size_t ha_evidence_network(struct ha_view client, char to[HA_NETWORK_TEXT]);

#endif
