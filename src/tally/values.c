/* values.c - who asked for what: the values that records have for the lists, a batch at a time. */
#include "values.h"

#include "error_pairs.h"

#include <string.h>

/* Bytes of the values that are made, not found in the line: mostly enough for a batch. */
#define TEXT (4 * HA_PAIR_ROOM)

/* What some records have for each list; text has those values that are not as in the line. */
struct values {
    struct ha_view value[HA_TOP_N][HA_VALUES_BATCH];
    size_t count[HA_TOP_N];
    size_t used;
    char text[TEXT];
};

static const struct ha_view dash = {"-", 1};

/* The target without its query, unless that is to be kept; for a request that is no HTTP the
 * whole of it, where nothing is a query. False when the record has neither. */
static bool target_of(const struct ha_tally *t, const struct ha_record *r, struct ha_view *out)
{
    *out = ha_get(r, HA_FIELD_TARGET);
    if (out->len > 0) {
        const char *query =
            t->keep_query || r->plain_request ? NULL : memchr(out->ptr, '?', out->len);
        if (query != NULL && query > out->ptr)
            out->len = (size_t)(query - out->ptr);
        return true;
    }
    *out = ha_get(r, HA_FIELD_REQUEST);
    if (out->len == 0)
        *out = dash;
    return ha_has(r, HA_FIELD_REQUEST);
}

static void put(struct values *v, enum ha_top list, struct ha_view value)
{
    v->value[list][v->count[list]++] = value;
}

/* A request that is no HTTP has no segments, whatever its bytes. */
static void put_error(const struct ha_tally *t, struct values *to, const struct ha_record *r,
                      struct ha_view target)
{
    size_t used;
    bool as_template = t->options.templates && ha_has(r, HA_FIELD_TARGET);
    struct ha_error_values v =
        ha_error_values(target, as_template, r->status, to->text + to->used, &used);
    to->used += used;
    put(to, HA_TOP_ERROR_TARGETS, v.target);
    put(to, HA_TOP_ERROR_PAIRS, v.pair);
}

static inline __attribute__((always_inline)) void
put_values(const struct ha_tally *t, struct values *to, const struct ha_record *r, bool error)
{
    struct ha_view v;
    if (target_of(t, r, &v)) {
        put(to, HA_TOP_TARGETS, v);
        if (error)
            put_error(t, to, r, v);
    }
    v = ha_get(r, HA_FIELD_CLIENT);
    if (!ha_is_none(v)) {
        put(to, HA_TOP_CLIENTS, v);
        if (error)
            put(to, HA_TOP_ERROR_CLIENTS, v);
    }
    v = ha_get(r, HA_FIELD_REFERER);
    if (!ha_is_none(v))
        put(to, HA_TOP_REFERERS, v);
    /* An agent that hides itself is worth knowing; a request that was not referred is the rule. */
    if (ha_has(r, HA_FIELD_AGENT)) {
        v = ha_get(r, HA_FIELD_AGENT);
        put(to, HA_TOP_AGENTS, ha_is_none(v) ? dash : v);
    }
}

/* Afterwards there are none. False when memory ran out. */
static bool add_values(struct ha_tally *t, struct values *v)
{
    bool ok = true;
    for (int i = 0; i < HA_TOP_N; i++) {
        ok &= ha_top_add(&t->top[i], v->value[i], v->count[i]);
        v->count[i] = 0;
    }
    v->used = 0;
    return ok;
}

bool ha_values_add(struct ha_tally *t, const struct ha_record *records, const uint8_t *series,
                   size_t n)
{
    HA_ASSERT(n <= HA_VALUES_BATCH);
    struct values values;
    memset(values.count, 0, sizeof values.count);
    values.used = 0;
    bool ok = true;
    for (size_t i = 0; i < n; i++) {
        if (series[i] == HA_SERIES_N)
            continue;
        const struct ha_record *r = &records[i];
        put_values(t, &values, r, r->status >= 400 && r->status <= 599);
        if (values.used > TEXT - HA_PAIR_ROOM)
            ok &= add_values(t, &values);
    }
    return add_values(t, &values) && ok;
}
