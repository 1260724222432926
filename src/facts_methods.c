/* facts_methods.c - methods, and what a method and a status mean together.
 *
 * The look-up of a method runs once a line: the four that make up nearly all traffic are told by
 * their length and bytes, the others by a hash table filled once. */
#include <pthread.h>
#include <string.h>

#include "httpannotate/facts.h"
#include "httpannotate/record.h"

#define HA_CACHEABLE_YES             "y", true
#define HA_CACHEABLE_NO              "n", false
#define HA_CACHEABLE_WHEN(condition) "conditional: " condition, false

static const struct ha_method_fact methods[] = {
#define HA_METHOD(method, registry, source, safe, idempotent, cacheable, body, meaning, hint)      \
    {method, registry, source, safe, idempotent, HA_CACHEABLE_##cacheable, body, meaning, hint},
#include "httpannotate/tbl/methods.def"
#undef HA_METHOD
};

static const struct ha_pair_fact pairs[] = {
#define HA_PAIR(method, status, note, tone, basis) {method, status, note, HA_TONE_##tone, basis},
#include "httpannotate/tbl/pairs.def"
#undef HA_PAIR
};

enum { SLOTS = 256 };
static struct {
    uint8_t index[SLOTS]; /* index + 1; 0: free */
    uint8_t len[SLOTS];
} table;
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static size_t slot_of(struct ha_view token)
{
    const unsigned char *s = (const unsigned char *)token.ptr;
    size_t last = token.len - 1;
    return (token.len * 7 + s[0] * 31u + s[last / 2] * 17u + s[last] * 3u) % SLOTS;
}

static void fill_table(void)
{
    for (size_t i = 0; i < HA_COUNT(methods); i++) {
        struct ha_view name = ha_view_of(methods[i].method);
        size_t slot = slot_of(name);
        while (table.index[slot] != 0)
            slot = (slot + 1) % SLOTS;
        table.index[slot] = (uint8_t)(i + 1);
        table.len[slot] = (uint8_t)name.len;
    }
}

static int find_in_table(struct ha_view token)
{
    (void)pthread_once(&table_once, fill_table);
    for (size_t slot = slot_of(token); table.index[slot] != 0; slot = (slot + 1) % SLOTS) {
        size_t i = table.index[slot] - 1u;
        if (table.len[slot] == token.len && memcmp(methods[i].method, token.ptr, token.len) == 0)
            return (int)i;
    }
    return HA_UNLISTED_METHOD;
}

int ha_facts_method_index(struct ha_view token)
{
    if (token.len == 3) {
        if (memcmp(token.ptr, "GET", 3) == 0)
            return HA_GET;
        if (memcmp(token.ptr, "PUT", 3) == 0)
            return HA_PUT;
    } else if (token.len == 4) {
        if (memcmp(token.ptr, "POST", 4) == 0)
            return HA_POST;
        if (memcmp(token.ptr, "HEAD", 4) == 0)
            return HA_HEAD;
    } else if (token.len == 0) {
        return HA_UNLISTED_METHOD;
    }
    return find_in_table(token);
}

const struct ha_method_fact *ha_facts_method(int index)
{
    HA_ASSERT(index >= 0 && (size_t)index < HA_COUNT(methods));
    return &methods[index];
}

size_t ha_facts_method_count(void)
{
    return HA_COUNT(methods);
}

/* The row of exactly this method and status. */
static const struct ha_pair_fact *pair_row(const char *method, const char *status)
{
    for (size_t i = 0; i < HA_COUNT(pairs); i++) {
        if (strcmp(pairs[i].method, method) == 0 && strcmp(pairs[i].status, status) == 0)
            return &pairs[i];
    }
    return NULL;
}

static bool starts_with(struct ha_view v, const char *s)
{
    size_t len = strlen(s);
    return v.len >= len && memcmp(v.ptr, s, len) == 0;
}

/* Apache and nginx write the bytes as \x16\x03, JSON logs as \u0016\u0003. */
bool ha_facts_is_tls(struct ha_view request)
{
    return starts_with(request, "\x16\x03") || starts_with(request, "\\x16\\x03") ||
           starts_with(request, "\\u0016\\u0003") || starts_with(request, "#16#03");
}

static const struct ha_pair_fact *pair_of_method(const struct ha_pair_query *q, const char *status)
{
    const char *name = methods[q->method].method;
    const struct ha_pair_fact *found = NULL;
    if (q->zero_bytes) {
        char no_bytes[] = "000 & 0 bytes";
        memcpy(no_bytes, status, 3);
        found = pair_row(name, no_bytes);
    }
    if (found == NULL && strcmp(name, "OPTIONS") == 0 && ha_view_is(q->target, "*"))
        found = pair_row("OPTIONS *", status);
    if (found == NULL)
        found = pair_row(name, status);
    if (found == NULL && q->method == HA_HEAD)
        found = pair_row("GET", status);
    return found;
}

const struct ha_pair_fact *ha_facts_pair(const struct ha_pair_query *q)
{
    if (q->status < 0 || q->status > 999)
        return NULL;
    char status[4];
    ha_code_text(q->status, status);
    const struct ha_pair_fact *found = NULL;
    if (q->method >= 0) {
        HA_ASSERT((size_t)q->method < HA_COUNT(methods));
        found = pair_of_method(q, status);
    } else if (q->method == HA_NO_METHOD && q->request.ptr != NULL) {
        /* Without the request column nothing is known of the request: it may well have been HTTP.
         */
        found = pair_row(ha_facts_is_tls(q->request) ? "(TLS bytes)" : "(none)", status);
    }
    return found != NULL ? found : pair_row("(any)", status);
}

const struct ha_pair_fact *ha_facts_pairs(size_t *count)
{
    *count = HA_COUNT(pairs);
    return pairs;
}
