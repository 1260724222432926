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

/* Whether an error is that of robots.txt, or of a cache. */
static bool others_look(const struct ha_record *r, unsigned look)
{
    static const char robots[] = "/robots.txt";
    struct ha_view target = ha_get(r, HA_FIELD_TARGET);
    size_t len = sizeof robots - 1;
    return ha_has(r, HA_FIELD_CACHE) || ((look & HA_IF_ROBOTS) != 0 && target.len >= len &&
                                         memcmp(target.ptr, robots, len) == 0);
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
    uint64_t ours;    /* of whom anything is asked */
    uint64_t sent;    /* whom the table sends on, perhaps: look */
    uint64_t unusual; /* whose request is not as nearly all are: its groups in request, */
    uint64_t odd;     /* where there are any */
    uint64_t referers;
    uint16_t look[TOGETHER];
    uint8_t request[TOGETHER];
};

static inline void ask_table(const struct ha_linter *l, struct ha_record *records,
                             const uint8_t *chosen, size_t n, struct glances *g)
{
    g->ours = g->sent = g->unusual = 0;
    for (size_t i = 0; i < n; i++) {
        struct ha_record *r = &records[i];
        if (chosen[i] == 0 || r->verdict != HA_MATCHED) {
            r->findings[HA_MILD] = r->findings[HA_GRAVE] = 0;
            continue;
        }
        HA_ASSERT(r->pattern < l->format_count);
        const struct ha_lint_says *says = &l->row[r->method + 2][r->status + 1];
        uint64_t content = r->body_bytes > 0 ? says->some : says->none;
        bool counts = l->formats[r->pattern].counts_content & r->has_bytes;
        r->findings[HA_MILD] = says->found[HA_MILD] | (content & (uint64_t) - (int64_t)counts);
        r->findings[HA_GRAVE] = says->found[HA_GRAVE];
        g->look[i] = (uint16_t)says->look;
        g->ours |= UINT64_C(1) << i;
        g->sent |= (uint64_t)(says->look != 0) << i;
        g->unusual |= (uint64_t)!r->plain_request << i;
    }
}

static inline void ask_referers(const struct ha_record *records, size_t n, struct glances *g)
{
    g->referers = 0;
    for (size_t i = 0; i < n; i++)
        if ((g->ours >> i & 1) != 0 && ha_has(&records[i], HA_FIELD_REFERER))
            g->referers |= (uint64_t)referer_is_odd(&records[i]) << i;
}

static inline void ask_requests(const struct ha_linter *l, const struct ha_record *records,
                                struct glances *g)
{
    g->odd = 0;
    for (uint64_t left = g->unusual; left != 0; left &= left - 1) {
        int i = __builtin_ctzll(left);
        g->request[i] = (uint8_t)request_says(l, &records[i]);
        g->odd |= (uint64_t)(g->request[i] != 0) << i;
    }
}

static inline void glance_at_all(const struct ha_linter *l, struct ha_record *records,
                                 const uint8_t *chosen, size_t n)
{
    struct glances g;
    for (size_t done = 0; done < n; done += TOGETHER) {
        struct ha_record *some = records + done;
        size_t count = n - done < TOGETHER ? n - done : TOGETHER;
        ask_table(l, some, chosen + done, count, &g);
        ask_referers(some, count, &g);
        ask_requests(l, some, &g);
        for (uint64_t left = g.sent | g.odd | g.referers; left != 0; left &= left - 1) {
            int i = __builtin_ctzll(left);
            unsigned groups = table_says(&some[i], g.look[i]);
            groups |= (g.odd >> i & 1) != 0 ? g.request[i] : 0;
            groups |= (g.referers >> i & 1) != 0 ? HA_LOOK_REFERER : 0;
            if (groups != 0)
                ha_lint_examine(l, &some[i], groups);
        }
    }
}

#endif
