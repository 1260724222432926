/* values.c - who asked for what: the values that records have for the lists, a batch at a time. */
#include "values.h"

#include <string.h>

/* What some records have for each list of all requests, and which of them are errors. */
struct values {
    struct ha_view value[HA_TOP_ERROR_TARGETS][HA_VALUES_BATCH];
    uint32_t place[HA_TOP_ERROR_TARGETS][HA_VALUES_BATCH];
    size_t count[HA_TOP_ERROR_TARGETS], errors;
    struct ha_error error[HA_VALUES_BATCH];
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

static inline __attribute__((always_inline)) void
put_values(const struct ha_tally *t, struct values *to, const struct ha_record *r)
{
    struct ha_view target, v;
    bool has_target = target_of(t, r, &target);
    if (has_target)
        put(to, HA_TOP_TARGETS, target);
    struct ha_view client = ha_get(r, HA_FIELD_CLIENT);
    bool has_client = !ha_is_none(client);
    if (has_client)
        put(to, HA_TOP_CLIENTS, client);
    /* Their places come later; until then these are their numbers, + 1. */
    if (r->status >= 400 && r->status <= 599)
        to->error[to->errors++] =
            (struct ha_error){target,
                              client,
                              has_target ? (uint32_t)to->count[HA_TOP_TARGETS] : 0,
                              has_client ? (uint32_t)to->count[HA_TOP_CLIENTS] : 0,
                              r->status,
                              ha_has(r, HA_FIELD_TARGET)};
    v = ha_get(r, HA_FIELD_REFERER);
    if (!ha_is_none(v))
        put(to, HA_TOP_REFERERS, v);
    /* An agent that hides itself is worth knowing; a request that was not referred is the rule. */
    if (ha_has(r, HA_FIELD_AGENT)) {
        v = ha_get(r, HA_FIELD_AGENT);
        put(to, HA_TOP_AGENTS, ha_is_none(v) ? dash : v);
    }
}

/* What has a number gets its place; what has none is none. */
static void find_place(struct ha_view *value, uint32_t *place, const uint32_t *places)
{
    if (*place == 0)
        value->len = 0;
    else
        *place = places[*place - 1];
}

bool ha_values_add(struct ha_tally *t, const struct ha_record *records, const uint8_t *series,
                   size_t n)
{
    HA_ASSERT(n <= HA_VALUES_BATCH);
    struct values v;
    memset(v.count, 0, sizeof v.count);
    v.errors = 0;
    for (size_t i = 0; i < n; i++)
        if (series[i] != HA_SERIES_N)
            put_values(t, &v, &records[i]);
    bool ok = true;
    for (int i = 0; i < HA_TOP_ERROR_TARGETS; i++)
        ok &= ha_top_add_at(&t->top[i], v.value[i], v.count[i], v.place[i]);
    if (!ok)
        return false;
    for (size_t i = 0; i < v.errors; i++) {
        struct ha_error *e = &v.error[i];
        find_place(&e->target, &e->target_place, v.place[HA_TOP_TARGETS]);
        find_place(&e->client, &e->client_place, v.place[HA_TOP_CLIENTS]);
    }
    return ha_errors_add(t, v.error, v.errors);
}
