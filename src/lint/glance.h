/* glance.h - which records rules look at: nearly none.
 *
 * A table over method and status has what follows from them and says whether any other rule could
 * look; beside that only odd bytes in the target, a query, a version that is not one of four, or a
 * mark in the Referer lead to the rules. Of most requests the reader has seen that they have none
 * of that (plain_request).
 *
 * It is compiled once for each instruction set, by a file that says how bytes are looked at. */
#ifndef HTTPANNOTATE_LINT_GLANCE_H
#define HTTPANNOTATE_LINT_GLANCE_H

#include "lint.h"

#include <string.h>

/* Of these each instruction set has its own. Whether rules look at a target, which begins with /;
 */
static inline bool target_is_odd(const struct ha_linter *l, const struct ha_record *r);
/* whether # or @ is in the Referer. */
static inline bool referer_is_odd(const struct ha_record *r);

static inline bool protocol_is_odd(const struct ha_record *r)
{
    struct ha_view v = r->field[HA_FIELD_PROTOCOL];
    if (!ha_has(r, HA_FIELD_PROTOCOL))
        return ha_has(r, HA_FIELD_REQUEST);
    return v.len != 8 ||
           !((memcmp(v.ptr, "HTTP/1.1", 8) == 0) | (memcmp(v.ptr, "HTTP/1.0", 8) == 0) |
             (memcmp(v.ptr, "HTTP/2.0", 8) == 0) | (memcmp(v.ptr, "HTTP/3.0", 8) == 0));
}

/* Whether an error is that of robots.txt, or of a cache. Of how many bytes targets are is a guess
 * that is often wrong; whether they begin with /r is none. */
static bool others_look(const struct ha_record *r, unsigned look)
{
    static const char robots[] = "/robots.txt";
    struct ha_view target = ha_get(r, HA_FIELD_TARGET);
    size_t len = sizeof robots - 1;
    return ha_has(r, HA_FIELD_CACHE) ||
           ((look & HA_IF_ROBOTS) != 0 && target.len > 1 && target.ptr[1] == robots[1] &&
            target.len >= len && memcmp(target.ptr, robots, len) == 0);
}

/* Which groups of rules the table sends a record to. */
static inline unsigned table_says(const struct ha_record *r, unsigned look)
{
    unsigned groups = look & HA_GROUPS;
    if ((look & HA_IF_BYTES) != 0 && r->body_bytes > 0)
        groups |= HA_LOOK_CONTENT;
    if ((look & (HA_IF_CACHE | HA_IF_ROBOTS)) != 0 && others_look(r, look))
        groups |= HA_LOOK_OTHERS;
    return groups;
}

/* Which groups the form of its request, if it is not as nearly all are, sends a record to. */
static inline unsigned request_says(const struct ha_linter *l, const struct ha_record *r)
{
    unsigned groups = protocol_is_odd(r) ? HA_LOOK_REQUEST : 0;
    if (!ha_has(r, HA_FIELD_TARGET))
        return groups;
    struct ha_view target = r->field[HA_FIELD_TARGET];
    if (target.len == 0 || target.ptr[0] != '/')
        groups |= HA_LOOK_TARGET | HA_LOOK_REQUEST;
    else if (target_is_odd(l, r))
        groups |= HA_LOOK_TARGET;
    return groups;
}

/* Some records, a bit each. Each question is asked of all of them in a loop of its own: what only
 * some are asked decides no jump, and constants of the vectors stay in their registers. */
enum { TOGETHER = 64 };
struct glances {
    uint64_t sent;     /* whom the table sends on, perhaps */
    uint64_t unusual;  /* whose request is not as nearly all are */
    uint64_t referers; /* whose Referer has a mark */
};

static inline uint64_t first_of(size_t n)
{
    return n < TOGETHER ? (UINT64_C(1) << n) - 1 : UINT64_MAX;
}

static inline const struct ha_lint_says *says_of(const struct ha_linter *l,
                                                 const struct ha_record *r)
{
    return &l->row[r->method + 2][r->status + 1];
}

/* What of a record must be as that of the others of a batch, in one number. */
static inline uint64_t kind_of(const struct ha_record *r)
{
    enum { AT = offsetof(struct ha_record, pattern), SIZE = sizeof(uint64_t) };
    _Static_assert(offsetof(struct ha_record, verdict) - AT < SIZE &&
                       offsetof(struct ha_record, has_bytes) - AT < SIZE,
                   "they are read at once");
    uint64_t word;
    memcpy(&word, (const char *)r + AT, sizeof word);
    return word;
}

