/* evidence.c - which records are witnesses of what, and the two samples of them. */
#include "evidence_parts.h"

#define MINUTE_US (60 * HA_US_PER_S)

enum ha_err ha_evidence_new(const struct ha_evidence_options *o, struct ha_evidence **out)
{
    struct ha_evidence *e = ha_calloc(1, sizeof *e);
    *out = e;
    if (e == NULL)
        return HA_ERR_MEMORY;
    e->options = *o;
    ha_sample_set_init(&e->errors, o->errors, HA_EVIDENCE_STRATUM);
    ha_sample_set_init(&e->others, o->others, 0);
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

/* Towards minus infinity. */
static int64_t minute_of(int64_t time_us)
{
    return time_us / MINUTE_US - (time_us % MINUTE_US < 0);
}

static bool is_none(struct ha_view v)
{
    return v.len == 0 || (v.len == 1 && v.ptr[0] == '-');
}

bool ha_witness_of(const struct ha_record *r, struct ha_witness *w)
{
    static const struct ha_view none = {NULL, 0};
    if (!r->has_time || r->status < 100 || r->status > 599)
        return false;
    *w = (struct ha_witness){.hash = ha_evidence_hash(r, ha_evidence_is_error(r->status)),
                             .minute = minute_of(r->time_us),
                             .status = r->status,
                             .method = r->method,
                             .client = ha_get(r, HA_FIELD_CLIENT),
                             .target = ha_get(r, HA_FIELD_TARGET),
                             .agent = ha_get(r, HA_FIELD_AGENT)};
    if (is_none(w->client))
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

bool ha_evidence_add(struct ha_evidence *e, const struct ha_witness *w)
{
    struct ha_sample_set *set = ha_evidence_is_error(w->status) ? &e->errors : &e->others;
    if (e->lost || ha_sample_set_passes(set, w->hash, w->minute, w->status))
        return true;
    struct ha_sampled one = {
        .hash = w->hash, .minute = w->minute, .status = w->status, .method = w->method, .count = 1};
    bool whole = e->options.keep_query || !w->has_target;
    const struct ha_view texts[HA_SAMPLED_TEXTS] = {
        [HA_SAMPLED_CLIENT] = w->client,
        [HA_SAMPLED_TARGET] = whole ? w->target : without_query(w->target),
        [HA_SAMPLED_AGENT] = w->agent,
        [HA_SAMPLED_TOKEN] = w->token};
    ha_sampled_put(&one, texts);
    return ha_sample_set_add(set, &one);
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
