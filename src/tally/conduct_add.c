/* conduct_add.c - what records say of clients and targets, some tens of records at a time.
 *
 * Which of them say anything, and of what kind, is as random as their methods and statuses: to ask
 * each one in turn would be to guess wrong each time. So they are sorted out first, by kind,
 * without a jump, and then each kind is counted in a loop of its own. In which order makes no
 * difference. */
#include "conduct.h"
#include "count.h"
#include "hash.h"

#include <string.h>

enum { TOGETHER = 64 };

/* Kinds, as bits, that are told of clients, and of targets. */
#define OF_CLIENT                                                                                  \
    (1u << HA_CONDUCT_LIMITED | 1u << HA_CONDUCT_LOGIN | 1u << HA_CONDUCT_REDIRECT |               \
     1u << HA_CONDUCT_REPEAT | HA_CONDUCT_WELCOMES)
#define OF_TARGET (1u << HA_CONDUCT_REDIRECT | 1u << HA_CONDUCT_REPEAT | 1u << HA_CONDUCT_STORE)

/* Some records that are being counted. Sets of them have a bit each. */
struct batch {
    struct ha_conduct *c;
    const struct ha_record *records;
    const uint8_t *may;
    size_t n;
    uint32_t source;
    bool ok;
    uint64_t reads, others;                      /* what tells of twins, and what tells of more */
    uint64_t of[HA_CONDUCT_N + 1];               /* which of the others tell what; the last are
                                                    welcome */
    uint64_t client[TOGETHER], target[TOGETHER]; /* hashes, of the others */
};

/* The first of a set that is not empty. */
static inline size_t first(uint64_t set)
{
    return (size_t)__builtin_ctzll(set);
}

/* ---- who is meant ---- */

/* A quick mix of a text's length and last word (its bytes with zeros behind them, where they are
 * fewer than eight), to choose by. Never 0. */
static inline uint64_t mix(uint64_t word, size_t len)
{
    word = (word ^ (uint64_t)len << 56) * UINT64_C(0x9e3779b97f4a7c15);
    return (word ^ word >> 32) * UINT64_C(0xc2b2ae3d27d4eb4f) | 1;
}

static uint64_t short_word(struct ha_view text)
{
    char word[sizeof(uint64_t)] = {0};
    if (text.len > 0)
        memcpy(word, text.ptr, text.len);
    return ha_word_at(word);
}

static inline uint64_t glance(struct ha_view text)
{
    const size_t size = sizeof(uint64_t);
    return mix(text.len >= size ? ha_word_at(text.ptr + text.len - size) : short_word(text),
               text.len);
}

/* The same of a target of a record's line, which has bytes before it that can be read: short ones
 * are as frequent as others, and take no jump. */
static inline uint64_t glance_at_target(const struct ha_record *r)
{
    const size_t size = sizeof(uint64_t);
    struct ha_view v = r->field[HA_FIELD_TARGET];
    size_t before = (size_t)((uintptr_t)v.ptr - (uintptr_t)r->line.ptr);
    if (__builtin_expect(before < size || before > r->line.len, 0))
        return glance(v);
    size_t foreign = v.len < size ? size - v.len : 0;
    return mix(ha_word_at(v.ptr + v.len - size) >> 8 * foreign, v.len);
}

/* Never 0, which stands for none. Most clients are of lengths whose hash is a short run of
 * instructions. */
static inline uint64_t hash_of(struct ha_view v)
{
    uint64_t hash = __builtin_expect(v.len > 8 && v.len <= 16, 1)
                        ? ha_hash(v.ptr, v.len, HA_HASH_FIXED_SEED)
                        : ha_hash(v.ptr, v.len, HA_HASH_FIXED_SEED);
    return hash != 0 ? hash : 1;
}

/* ---- deeds ---- */

/* A record that is being counted. */
struct look {
    struct batch *b;
    const struct ha_record *r;
    uint64_t client, target;
};

static int64_t second_of(const struct ha_record *r)
{
    return ha_floor_div(r->time_us, HA_US_PER_S);
}

