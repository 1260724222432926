/* evidence.c - which records are witnesses of what, and the two samples of them. */
#include "evidence_parts.h"

#include "httpannotate/facts.h"

/* More than is kept of a target. */
enum { MASKED = 256 };

static void forget_recent(struct ha_evidence *e)
{
    for (size_t i = 0; i < HA_COUNT(e->recent); i++)
        e->recent[i] = (struct ha_evidence_recent){0, UINT64_MAX};
}

enum ha_err ha_evidence_new(const struct ha_evidence_options *o, struct ha_evidence **out)
{
    struct ha_evidence *e = ha_calloc(1, sizeof *e);
    *out = e;
    if (e == NULL)
        return HA_ERR_MEMORY;
    e->options = *o;
    ha_sample_set_init(&e->errors, o->errors, HA_EVIDENCE_STRATUM);
    ha_sample_set_init(&e->others, o->others, 0);
    forget_recent(e);
    return HA_OK;
}

void ha_evidence_free(struct ha_evidence **e)
{
    if (*e == NULL)
        return;
    ha_sample_set_done(&(*e)->errors);
    ha_sample_set_done(&(*e)->others);
    ha_free(*e);
    *e = NULL;
}

void ha_evidence_reset(struct ha_evidence *e)
{
    ha_sample_set_reset(&e->errors);
    ha_sample_set_reset(&e->others);
    forget_recent(e);
    e->lost = false;
}

void ha_evidence_lose(struct ha_evidence *e)
{
    e->lost = true;
    ha_sample_set_done(&e->errors);
    ha_sample_set_done(&e->others);
}

void ha_evidence_follow(struct ha_evidence *e, const struct ha_evidence *of)
{
    HA_ASSERT(e->errors.count == 0 && e->others.count == 0);
    ha_sample_set_raise_to(&e->errors, of->errors.level);
    ha_sample_set_raise_to(&e->others, of->others.level);
}

bool ha_evidence_nearly_full(const struct ha_evidence *e, size_t n)
{
    return e->errors.count + n > e->errors.cap || e->others.count + n > e->others.cap;
}

/* All but the texts. */
static inline bool begin_witness(const struct ha_record *r, uint64_t hash, struct ha_witness *w)
{
    if (!r->has_time || r->status < 100 || r->status > 599)
        return false;
    w->hash = hash;
    w->minute = ha_floor_div(r->time_us, HA_MINUTE_US);
    w->status = r->status;
    w->method = r->method;
    return true;
}

static inline void read_texts(const struct ha_record *r, struct ha_witness *w)
{
    static const struct ha_view none = {NULL, 0};
    w->client = ha_get(r, HA_FIELD_CLIENT);
    w->target = ha_get(r, HA_FIELD_TARGET);
    w->agent = ha_get(r, HA_FIELD_AGENT);
    w->token = none;
    if (ha_is_none(w->client))
        w->client = none;
    w->has_target = w->target.len > 0;
    if (!w->has_target)
        w->target = ha_get(r, HA_FIELD_REQUEST);
    if (r->method == HA_UNLISTED_METHOD)
        w->token = ha_get(r, HA_FIELD_METHOD);
    if (r->method == HA_UNLISTED_METHOD && w->token.len == 0)
        w->method = HA_NO_METHOD;
    if (ha_has(r, HA_FIELD_AGENT) && w->agent.len == 0)
        w->agent = HA_VIEW_LIT("-");
}

bool ha_witness_of(const struct ha_record *r, uint64_t bound, struct ha_witness *w)
{
    uint64_t hash = r->has_time ? ha_evidence_hash(r, ha_evidence_is_error(r->status)) : 0;
    if (hash > bound || !begin_witness(r, hash, w))
        return false;
    read_texts(r, w);
    return true;
}

/* A query tells requests apart that are for the same thing; in a request that is no HTTP nothing is
 * one. */
