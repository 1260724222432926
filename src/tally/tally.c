/* tally.c - every sum of a run, from its making to its reading, and what a merge does. */
#include "httpannotate/tally.h"

#include "count.h"
#include "error_pairs.h"
#include "hash.h"
#include "httpannotate/facts.h"
#include "parts.h"

#include <string.h>

void ha_sat_stop(uint64_t *n)
{
    *n = UINT64_MAX;
}

static bool init_tops(struct ha_tally *t, const struct ha_tally_options *o)
{
    uint64_t seed = o->seed != 0 ? o->seed : HA_HASH_FIXED_SEED;
    for (int i = 0; t->tops && i < HA_TOP_N; i++)
        if (!ha_top_init(&t->top[i], &o->limits, seed, i == HA_TOP_CLIENTS ? &t->clients : NULL))
            return false;
    return true;
}

static bool init_evidence(struct ha_tally *t, const struct ha_tally_options *o)
{
    const struct ha_evidence_options of = {.errors = o->limits.evidence_errors,
                                           .others = o->limits.evidence_others,
                                           .keep_query = o->keep_query,
                                           .templates = o->templates};
    return !o->evidence || ha_evidence_new(&of, &t->evidence) == HA_OK;
}

enum ha_err ha_tally_new(const struct ha_tally_options *o, struct ha_tally **out)
{
    struct ha_tally *t = ha_calloc(1, sizeof *t);
    *out = NULL;
    if (t == NULL)
        return HA_ERR_MEMORY;
    t->options = *o;
    t->tops = o->tops;
    t->keep_query = o->keep_query;
    t->patterns = o->patterns;
    ha_timeline_init(&t->timeline, o->limits.time_buckets);
    ha_conduct_init(&t->conduct, o->limits.conduct_periods);
    t->pattern = ha_calloc(o->patterns > 0 ? o->patterns : 1, sizeof *t->pattern);
    if (t->pattern == NULL ||
        !ha_error_minutes_init(&t->error_minutes, HA_MINUTES_FACTOR * o->limits.time_buckets) ||
        !ha_methods_init(&t->methods, o->limits.distinct_methods) ||
        !ha_method_statuses_init(&t->method_statuses) ||
        !ha_samples_init(&t->samples, &o->limits) || !init_tops(t, o) || !init_evidence(t, o)) {
        ha_tally_free(&t);
        return HA_ERR_MEMORY;
    }
    *out = t;
    return HA_OK;
}

void ha_tally_free(struct ha_tally **t)
{
    if (*t == NULL)
        return;
    for (int i = 0; i < HA_TOP_N; i++)
        ha_top_done(&(*t)->top[i]);
    ha_timeline_done(&(*t)->timeline);
    ha_error_minutes_done(&(*t)->error_minutes);
    ha_samples_done(&(*t)->samples);
    ha_findings_done(&(*t)->findings);
    ha_evidence_free(&(*t)->evidence);
    ha_conduct_done(&(*t)->conduct);
    ha_methods_done(&(*t)->methods);
    ha_method_statuses_done(&(*t)->method_statuses);
    for (size_t i = 0; i < HA_COUNT((*t)->durations); i++)
        ha_quantiles_done(&(*t)->durations[i]);
    ha_quantiles_done(&(*t)->sizes);
    ha_free((*t)->pattern);
    ha_free(*t);
    *t = NULL;
}

