/* conduct.c - which records say something of a client or a target over time, and what. */
#include "conduct.h"

#include "count.h"
#include "hash.h"

#include <string.h>

int64_t ha_conduct_period(enum ha_conduct_kind kind)
{
    static const int64_t lengths[HA_CONDUCT_N] = {60, 600, 10, 60, 60, 600};
    HA_ASSERT(kind < HA_CONDUCT_N);
    return lengths[kind];
}

void ha_conduct_init(struct ha_conduct *c, size_t max)
{
    memset(c, 0, sizeof *c);
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

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Whether nothing but a query follows: the path ends in the segment that text begins in. */
static bool is_last_segment(struct ha_view text)
{
    for (size_t at = 0; at + 1 < text.len && text.ptr[at] != '?'; at++)
        if (text.ptr[at] == '/' && text.ptr[at + 1] != '?')
            return false;
    return true;
}

/* Whether a target is one that people or programs log in at. What is below a session or a token is
 * used by those who are logged in. */
static bool is_login(struct ha_view target)
{
    static const char *const words[] = {"login", "logon",    "signin", "sign-in", "sign_in",
                                        "/auth", "/session", "/token", "password"};
    bool found = false;
    for (size_t at = 0; at < target.len && target.ptr[at] != '?'; at++) {
        struct ha_view rest = {target.ptr + at, target.len - at};
        /* A token that is renewed is no login. */
        if (rest.len >= 7 &&
            ha_view_eq_nocase((struct ha_view){rest.ptr, 7}, HA_VIEW_LIT("refresh")))
            return false;
        for (size_t i = 0; i < HA_COUNT(words) && !found; i++) {
            size_t len = strlen(words[i]);
            found = rest.len >= len &&
                    ha_view_eq_nocase((struct ha_view){rest.ptr, len}, ha_view_of(words[i])) &&
                    (words[i][0] != '/' || rest.len == len || !is_letter(rest.ptr[len]) ||
                     rest.ptr[len] == 's') &&
                    (words[i][0] != '/' ||
                     is_last_segment((struct ha_view){rest.ptr + len, rest.len - len}));
        }
    }
    return found;
}

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
           is_login(ha_get(r, HA_FIELD_TARGET));
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

/* ---- counting ---- */

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
    unsigned tells;
    uint64_t client; /* 0: not known */
    bool ok;
};

static int64_t second_of(const struct ha_record *r)
{
    return ha_floor_div(r->time_us, HA_US_PER_S);
}