static struct ha_view without_query(struct ha_view target)
{
    const char *query = target.len == 0 ? NULL : memchr(target.ptr, '?', target.len);
    if (query != NULL && query > target.ptr)
        target.len = (size_t)(query - target.ptr);
    return target;
}

static struct ha_sample_set *set_of(struct ha_evidence *e, int status)
{
    return ha_evidence_is_error(status) ? &e->errors : &e->others;
}

/* What is passed over in any case; and then so are, at once, others of that minute and status. */
static bool passes(struct ha_evidence *e, const struct ha_witness *w)
{
    struct ha_sample_set *set = set_of(e, w->status);
    int64_t from_us = (int64_t)((uint64_t)w->minute * HA_MINUTE_US);
    struct ha_evidence_recent *recent = set == &e->errors ? &e->recent[w->status - 400] : NULL;
    if (e->lost || (recent != NULL && recent->from_us == from_us && w->hash > recent->greatest))
        return true;
    if (ha_sample_set_is_shut(set) || w->hash > set->bound)
        return true;
    if (recent == NULL)
        return false;
    recent->from_us = from_us;
    recent->greatest = ha_sample_set_greatest(set, w->hash, w->minute, w->status);
    return w->hash > recent->greatest;
}

static bool put(struct ha_evidence *e, const struct ha_witness *w)
{
    struct ha_sampled one;
    one.hash = w->hash;
    one.minute = w->minute;
    one.status = w->status;
    one.method = w->method;
    one.count = 1;
    bool whole = e->options.keep_query || !w->has_target;
    char room[MASKED];
    const struct ha_view texts[HA_SAMPLED_TEXTS] = {
        [HA_SAMPLED_CLIENT] = w->client,
        [HA_SAMPLED_TARGET] =
            ha_facts_masked(whole ? w->target : without_query(w->target), room, MASKED),
        [HA_SAMPLED_AGENT] = w->agent,
        [HA_SAMPLED_TOKEN] = w->token};
    struct ha_sample_set *set = set_of(e, w->status);
    if (ha_sample_set_count_held(set, &one, texts))
        return true;
    ha_sampled_put(&one, texts);
    return ha_sample_set_add(set, &one);
}

bool ha_evidence_add(struct ha_evidence *e, const struct ha_witness *w)
{
    return passes(e, w) || put(e, w);
}

static bool take(struct ha_evidence *e, const struct ha_record *r, uint64_t hash)
{
    struct ha_witness w;
    if (!begin_witness(r, hash, &w) || passes(e, &w))
        return true;
    read_texts(r, &w);
    return put(e, &w);
}

bool ha_evidence_take(struct ha_evidence *e, const struct ha_record *records,
                      const struct ha_wanted *wanted)
{
    int64_t minute[HA_WANTED];
    bool ok = true;
    for (size_t i = 0; i < wanted->count; i++) {
        const struct ha_record *r = &records[wanted->at[i]];
        minute[i] = ha_floor_div(r->time_us, HA_MINUTE_US);
        ha_sample_set_fetch_stratum(set_of(e, r->status), wanted->hash[i], minute[i], r->status);
    }
    for (size_t i = 0; i < wanted->count; i++) {
        const struct ha_record *r = &records[wanted->at[i]];
        ha_sample_set_fetch_entry(set_of(e, r->status), wanted->hash[i], minute[i], r->status);
    }
    for (size_t i = 0; i < wanted->count; i++)
        ok &= take(e, &records[wanted->at[i]], wanted->hash[i]);
    return ok;
}

uint64_t ha_evidence_bound(const struct ha_evidence *e)
{
    return e->others.bound;
}

bool ha_evidence_merge(struct ha_evidence *into, const struct ha_evidence *from)
{
    if (from->lost)
        ha_evidence_lose(into);
    if (into->lost)
        return true;
    return ha_sample_set_merge(&into->errors, &from->errors) &&
           ha_sample_set_merge(&into->others, &from->others);
}