void ha_sums_merge(struct ha_tally_sums *into, const struct ha_tally_sums *from)
{
    into->lines = ha_sat_add(into->lines, from->lines);
    into->bytes = ha_sat_add(into->bytes, from->bytes);
    into->selected = ha_sat_add(into->selected, from->selected);
    into->no_status = ha_sat_add(into->no_status, from->no_status);
    into->errors = ha_sat_add(into->errors, from->errors);
    ha_sat_add_all(into->verdict, from->verdict, HA_VERDICT_N);
    ha_sat_add_all(into->reason, from->reason, HA_REASON_N);
    for (size_t i = 0; i < HA_COUNT(into->classes); i++)
        ha_count_merge(&into->classes[i], from->classes[i]);
    for (size_t i = 0; i < HA_COUNT(into->status); i++)
        ha_count_merge(&into->status[i], from->status[i]);
    ha_count_merge(&into->no_method, from->no_method);
    ha_count_merge(&into->other_methods, from->other_methods);
    if (from->has_time) {
        if (!into->has_time || from->first_us < into->first_us)
            into->first_us = from->first_us;
        if (!into->has_time || from->last_us > into->last_us)
            into->last_us = from->last_us;
        into->has_time = true;
    }
}

enum ha_err ha_tally_merge(struct ha_tally *into, const struct ha_tally *from)
{
    HA_ASSERT(into != from && into->patterns == from->patterns && into->tops == from->tops);
    HA_ASSERT((into->evidence == NULL) == (from->evidence == NULL));
    HA_ASSERT(!into->cells.waiting && !from->cells.waiting);
    ha_sums_merge(&into->sums, &from->sums);
    ha_noise_merge(&into->noise, &from->noise);
    ha_sat_add_all(into->pattern, from->pattern, into->patterns);
    ha_distinct_merge(&into->clients, &from->clients);
    if (from->failed)
        into->failed = true;
    for (size_t i = 0; i < HA_COUNT(into->durations); i++)
        if (!ha_quantiles_merge(&into->durations[i], &from->durations[i]))
            into->failed = true;
    if (!ha_quantiles_merge(&into->sizes, &from->sizes) ||
        !ha_method_statuses_merge(&into->method_statuses, &from->method_statuses) ||
        !ha_methods_merge(&into->methods, &from->methods, &into->sums.other_methods) ||
        !ha_timeline_merge(&into->timeline, &from->timeline) ||
        !ha_error_minutes_merge(&into->error_minutes, &from->error_minutes) ||
        !ha_samples_merge(&into->samples, &from->samples) ||
        !ha_findings_merge(&into->findings, &from->findings) ||
        !ha_conduct_merge(&into->conduct, &from->conduct) ||
        (into->evidence != NULL && !ha_evidence_merge(into->evidence, from->evidence)))
        into->failed = true;
    for (int i = 0; into->tops && i < HA_TOP_N; i++)
        if (!ha_top_merge(&into->top[i], &from->top[i]))
            into->failed = true;
    return into->failed ? HA_ERR_MEMORY : HA_OK;
}

struct ha_tally_options ha_tally_made_with(const struct ha_tally *t)
{
    return t->options;
}

bool ha_tally_ok(const struct ha_tally *t)
{
    return !t->failed;
}

const struct ha_tally_sums *ha_tally_sums(const struct ha_tally *t)
{
    HA_ASSERT(!t->cells.waiting);
    return &t->sums;
}

enum ha_err ha_tally_methods(const struct ha_tally *t, struct ha_method_count **out, size_t *count)
{
    return ha_methods_read(&t->methods, out, count);
}

const uint64_t *ha_tally_method_statuses(const struct ha_tally *t, int method)
{
    size_t row = (size_t)(method + 2);
    return row < ha_method_statuses_rows() ? t->method_statuses.rows[row] : NULL;
}

enum ha_err ha_tally_durations(const struct ha_tally *t, unsigned classes, struct ha_spread *out)
{
    struct ha_quantiles all = {0};
    bool ok = true;
    for (size_t i = 0; i < HA_COUNT(t->durations); i++)
        if ((classes >> i & 1) != 0 && !ha_quantiles_merge(&all, &t->durations[i]))
            ok = false;
    *out = ha_quantiles_spread(&all);
    ha_quantiles_done(&all);
    return ok ? HA_OK : HA_ERR_MEMORY;
}

struct ha_spread ha_tally_sizes(const struct ha_tally *t)
{
    return ha_quantiles_spread(&t->sizes);
}