/* tells: against somebody. */
static inline struct ha_deed begin(const struct look *k, enum ha_conduct_kind kind, bool tells)
{
    int64_t length = ha_conduct_length(kind);
    struct ha_deed d = {.period.start_s = ha_floor_div(second_of(k->r), length) * length};
    if (tells) {
        d.actor.line_number = k->r->line_number;
        d.actor.source = k->b->source;
    }
    return d;
}

/* Where in its period the record lies, as the bits of struct ha_period have it. */
static uint64_t moment(const struct look *k, const struct ha_deed *d)
{
    return UINT64_C(1) << (second_of(k->r) - d->period.start_s);
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
    struct ha_conduct *c = k->b->c;
    d->actor.key = ha_conduct_key(d->actor.client, d->actor.target);
    ha_conduct_fetch_slot(&c->table[kind], &d->actor);
    c->wait[c->waiting++] = (struct ha_waiting_deed){&c->table[kind], *d};
    if (c->waiting == HA_DEEDS_WAIT)
        k->b->ok &= settle(c);
}

static void aim(struct ha_deed *d, const struct ha_record *r, uint64_t target)
{
    struct ha_view v = r->field[HA_FIELD_TARGET];
    const char *query = r->plain_request ? NULL : memchr(v.ptr, '?', v.len);
    d->actor.target = target;
    if (query != NULL)
        d->actor.path = hash_of((struct ha_view){v.ptr, (size_t)(query - v.ptr)});
}

static uint32_t agent_of(const struct look *k)
{
    enum { PRINTS = (1 << HA_AGENT_PRINT) - 2 };
    return 1 + (uint32_t)((hash_of(ha_get(k->r, HA_FIELD_AGENT)) >> 32) * PRINTS >> 32);
}

static void add_limited(struct look *k)
{
    struct ha_deed d = begin(k, HA_CONDUCT_LIMITED, true);
    d.actor.client = k->client;
    d.actor.agents = agent_of(k) & HA_MANY_AGENTS;
    d.period.n[0] = 1;
    d.period.seconds[0] = moment(k, &d);
    put(k, HA_CONDUCT_LIMITED, &d);
}

static void add_login(struct look *k)
{
    struct ha_deed d = begin(k, HA_CONDUCT_LOGIN, true);
    d.actor.client = k->client;
    d.actor.agents = agent_of(k) & HA_MANY_AGENTS;
    d.period.n[0] = 1;
    put(k, HA_CONDUCT_LOGIN, &d);
}

static void add_redirect(struct look *k)
{
    struct ha_deed d = begin(k, HA_CONDUCT_REDIRECT, true);
    d.actor.client = k->client;
    aim(&d, k->r, k->target);
    d.actor.agents = agent_of(k) & HA_MANY_AGENTS;
    d.period.n[0] = 1;
    d.period.seconds[0] = moment(k, &d);
    put(k, HA_CONDUCT_REDIRECT, &d);
}

static void add_repeat(struct look *k)
{
    bool failed = ha_conduct_is_unclear(k->r->status);
    struct ha_deed d = begin(k, HA_CONDUCT_REPEAT, failed);
    d.actor.client = k->client;
    aim(&d, k->r, k->target);
    d.period.n[HA_REPEAT_ALL] = 1;
    d.period.n[HA_REPEAT_FAILED] = failed;
    d.period.seconds[HA_REPEAT_ALL] = moment(k, &d);
    d.period.seconds[HA_REPEAT_FAILED] = failed ? moment(k, &d) : 0;
    put(k, HA_CONDUCT_REPEAT, &d);
}

static void add_store(struct look *k)
{
    const struct ha_record *r = k->r;
    bool removed = r->method != HA_PUT, created = ha_conduct_is_created(r);
    struct ha_deed d = begin(k, HA_CONDUCT_STORE, created);
    int deed = removed ? HA_STORE_REMOVED : created ? HA_STORE_CREATED : HA_STORE_REPLACED;
    d.period.n[deed] = 1;
    if (deed != HA_STORE_REPLACED)
        d.period.seconds[deed] = moment(k, &d);
    if (k->target != 0)
        aim(&d, r, k->target);
    put(k, HA_CONDUCT_STORE, &d);
}