static struct ha_deed begin(const struct look *k, enum ha_conduct_kind kind)
{
    int64_t length = ha_conduct_period(kind);
    struct ha_deed d = {.period.start_s = ha_floor_div(second_of(k->r), length) * length};
    if ((k->tells >> kind & 1) != 0) {
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

static void aim(struct ha_deed *d, const struct ha_record *r)
{
    struct ha_view target = r->field[HA_FIELD_TARGET];
    const char *query = r->plain_request ? NULL : memchr(target.ptr, '?', target.len);
    d->actor.target = hash_of(target);
    if (query != NULL)
        d->actor.path = hash_of((struct ha_view){target.ptr, (size_t)(query - target.ptr)});
}

static void put(struct look *k, enum ha_conduct_kind kind, struct ha_deed *d)
{
    struct ha_conduct_table *t = &k->c->table[kind];
    if (d->actor.key == 0)
        d->actor.key = ha_conduct_key(d->actor.client, d->actor.target);
    ha_conduct_thin(t, kind, 0, 1);
    k->ok = ha_conduct_put(t, d) && k->ok;
}

static uint16_t agent_of(const struct look *k)
{
    return (uint16_t)(1u << (ha_conduct_glance(ha_get(k->r, HA_FIELD_AGENT)) >> 60));
}

static void add_client(struct look *k)
{
    if ((k->tells & (1u << HA_CONDUCT_LIMITED | 1u << HA_CONDUCT_LOGIN)) == 0)
        return;
    for (int kind = HA_CONDUCT_LIMITED; kind <= HA_CONDUCT_LOGIN; kind++) {
        if ((k->tells >> kind & 1) == 0)
            continue;
        struct ha_deed d = begin(k, (enum ha_conduct_kind)kind);
        d.actor.client = k->client;
        d.actor.agents = agent_of(k);
        d.period.n[0] = 1;
        d.period.seconds[0] = kind == HA_CONDUCT_LIMITED ? moment(k, &d) : 0;
        put(k, (enum ha_conduct_kind)kind, &d);
    }
}

static void add_redirect(struct look *k)
{
    struct ha_deed d = begin(k, HA_CONDUCT_REDIRECT);
    d.actor.client = k->client;
    aim(&d, k->r);
    d.actor.agents = agent_of(k);
    d.period.n[0] = 1;
    d.period.seconds[0] = moment(k, &d);
    put(k, HA_CONDUCT_REDIRECT, &d);
}

static void add_repeat(struct look *k)
{
    struct ha_deed d = begin(k, HA_CONDUCT_REPEAT);
    bool failed = (k->tells >> HA_CONDUCT_REPEAT & 1) != 0;
    d.actor.client = k->client;
    aim(&d, k->r);
    d.period.n[HA_REPEAT_ALL] = 1;
    d.period.n[HA_REPEAT_FAILED] = failed;
    d.period.seconds[HA_REPEAT_ALL] = moment(k, &d);
    d.period.seconds[HA_REPEAT_FAILED] = failed ? moment(k, &d) : 0;
    put(k, HA_CONDUCT_REPEAT, &d);
}

/* What is removed with all that is in it counts for every target. */
static void add_store(struct look *k, struct ha_view target)
{
    const struct ha_record *r = k->r;
    struct ha_deed d = begin(k, HA_CONDUCT_STORE);
    bool removed = ha_class_of(r->status) == 2 && (is_method(r, "DELETE") || is_method(r, "MOVE"));
    if (removed) {
        d.period.n[HA_STORE_REMOVED] = 1;
        d.period.seconds[HA_STORE_REMOVED] = moment(k, &d);
    } else if (is_created(r)) {
        d.period.n[HA_STORE_CREATED] = 1;
        d.period.seconds[HA_STORE_CREATED] = moment(k, &d);
    } else if (r->method == HA_PUT && (r->status == 200 || r->status == 204)) {
        d.period.n[HA_STORE_REPLACED] = 1;
    } else {
        return;
    }
    if (!removed || target.ptr[target.len - 1] != '/')
        aim(&d, k->r);
    put(k, HA_CONDUCT_STORE, &d);
}

static __attribute__((noinline)) bool count_twin(struct ha_conduct *c, const struct ha_record *r,
                                                 uint32_t source, uint64_t key)
{
    bool head = r->method == HA_HEAD;
    struct look k = {
        .c = c, .r = r, .source = source, .tells = head ? 1u << HA_CONDUCT_TWIN : 0, .ok = true};
    struct ha_deed d = begin(&k, HA_CONDUCT_TWIN);
    aim(&d, r);
    d.actor.key = key;
    d.period.n[(head ? HA_TWIN_HEAD : HA_TWIN_GET) + is_failed_twin(r->status)] = 1;
    return ha_conduct_put(&c->table[HA_CONDUCT_TWIN], &d);
}

/* GET or HEAD that succeeded, or failed in a way that says something. Nearly always the target is
 * not watched. */
bool ha_conduct_count_read(struct ha_conduct *c, const struct ha_record *r, uint32_t source)
{
    struct ha_conduct_table *t = &c->table[HA_CONDUCT_TWIN];
    if (!r->has_time || !ha_has(r, HA_FIELD_TARGET) || r->field[HA_FIELD_TARGET].len == 0)
        return true;
    if ((t->seen & (t->seen + 1)) != 0)
        t->seen++;
    else
        ha_conduct_thin(t, HA_CONDUCT_TWIN, 0, 1);
    uint64_t key = ha_conduct_glance(r->field[HA_FIELD_TARGET]);
    return !ha_conduct_watches(t->level, key) || count_twin(c, r, source, key);
}

/* Whoever gets in by a form, or with a user that is logged. */
static void add_welcome(struct look *k)
{
    int class = ha_class_of(k->r->status);
    bool submits = k->r->method > HA_HEAD || k->r->method == HA_UNLISTED_METHOD;
    if ((class == 2 || class == 3) && (submits || !ha_is_none(ha_get(k->r, HA_FIELD_USER)))) {
        uint64_t place = k->client >> (64 - HA_WELCOME_BITS);
        k->c->welcome[place / 64] |= UINT64_C(1) << place % 64;
        k->c->any_welcome = true;
    }
}

static bool is_read(const struct ha_record *r)
{
    int class = ha_class_of(r->status);
    return (r->method == HA_GET || r->method == HA_HEAD) &&
           (class == 2 || class == 3 || is_failed_twin(r->status));
}

/* Nothing of it is of any kind but perhaps that of GET and HEAD, as of most records. */
static bool is_plain(const struct ha_record *r)
{
    return (r->method == HA_GET || r->method == HA_HEAD) && r->status != 429 &&
           !is_redirect(r->status) && !ha_has(r, HA_FIELD_USER);
}

bool ha_conduct_count(struct ha_conduct *c, const struct ha_record *r, uint32_t source)
{
    if (!r->has_time)
        return true;
    bool ok = !is_read(r) || ha_conduct_count_read(c, r, source);
    if (is_plain(r))
        return ok;
    struct ha_view client = ha_get(r, HA_FIELD_CLIENT), target = ha_get(r, HA_FIELD_TARGET);
    struct look k = {c, r, source, ha_conduct_tells(r), 0, ok};
    if (!ha_is_none(client)) {
        k.client = hash_of(client);
        add_welcome(&k);
        add_client(&k);
    }
    if (target.len == 0)
        return k.ok;
    if (k.client != 0 && is_redirect(r->status))
        add_redirect(&k);
    if (k.client != 0 && is_repeatable(r))
        add_repeat(&k);
    if (r->method >= HA_PUT)
        add_store(&k, target);
    return k.ok;
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