uint64_t ha_tally_pattern(const struct ha_tally *t, size_t pattern)
{
    return pattern < t->patterns ? t->pattern[pattern] : 0;
}

size_t ha_tally_top(const struct ha_tally *t, enum ha_top which, size_t n, struct ha_top_entry *to)
{
    size_t count = t->tops ? ha_top_read(&t->top[which], n, to) : 0;
    for (size_t i = 0; which == HA_TOP_ERROR_PAIRS && i < count; i++)
        ha_pair_split(&to[i]);
    return count;
}

bool ha_tally_pair(const struct ha_tally *t, int status, struct ha_view target,
                   struct ha_top_entry *to)
{
    char text[HA_PAIR_ROOM];
    size_t used;
    if (!t->tops || status < 100 || status > 999 || target.len > HA_TEMPLATE_TARGET)
        return false;
    struct ha_error_values v = ha_error_values(target, false, status, text, &used);
    if (!ha_top_find(&t->top[HA_TOP_ERROR_PAIRS], v.pair, to))
        return false;
    ha_pair_split(to);
    return true;
}

uint64_t ha_tally_top_bound(const struct ha_tally *t, enum ha_top which)
{
    return t->tops ? t->top[which].bound : 0;
}

uint64_t ha_tally_distinct_clients(const struct ha_tally *t, bool *estimated)
{
    const struct ha_top_list *clients = &t->top[HA_TOP_CLIENTS];
    *estimated = !t->tops || clients->bound > 0;
    return *estimated ? ha_distinct_count(&t->clients) : clients->entries;
}

enum ha_err ha_tally_timeline(const struct ha_tally *t, int64_t wanted_s, size_t max_buckets,
                              struct ha_bucket **out, size_t *count, int64_t *width_s)
{
    return ha_timeline_read(&t->timeline, wanted_s, max_buckets, out, count, width_s);
}

enum ha_err ha_tally_minutes(const struct ha_tally *t, struct ha_minutes *out)
{
    return ha_timeline_minutes(&t->timeline, out);
}

enum ha_err ha_tally_error_minutes(const struct ha_tally *t, struct ha_error_minute **out,
                                   size_t *count)
{
    return ha_error_minutes_read(&t->error_minutes, out, count);
}

enum ha_minutes_kept ha_tally_minutes_kept(const struct ha_tally *t)
{
    return t->error_minutes.kept;
}

size_t ha_tally_samples(const struct ha_tally *t, const struct ha_sample **out)
{
    return ha_samples_read(&t->samples, out);
}

const struct ha_evidence *ha_tally_evidence(const struct ha_tally *t)
{
    return t->evidence != NULL && !t->evidence->lost ? t->evidence : NULL;
}

bool ha_tally_counts_findings(const struct ha_tally *t)
{
    return t->options.findings;
}

const struct ha_found *ha_tally_found(const struct ha_tally *t, int rule, int form)
{
    return &t->findings.found[form][rule];
}

void ha_tally_reset(struct ha_tally *t)
{
    memset(&t->sums, 0, sizeof t->sums);
    memset(&t->cells, 0, sizeof t->cells);
    memset(&t->clients, 0, sizeof t->clients);
    memset(t->pattern, 0, t->patterns * sizeof *t->pattern);
    ha_methods_reset(&t->methods);
    ha_method_statuses_reset(&t->method_statuses);
    for (size_t i = 0; i < HA_COUNT(t->durations); i++)
        ha_quantiles_reset(&t->durations[i]);
    ha_quantiles_reset(&t->sizes);
    ha_timeline_reset(&t->timeline);
    ha_error_minutes_reset(&t->error_minutes);
    ha_samples_reset(&t->samples);
    ha_findings_reset(&t->findings);
    ha_conduct_reset(&t->conduct);
    memset(&t->noise, 0, sizeof t->noise);
    if (t->evidence != NULL)
        ha_evidence_reset(t->evidence);
    for (int i = 0; t->tops && i < HA_TOP_N; i++)
        ha_top_reset(&t->top[i]);
}
