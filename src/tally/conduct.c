/* conduct.c - which records say something of a client or a target over time, and what. */
#include "conduct.h"

#include "count.h"
#include "hash.h"

#include <string.h>

static const int64_t lengths[HA_CONDUCT_N] = {60, 600, 10, 60, 60, 600};

int64_t ha_conduct_period(enum ha_conduct_kind kind)
{
    HA_ASSERT(kind < HA_CONDUCT_N);
    return lengths[kind];
}

void ha_conduct_init(struct ha_conduct *c, size_t max)
{
    memset(c, 0, sizeof *c);
    c->patch = ha_facts_method_index(HA_VIEW_LIT("PATCH"));
    c->delete = ha_facts_method_index(HA_VIEW_LIT("DELETE"));
    c->move = ha_facts_method_index(HA_VIEW_LIT("MOVE"));
    for (int i = 0; i < HA_CONDUCT_N; i++)
        c->table[i].max = max < UINT32_MAX / 4 ? max : UINT32_MAX / 4;
}

void ha_conduct_done(struct ha_conduct *c)
{
    for (int i = 0; i < HA_CONDUCT_N; i++) {
        ha_free(c->table[i].actors);
        ha_free(c->table[i].periods);
        ha_free(c->table[i].index);
        c->table[i] = (struct ha_conduct_table){0};
    }
}

void ha_conduct_reset(struct ha_conduct *c)
{
    for (int i = 0; i < HA_CONDUCT_N; i++) {
        struct ha_conduct_table *t = &c->table[i];
        t->count = t->used = t->touched = 0;
        t->free = 0;
        t->seen = t->level = 0;
        if (t->index != NULL)
            memset(t->index, 0, (t->mask + 1) * sizeof *t->index);
    }
    if (c->any_welcome)
        memset(c->welcome, 0, sizeof c->welcome);
    c->any_welcome = false;
}

void ha_conduct_follow(struct ha_conduct *c, const struct ha_conduct *of)
{
    for (int i = 0; i < HA_CONDUCT_N; i++)
        c->table[i].level = of->table[i].level;
}

bool ha_conduct_has_room(const struct ha_conduct *c, size_t n)
{
    for (int i = 0; i < HA_CONDUCT_N; i++)
        if (n > c->table[i].max || c->table[i].used > c->table[i].max - n)
            return false;
    return true;
}

/* ---- what a record tells of ---- */

static bool is_method(const struct ha_record *r, const char *name)
{
    return r->method > HA_PUT && ha_view_is(ha_get(r, HA_FIELD_METHOD), name);
}

static bool is_client_known(const struct ha_record *r)
{
    return !ha_is_none(ha_get(r, HA_FIELD_CLIENT));
}

/* A redirect that names another place; 304 and 300 do not. */
static bool is_redirect(int status)
{
    return (status >= 301 && status <= 303) || status == 307 || status == 308;
}

/* Without credentials a 401 is the question, not the answer: with Basic the user is logged, and a
 * form is submitted. */
static bool is_refused_login(const struct ha_record *r)
{
    if (r->status == 401 && !ha_is_none(ha_get(r, HA_FIELD_USER)))
        return true;
    return (r->status == 401 || r->status == 403) && r->method == HA_POST &&
           ha_conduct_is_login(ha_get(r, HA_FIELD_TARGET));
}

static bool is_repeatable(const struct ha_record *r)
{
    return r->method == HA_POST || is_method(r, "PATCH");
}

/* After which nobody knows whether the request was acted upon. */
static bool is_unclear(int status)
{
    return status == 408 || status == 499 || status == 500 || (status >= 502 && status <= 504) ||
           status == 0;
}

static bool is_created(const struct ha_record *r)
{
    return r->method == HA_PUT && r->status == 201;
}

/* Failures that the method has no part in, and those of a moment, say nothing of GET and HEAD. */
static bool is_failed_twin(int status)
{
    return status == 404 || status == 405 || status == 410 || status == 500 || status == 501;
}

unsigned ha_conduct_tells(const struct ha_record *r)
{
    bool known = r->has_time && is_client_known(r), aimed = ha_get(r, HA_FIELD_TARGET).len > 0;
    unsigned kinds = 0;
    if (known && r->status == 429)
        kinds |= 1u << HA_CONDUCT_LIMITED;
    if (known && is_refused_login(r))
        kinds |= 1u << HA_CONDUCT_LOGIN;
    if (known && aimed && is_redirect(r->status))
        kinds |= 1u << HA_CONDUCT_REDIRECT;
    if (known && aimed && is_repeatable(r) && is_unclear(r->status))
        kinds |= 1u << HA_CONDUCT_REPEAT;
    if (r->has_time && aimed && is_created(r))
        kinds |= 1u << HA_CONDUCT_STORE;
    if (r->has_time && aimed && r->method == HA_HEAD)
        kinds |= 1u << HA_CONDUCT_TWIN;
    return kinds;
}