static void add_twin(struct look *k)
{
    bool head = k->r->method == HA_HEAD;
    struct ha_deed d = begin(k, HA_CONDUCT_TWIN, head);
    aim(&d, k->r, hash_of(k->r->field[HA_FIELD_TARGET]));
    d.actor.key = glance(k->r->field[HA_FIELD_TARGET]);
    d.period.n[(head ? HA_TWIN_HEAD : HA_TWIN_GET) + ha_conduct_is_failed_twin(k->r->status)] = 1;
    k->b->ok &= ha_conduct_put(&k->b->c->table[HA_CONDUCT_TWIN], &d);
}

/* ---- a batch ---- */

static uint64_t *welcome_at(struct ha_conduct *c, uint64_t client)
{
    return &c->welcome[(client >> (64 - HA_WELCOME_BITS)) / 64];
}

/* How many first bits of a key must be 0, as a limit: keys that are not above it are watched. */
static uint64_t last_watched(const struct ha_conduct_table *t)
{
    if (t->level == 0)
        return UINT64_MAX;
    return t->level < HA_CONDUCT_LEVELS ? (UINT64_C(1) << (64 - t->level)) - 1 : 0;
}

/* Eight bytes of 0 or 1, of which the first is the lowest, as eight bits. */
static inline uint64_t bits_of(uint64_t bytes)
{
    return bytes * UINT64_C(0x0102040810204080) >> 56;
}

/* Sorts out who says what, eight at a time. */
static void look_through(struct batch *b)
{
    const uint64_t each = UINT64_C(0x0101010101010101), twin = each << HA_CONDUCT_TWIN;
    _Static_assert(HA_CONDUCT_WELCOMES <= 0x40, "the top bit of a byte is free");
    char may[TOGETHER] = {0};
    memcpy(may, b->may, b->n);
    b->reads = b->others = 0;
    for (unsigned i = 0; i < TOGETHER; i += 8) {
        uint64_t word = ha_word_at(may + i);
        b->reads |= bits_of(word >> HA_CONDUCT_TWIN & each) << i;
        b->others |= bits_of(((word & ~twin) + each * 0x7f) >> 7 & each) << i;
    }
}

/* GET or HEAD that succeeded, or failed in a way that says something: nearly always of a target
 * that is not watched, so that they are only seen. */
static void add_reads(struct batch *b)
{
    struct ha_conduct_table *t = &b->c->table[HA_CONDUCT_TWIN];
    uint64_t last = last_watched(t), watched = 0, seen = 0;
    for (uint64_t left = b->reads; left != 0; left &= left - 1) {
        const struct ha_record *r = &b->records[first(left)];
        if (__builtin_expect(!r->has_time || ha_get(r, HA_FIELD_TARGET).len == 0, 0))
            continue;
        seen++;
        watched |= glance_at_target(r) <= last ? left & -left : 0;
    }
    ha_conduct_thin(t, HA_CONDUCT_TWIN, 0, seen);
    for (; watched != 0; watched &= watched - 1)
        add_twin(&(struct look){.b = b, .r = &b->records[first(watched)]});
}

/* The hash of the target that a record is about; 0: what was removed with all that is in it, which
 * counts for every target. */
static uint64_t hash_of_target(const struct ha_record *r, unsigned may)
{
    struct ha_view v = r->field[HA_FIELD_TARGET];
    bool removed = (may & 1u << HA_CONDUCT_STORE) != 0 && r->method != HA_PUT;
    return removed && v.ptr[v.len - 1] == '/' ? 0 : hash_of(v);
}

