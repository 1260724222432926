/* values.c - who asked for what: the values that records have for the lists, a batch at a time. */
#include "values.h"

#include <string.h>

/* What some records have for each list of all requests, and which of them are errors. What a record
 * has or is not is put, too, and then written over: whether a request was referred, or went well,
 * is guessed wrong too often. */
struct values {
    struct ha_view value[HA_TOP_ERROR_TARGETS][HA_VALUES_BATCH];
    uint32_t place[HA_TOP_ERROR_TARGETS][HA_VALUES_BATCH];
    size_t count[HA_TOP_ERROR_TARGETS], errors, queries;
    struct {
        uint8_t record, target, client; /* the latter are numbers of values, + 1; 0: it has none */
    } error[HA_VALUES_BATCH];
    uint8_t query[HA_VALUES_BATCH]; /* targets that may have one, by number */
};

static const struct ha_view dash = {"-", 1};

static inline void put(struct values *v, enum ha_top list, struct ha_view value, bool belongs)
{
    v->value[list][v->count[list]] = value;
    v->count[list] += belongs;
}

/* As ha_is_none, without a branch. */
static inline bool is_none(struct ha_view v)
{
    const char *const begin[2] = {dash.ptr, v.ptr};
    return (v.len <= 1) & (*begin[v.len == 1] == '-');
}

/* The target; for a request that is no HTTP the whole of it, where nothing is a query. Returns its
 * number, + 1; 0 when the record has neither. */
static inline size_t put_target(const struct ha_tally *t, const struct ha_record *r,
                                struct values *to)
{
    size_t number = to->count[HA_TOP_TARGETS];
    struct ha_view target = ha_get(r, HA_FIELD_TARGET);
    if (target.len > 0) {
        to->query[to->queries] = (uint8_t)number;
        to->queries += !(t->keep_query | r->plain_request);
    } else if (ha_has(r, HA_FIELD_REQUEST)) {
        target = ha_get(r, HA_FIELD_REQUEST);
        target = target.len == 0 ? dash : target;
    } else {
        return 0;
    }
    put(to, HA_TOP_TARGETS, target, true);
    return number + 1;
}

static inline size_t put_client(const struct ha_record *r, struct values *to)
{
    struct ha_view client = ha_get(r, HA_FIELD_CLIENT);
    if (ha_is_none(client))
        return 0;
    put(to, HA_TOP_CLIENTS, client, true);
    return to->count[HA_TOP_CLIENTS];
}

static inline __attribute__((always_inline)) void
put_values(const struct ha_tally *t, struct values *to, const struct ha_record *r, size_t i)
{
    to->error[to->errors].record = (uint8_t)i;
    to->error[to->errors].target = (uint8_t)put_target(t, r, to);
    to->error[to->errors].client = (uint8_t)put_client(r, to);
    to->errors += (size_t)ha_evidence_is_error(r->status);
    if (ha_has(r, HA_FIELD_REFERER)) {
        struct ha_view referer = r->field[HA_FIELD_REFERER];
        put(to, HA_TOP_REFERERS, referer, !is_none(referer));
    }
    /* An agent that hides itself is worth knowing; a request that was not referred is the rule. */
    if (ha_has(r, HA_FIELD_AGENT)) {
        struct ha_view agent = r->field[HA_FIELD_AGENT];
        put(to, HA_TOP_AGENTS, agent.len == 0 ? dash : agent, true);
    }
}

/* What is asked for apart from its query. */
static void cut_queries(struct values *v)
{
    for (size_t i = 0; i < v->queries; i++) {
        struct ha_view *target = &v->value[HA_TOP_TARGETS][v->query[i]];
        const char *query = memchr(target->ptr, '?', target->len);
        if (query != NULL && query > target->ptr)
            target->len = (size_t)(query - target->ptr);
    }
}

static bool add_errors(struct ha_tally *t, const struct ha_record *records, const struct values *v)
{
    struct ha_error errors[HA_VALUES_BATCH];
    for (size_t i = 0; i < v->errors; i++) {
        const struct ha_record *r = &records[v->error[i].record];
        size_t target = v->error[i].target, client = v->error[i].client;
        struct ha_error *e = &errors[i];
        *e = (struct ha_error){.status = r->status, .is_path = ha_has(r, HA_FIELD_TARGET)};
        if (target > 0) {
            e->target = v->value[HA_TOP_TARGETS][target - 1];
            e->target_place = v->place[HA_TOP_TARGETS][target - 1];
        }
        if (client > 0) {
            e->client = v->value[HA_TOP_CLIENTS][client - 1];
            e->client_place = v->place[HA_TOP_CLIENTS][client - 1];
        }
    }
    return ha_errors_add(t, errors, v->errors);
}

bool ha_values_add(struct ha_tally *t, const struct ha_record *records, const uint8_t *series,
                   size_t n)
{
    HA_ASSERT(n <= HA_VALUES_BATCH);
    struct values v;
    memset(v.count, 0, sizeof v.count);
    v.errors = v.queries = 0;
    for (size_t i = 0; i < n; i++)
        if (series[i] != HA_SERIES_N)
            put_values(t, &v, &records[i], i);
    cut_queries(&v);
    bool ok = true;
    for (int i = 0; i < HA_TOP_ERROR_TARGETS; i++)
        ok &= ha_top_add_at(&t->top[i], v.value[i], v.count[i], v.place[i]);
    return ok && add_errors(t, records, &v);
}