/* ---- what a method and a status may tell ---- */

static bool is_read(int method, int status)
{
    int class = ha_class_of(status);
    return (method == HA_GET || method == HA_HEAD) &&
           (class == 2 || class == 3 || is_failed_twin(status));
}

static bool stores(const struct ha_conduct *c, int method, int status)
{
    if (method == HA_PUT)
        return status == 200 || status == 201 || status == 204;
    return ha_class_of(status) == 2 && (method == c->delete || method == c->move);
}

/* Requests by which a form may be submitted. */
static bool submits(int method)
{
    return method > HA_HEAD || method == HA_UNLISTED_METHOD;
}

unsigned ha_conduct_may(const struct ha_conduct *c, int method, int status, bool user)
{
    bool well = ha_class_of(status) == 2 || ha_class_of(status) == 3, posts = method == HA_POST;
    return (unsigned)(status == 429) << HA_CONDUCT_LIMITED |
           (unsigned)((status == 401 && (user || posts)) || (status == 403 && posts))
               << HA_CONDUCT_LOGIN |
           (unsigned)is_redirect(status) << HA_CONDUCT_REDIRECT |
           (unsigned)(posts || method == c->patch) << HA_CONDUCT_REPEAT |
           (unsigned)stores(c, method, status) << HA_CONDUCT_STORE |
           (unsigned)is_read(method, status) << HA_CONDUCT_TWIN |
           (well && (user || submits(method)) ? HA_CONDUCT_WELCOMES : 0);
}

/* ---- counting ---- */

/* A quick mix of a text's length and end, to choose by or to tell agents apart. Never 0. */
static inline uint64_t glance(struct ha_view text)
{
    uint64_t word = 0;
    if (text.len >= sizeof word)
        memcpy(&word, text.ptr + text.len - sizeof word, sizeof word);
    else if (text.len > 0)
        memcpy(&word, text.ptr, text.len);
    word = (word ^ text.len << 56) * UINT64_C(0x9e3779b97f4a7c15);
    return (word ^ word >> 32) * UINT64_C(0xc2b2ae3d27d4eb4f) | 1;
}

/* Never 0, which stands for none. */
static uint64_t hash_of(struct ha_view v)
{
    uint64_t hash = ha_hash(v.ptr, v.len, HA_HASH_FIXED_SEED);
    return hash != 0 ? hash : 1;
}

/* A record that is being counted. */
struct look {
    struct ha_conduct *c;
    const struct ha_record *r;
    uint32_t source;
    uint64_t client, target; /* hashes; 0: not known */
    bool ok;
};

static int64_t second_of(const struct ha_record *r)
{
    return ha_floor_div(r->time_us, HA_US_PER_S);
}

/* tells: against somebody. */
static inline struct ha_deed begin(const struct look *k, enum ha_conduct_kind kind, bool tells)
{
    struct ha_deed d = {.period.start_s =
                            ha_floor_div(second_of(k->r), lengths[kind]) * lengths[kind]};
    if (tells) {
        d.actor.line_number = k->r->line_number;
        d.actor.source = k->source;
    }
    return d;
}

/* Where in its period the record lies, as the bits of struct ha_period have it. */
static uint64_t moment(const struct look *k, const struct ha_deed *d)
{
    return UINT64_C(1) << (second_of(k->r) - d->period.start_s);
}

/* One more record of a kind was seen. Whether its actor is watched: mostly it is not. */
static inline bool sees(struct look *k, enum ha_conduct_kind kind, uint64_t client, uint64_t target)
{
    struct ha_conduct_table *t = &k->c->table[kind];
    ha_conduct_thin(t, kind, 0, 1);
    return ha_conduct_watches(t->level, ha_conduct_key(client, target));
}

/* Puts what waits. */
static bool settle(struct ha_conduct *c)
{
    bool ok = true;
    for (size_t i = 0; i < c->waiting; i++)
        ha_conduct_fetch_actor(c->wait[i].table, &c->wait[i].deed.actor);
    for (size_t i = 0; i < c->waiting; i++)
        ok = ha_conduct_put(c->wait[i].table, &c->wait[i].deed) && ok;
    c->waiting = 0;
    return ok;
}

static void put(struct look *k, enum ha_conduct_kind kind, struct ha_deed *d)
{
    struct ha_conduct *c = k->c;
    d->actor.key = ha_conduct_key(d->actor.client, d->actor.target);
    ha_conduct_fetch_slot(&c->table[kind], &d->actor);
    c->wait[c->waiting++] = (struct ha_waiting_deed){&c->table[kind], *d};
    if (c->waiting == HA_DEEDS_WAIT)
        k->ok = settle(c) && k->ok;
}