/* Whether all are chosen, were matched by one pattern, and have a size or have none, as records of
 * a log mostly do: then these questions need not be asked of each of them. */
static inline bool are_alike(const struct ha_record *records, const uint8_t *chosen, size_t n)
{
    const struct ha_record bits = {.pattern = UINT16_MAX, .verdict = UINT8_MAX, .has_bytes = true};
    uint64_t differ = 0, first = kind_of(records);
    for (size_t i = 0; i < n; i++)
        differ |= kind_of(&records[i]) ^ first;
    return (differ & kind_of(&bits)) == 0 && records->verdict == HA_MATCHED &&
           memchr(chosen, 0, n) == NULL;
}

/* From the last to the first, so that a set grows by one instruction: its bits move up. */
static inline void ask_alike(const struct ha_linter *l, struct ha_record *records, size_t n,
                             struct glances *g)
{
    HA_ASSERT(records->pattern < l->format_count);
    bool counts = l->formats[records->pattern].counts_content && records->has_bytes;
    uint64_t counted = counts ? UINT64_MAX : 0, sent = 0, plain = 0, referers = 0;
    for (size_t i = n; i-- > 0;) {
        struct ha_record *r = &records[i];
        const struct ha_lint_says *says = says_of(l, r);
        uint64_t content = r->body_bytes > 0 ? says->some : says->none;
        r->findings[HA_MILD] = says->found[HA_MILD] | (content & counted);
        r->findings[HA_GRAVE] = says->found[HA_GRAVE];
        sent = sent * 2 + says->sends;
        plain = plain * 2 + r->plain_request;
    }
    for (size_t i = n; i-- > 0;) {
        referers *= 2;
        if (ha_has(&records[i], HA_FIELD_REFERER))
            referers += referer_is_odd(&records[i]);
    }
    *g = (struct glances){sent, ~plain & first_of(n), referers};
}

/* The same of records of any kind. */
static __attribute__((noinline)) void ask_each(const struct ha_linter *l, struct ha_record *records,
                                               const uint8_t *chosen, size_t n, struct glances *g)
{
    *g = (struct glances){0};
    for (size_t i = 0; i < n; i++) {
        struct ha_record *r = &records[i];
        struct glances one;
        if (chosen[i] != 0 && r->verdict == HA_MATCHED) {
            ask_alike(l, r, 1, &one);
            g->sent |= one.sent << i;
            g->unusual |= one.unusual << i;
            g->referers |= one.referers << i;
        } else {
            r->findings[HA_MILD] = r->findings[HA_GRAVE] = 0;
        }
    }
}

static inline void glance_at_some(const struct ha_linter *l, struct ha_record *records,
                                  const uint8_t *chosen, size_t n)
{
    struct glances g;
    uint8_t request[TOGETHER]; /* groups of the unusual; odd: who has any */
    uint64_t odd = 0;
    if (are_alike(records, chosen, n))
        ask_alike(l, records, n, &g);
    else
        ask_each(l, records, chosen, n, &g);
    for (uint64_t left = g.unusual; left != 0; left &= left - 1) {
        int i = __builtin_ctzll(left);
        request[i] = (uint8_t)request_says(l, &records[i]);
        odd |= (uint64_t)(request[i] != 0) << i;
    }
    for (uint64_t left = g.sent | odd | g.referers; left != 0; left &= left - 1) {
        int i = __builtin_ctzll(left);
        unsigned groups = table_says(&records[i], says_of(l, &records[i])->look);
        groups |= (odd >> i & 1) != 0 ? request[i] : 0;
        groups |= (g.referers >> i & 1) != 0 ? HA_LOOK_REFERER : 0;
        if (groups != 0)
            ha_lint_examine(l, &records[i], groups);
    }
}

static inline void glance_at_all(const struct ha_linter *l, struct ha_record *records,
                                 const uint8_t *chosen, size_t n)
{
    for (size_t done = 0; done < n; done += TOGETHER)
        glance_at_some(l, records + done, chosen + done, n - done < TOGETHER ? n - done : TOGETHER);
}

#endif
