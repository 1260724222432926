/* relieve.c - a small tally passes on what is nearly full of it, and no more; a large one lets go
 * of what nobody will read. */
#include "parts.h"

bool ha_tally_nearly_full(const struct ha_tally *t, size_t n)
{
    for (int i = 0; t->tops && i < HA_TOP_N; i++)
        if (!ha_top_has_room(&t->top[i], n))
            return true;
    return !ha_timeline_has_room(&t->timeline, n) ||
           !ha_error_minutes_have_room(&t->error_minutes, n) ||
           !ha_conduct_has_room(&t->conduct, n) ||
           (t->evidence != NULL && ha_evidence_nearly_full(t->evidence, n));
}

void ha_tally_follow(struct ha_tally *t, const struct ha_tally *common)
{
    ha_timeline_follow(&t->timeline, &common->timeline);
    ha_conduct_follow(&t->conduct, &common->conduct);
    if (t->evidence != NULL && common->evidence != NULL)
        ha_evidence_follow(t->evidence, common->evidence);
}

static bool relieve_evidence(struct ha_evidence *e, struct ha_evidence *into, size_t n)
{
    if (e == NULL || !ha_evidence_nearly_full(e, n))
        return true;
    bool ok = ha_evidence_merge(into, e);
    ha_evidence_reset(e);
    ha_evidence_follow(e, into);
    return ok;
}

enum ha_err ha_tally_relieve(struct ha_tally *t, struct ha_tally *common, size_t n)
{
    HA_ASSERT(t != common && t->tops == common->tops);
    bool ok = true;
    for (int i = 0; t->tops && i < HA_TOP_N; i++) {
        if (ha_top_has_room(&t->top[i], n))
            continue;
        ok = ha_top_merge(&common->top[i], &t->top[i]) && ok;
        ha_top_reset(&t->top[i]);
    }
    if (!ha_timeline_has_room(&t->timeline, n)) {
        ok = ha_timeline_merge(&common->timeline, &t->timeline) && ok;
        ha_timeline_reset(&t->timeline);
        ha_timeline_follow(&t->timeline, &common->timeline);
    }
    if (!ha_error_minutes_have_room(&t->error_minutes, n)) {
        ok = ha_error_minutes_merge(&common->error_minutes, &t->error_minutes) && ok;
        ha_error_minutes_reset(&t->error_minutes);
    }
    if (!ha_conduct_has_room(&t->conduct, n)) {
        ok = ha_conduct_merge(&common->conduct, &t->conduct) && ok;
        ha_conduct_reset(&t->conduct);
        ha_conduct_follow(&t->conduct, &common->conduct);
    }
    ok = relieve_evidence(t->evidence, common->evidence, n) && ok;
    common->failed |= !ok;
    return ok ? HA_OK : HA_ERR_MEMORY;
}

enum ha_err ha_tally_keep_compared(struct ha_tally *t)
{
    const struct ha_limits *limits = &t->options.limits;
    bool ok = true;
    for (int i = 0; t->tops && i < HA_TOP_N; i++) {
        struct ha_top_list *l = &t->top[i];
        uint64_t seed = l->seed;
        struct ha_distinct *seen = l->seen;
        if (i == HA_TOP_ERROR_PAIRS)
            continue;
        ha_top_done(l);
        ok = ha_top_init(l, limits, seed, seen) && ok;
    }
    /* The new lists count their moves from the start. */
    t->error_places = (struct ha_error_places){0};
    ha_timeline_done(&t->timeline);
    ha_timeline_init(&t->timeline, limits->time_buckets);
    ha_error_minutes_done(&t->error_minutes);
    ok = ha_error_minutes_init(&t->error_minutes, HA_MINUTES_FACTOR * limits->time_buckets) && ok;
    ha_conduct_done(&t->conduct);
    ha_conduct_init(&t->conduct, limits->conduct_periods);
    ha_evidence_free(&t->evidence);
    t->failed |= !ok;
    return ok ? HA_OK : HA_ERR_MEMORY;
}