static void aim(struct ha_deed *d, const struct ha_record *r, uint64_t target)
{
    struct ha_view v = r->field[HA_FIELD_TARGET];
    const char *query = r->plain_request ? NULL : memchr(v.ptr, '?', v.len);
    d->actor.target = target;
    if (query != NULL)
        d->actor.path = hash_of((struct ha_view){v.ptr, (size_t)(query - v.ptr)});
}

static uint16_t agent_of(const struct look *k)
{
    return (uint16_t)(1u << (glance(ha_get(k->r, HA_FIELD_AGENT)) >> 60));
}

static void add_limited(struct look *k)
{
    if (!sees(k, HA_CONDUCT_LIMITED, k->client, 0))
        return;
    struct ha_deed d = begin(k, HA_CONDUCT_LIMITED, true);
    d.actor.client = k->client;
    d.actor.agents = agent_of(k);
    d.period.n[0] = 1;
    d.period.seconds[0] = moment(k, &d);
    put(k, HA_CONDUCT_LIMITED, &d);
}

static void add_login(struct look *k)
{
    if (!is_refused_login(k->r) || !sees(k, HA_CONDUCT_LOGIN, k->client, 0))
        return;
    struct ha_deed d = begin(k, HA_CONDUCT_LOGIN, true);
    d.actor.client = k->client;
    d.actor.agents = agent_of(k);
    d.period.n[0] = 1;
    put(k, HA_CONDUCT_LOGIN, &d);
}

static void add_redirect(struct look *k)
{
    if (!sees(k, HA_CONDUCT_REDIRECT, k->client, k->target))
        return;
    struct ha_deed d = begin(k, HA_CONDUCT_REDIRECT, true);
    d.actor.client = k->client;
    aim(&d, k->r, k->target);
    d.actor.agents = agent_of(k);
    d.period.n[0] = 1;
    d.period.seconds[0] = moment(k, &d);
    put(k, HA_CONDUCT_REDIRECT, &d);
}

static void add_repeat(struct look *k)
{
    if (!sees(k, HA_CONDUCT_REPEAT, k->client, k->target))
        return;
    bool failed = is_unclear(k->r->status);
    struct ha_deed d = begin(k, HA_CONDUCT_REPEAT, failed);
    d.actor.client = k->client;
    aim(&d, k->r, k->target);
    d.period.n[HA_REPEAT_ALL] = 1;
    d.period.n[HA_REPEAT_FAILED] = failed;
    d.period.seconds[HA_REPEAT_ALL] = moment(k, &d);
    d.period.seconds[HA_REPEAT_FAILED] = failed ? moment(k, &d) : 0;
    put(k, HA_CONDUCT_REPEAT, &d);
}

/* What is removed with all that is in it counts for every target. */
static void add_store(struct look *k)
{
    const struct ha_record *r = k->r;
    struct ha_view target = r->field[HA_FIELD_TARGET];
    bool removed = r->method != HA_PUT, created = is_created(r);
    uint64_t aimed = removed && target.ptr[target.len - 1] == '/' ? 0 : k->target;
    if (!sees(k, HA_CONDUCT_STORE, 0, aimed))
        return;
    struct ha_deed d = begin(k, HA_CONDUCT_STORE, created);
    int deed = removed ? HA_STORE_REMOVED : created ? HA_STORE_CREATED : HA_STORE_REPLACED;
    d.period.n[deed] = 1;
    if (deed != HA_STORE_REPLACED)
        d.period.seconds[deed] = moment(k, &d);
    if (aimed != 0)
        aim(&d, r, aimed);
    put(k, HA_CONDUCT_STORE, &d);
}

static __attribute__((noinline)) bool count_twin(struct ha_conduct *c, const struct ha_record *r,
                                                 uint32_t source, uint64_t key)
{
    bool head = r->method == HA_HEAD;
    struct look k = {.c = c, .r = r, .source = source};
    struct ha_deed d = begin(&k, HA_CONDUCT_TWIN, head);
    aim(&d, r, hash_of(r->field[HA_FIELD_TARGET]));
    d.actor.key = key;
    d.period.n[(head ? HA_TWIN_HEAD : HA_TWIN_GET) + is_failed_twin(r->status)] = 1;
    return ha_conduct_put(&c->table[HA_CONDUCT_TWIN], &d);
}

/* GET or HEAD that succeeded, or failed in a way that says something. Nearly always the target is
 * not watched. */
static bool count_read(struct ha_conduct *c, const struct ha_record *r, uint32_t source)
{
    struct ha_conduct_table *t = &c->table[HA_CONDUCT_TWIN];
    if (!ha_has(r, HA_FIELD_TARGET) || r->field[HA_FIELD_TARGET].len == 0)
        return true;
    ha_conduct_thin(t, HA_CONDUCT_TWIN, 0, 1);
    uint64_t key = glance(r->field[HA_FIELD_TARGET]);
    return !ha_conduct_watches(t->level, key) || count_twin(c, r, source, key);
}