/* What of that which its method and status let a record say it says: without a time, nothing. */
static unsigned says(const struct ha_record *r, unsigned may)
{
    if (!r->has_time)
        return 0;
    if (ha_is_none(ha_get(r, HA_FIELD_CLIENT)))
        may &= ~OF_CLIENT;
    if (ha_get(r, HA_FIELD_TARGET).len == 0)
        may &= ~OF_TARGET;
    if ((may & 1u << HA_CONDUCT_LOGIN) != 0 && !ha_conduct_is_refused_login(r))
        may &= ~(1u << HA_CONDUCT_LOGIN);
    /* Whoever gets in by a form, or with a user that is logged. */
    if ((may & HA_CONDUCT_WELCOMES) != 0 && !ha_conduct_submits(r->method) &&
        ha_is_none(ha_get(r, HA_FIELD_USER)))
        may &= ~HA_CONDUCT_WELCOMES;
    return may;
}

/* The hashes of those who say more than that, and which of them say what. */
static void list_by_kind(struct batch *b)
{
    memset(b->of, 0, sizeof b->of);
    for (uint64_t left = b->others; left != 0; left &= left - 1) {
        size_t i = first(left);
        const struct ha_record *r = &b->records[i];
        unsigned may = says(r, b->may[i]);
        b->client[i] = (may & OF_CLIENT) != 0 ? hash_of(r->field[HA_FIELD_CLIENT]) : 0;
        b->target[i] = (may & OF_TARGET) != 0 ? hash_of_target(r, may) : 0;
        if ((may & HA_CONDUCT_WELCOMES) != 0)
            __builtin_prefetch(welcome_at(b->c, b->client[i]));
        for (size_t kind = 0; kind < HA_COUNT(b->of); kind++)
            b->of[kind] |= (uint64_t)(may >> kind & 1) << i;
    }
}

static void add_welcomes(struct batch *b)
{
    uint64_t left = b->of[HA_CONDUCT_N];
    b->c->any_welcome |= left != 0;
    for (; left != 0; left &= left - 1) {
        uint64_t client = b->client[first(left)];
        *welcome_at(b->c, client) |= UINT64_C(1) << (client >> (64 - HA_WELCOME_BITS)) % 64;
    }
}

/* Of the records of a kind those whose actor is watched. */
static inline __attribute__((always_inline)) void
add_kind(struct batch *b, enum ha_conduct_kind kind, void (*add)(struct look *k))
{
    struct ha_conduct_table *t = &b->c->table[kind];
    uint64_t of_client = (OF_CLIENT >> kind & 1) != 0 ? UINT64_MAX : 0;
    uint64_t of_target = (OF_TARGET >> kind & 1) != 0 ? UINT64_MAX : 0;
    if (b->of[kind] == 0)
        return;
    ha_conduct_thin(t, kind, 0, (uint64_t)__builtin_popcountll(b->of[kind]));
    uint64_t last = last_watched(t), watched = 0;
    for (uint64_t left = b->of[kind]; left != 0; left &= left - 1) {
        size_t i = first(left);
        uint64_t key = ha_conduct_key(b->client[i] & of_client, b->target[i] & of_target);
        watched |= key <= last ? left & -left : 0;
    }
    for (; watched != 0; watched &= watched - 1) {
        size_t i = first(watched);
        add(&(struct look){b, &b->records[i], b->client[i], b->target[i]});
    }
}

bool ha_conduct_add_batch(struct ha_conduct *c, const struct ha_record *records, const uint8_t *may,
                          size_t n, uint32_t source)
{
    struct batch b;
    b.c = c;
    b.source = source;
    b.ok = true;
    for (size_t done = 0; done < n; done += TOGETHER) {
        b.records = records + done;
        b.may = may + done;
        b.n = n - done < TOGETHER ? n - done : TOGETHER;
        look_through(&b);
        add_reads(&b);
        if (b.others == 0)
            continue;
        list_by_kind(&b);
        add_welcomes(&b);
        add_kind(&b, HA_CONDUCT_LIMITED, add_limited);
        add_kind(&b, HA_CONDUCT_LOGIN, add_login);
        add_kind(&b, HA_CONDUCT_REDIRECT, add_redirect);
        add_kind(&b, HA_CONDUCT_REPEAT, add_repeat);
        add_kind(&b, HA_CONDUCT_STORE, add_store);
        b.ok &= settle(c);
    }
    return b.ok;
}