/* Whoever gets in by a form, or with a user that is logged. */
static void add_welcome(struct look *k)
{
    if (submits(k->r->method) || !ha_is_none(ha_get(k->r, HA_FIELD_USER))) {
        uint64_t place = k->client >> (64 - HA_WELCOME_BITS);
        k->c->welcome[place / 64] |= UINT64_C(1) << place % 64;
        k->c->any_welcome = true;
    }
}

static void add_client(struct look *k, unsigned may)
{
    if ((may & HA_CONDUCT_WELCOMES) != 0)
        add_welcome(k);
    if ((may & 1u << HA_CONDUCT_LIMITED) != 0)
        add_limited(k);
    if ((may & 1u << HA_CONDUCT_LOGIN) != 0)
        add_login(k);
}

static __attribute__((noinline)) bool count(struct ha_conduct *c, const struct ha_record *r,
                                            uint32_t source, unsigned may)
{
    const unsigned of_target =
        1u << HA_CONDUCT_REDIRECT | 1u << HA_CONDUCT_REPEAT | 1u << HA_CONDUCT_STORE;
    if (!r->has_time)
        return true;
    bool ok = (may & 1u << HA_CONDUCT_TWIN) == 0 || count_read(c, r, source);
    if ((may & ~(1u << HA_CONDUCT_TWIN)) == 0)
        return ok;
    struct ha_view client = ha_get(r, HA_FIELD_CLIENT), target = ha_get(r, HA_FIELD_TARGET);
    struct look k = {.c = c, .r = r, .source = source, .ok = ok};
    if (!ha_is_none(client)) {
        k.client = hash_of(client);
        add_client(&k, may);
    }
    if (target.len == 0 || (may & of_target) == 0)
        return k.ok;
    k.target = hash_of(target);
    if (k.client != 0 && (may & 1u << HA_CONDUCT_REDIRECT) != 0)
        add_redirect(&k);
    if (k.client != 0 && (may & 1u << HA_CONDUCT_REPEAT) != 0)
        add_repeat(&k);
    if ((may & 1u << HA_CONDUCT_STORE) != 0)
        add_store(&k);
    return k.ok;
}

/* What is but a read of a target that is not watched, as most records are, is only seen: that is
 * told of all of them at once, as it makes no difference when. */
bool ha_conduct_add_batch(struct ha_conduct *c, const struct ha_record *records, const uint8_t *may,
                          size_t n, uint32_t source)
{
    const uint32_t needed = UINT32_C(1) << HA_FIELD_TARGET;
    struct ha_conduct_table *t = &c->table[HA_CONDUCT_TWIN];
    /* The level may rise meanwhile: then some more are counted that are not watched. */
    uint64_t watched = t->level == 0 ? UINT64_MAX : (UINT64_C(1) << (64 - t->level)) - 1;
    uint64_t reads = 0;
    bool ok = true;
    for (size_t i = 0; i < n; i++) {
        const struct ha_record *r = &records[i];
        if (may[i] == 0)
            continue;
        if (may[i] == 1u << HA_CONDUCT_TWIN && (r->has & needed) != 0 && r->has_time &&
            r->field[HA_FIELD_TARGET].len >= sizeof(uint64_t) &&
            glance(r->field[HA_FIELD_TARGET]) > watched)
            reads++;
        else
            ok = count(c, r, source, may[i]) && ok;
    }
    if (reads > 0)
        ha_conduct_thin(t, HA_CONDUCT_TWIN, 0, reads);
    return settle(c) && ok;
}

/* ---- adding up ---- */

bool ha_conduct_merge(struct ha_conduct *into, const struct ha_conduct *from)
{
    for (int kind = 0; kind < HA_CONDUCT_N; kind++) {
        const struct ha_conduct_table *f = &from->table[kind];
        struct ha_conduct_table *t = &into->table[kind];
        ha_conduct_thin(t, (enum ha_conduct_kind)kind, f->level, f->seen);
        for (size_t i = 0; i < f->count; i++) {
            struct ha_deed d = {.actor = f->actors[i]};
            for (uint32_t at = d.actor.first; at != 0; at = f->periods[at - 1].next) {
                d.period = f->periods[at - 1].p;
                if (!ha_conduct_put(t, &d))
                    return false;
            }
        }
    }
    for (size_t i = 0; from->any_welcome && i < HA_WELCOME_WORDS; i++)
        into->welcome[i] |= from->welcome[i];
    into->any_welcome |= from->any_welcome;
    return true;
}
