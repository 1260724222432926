/* evidence_store.c - entries in a run, their strata found by hash; the level rises when there are
 * too many. */
#include "evidence_store.h"

#include "count.h"
#include "top_glance.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct ha_stratum {
    int64_t minute;
    uint64_t greatest; /* hash of the first in its list, once `most` are held; else UINT64_MAX */
    uint32_t head;     /* place + 1 of that; 0: the slot is free */
    uint32_t count;
    int32_t status;
};

enum { FIRST_ROOM = 64 };

void ha_sample_set_init(struct ha_sample_set *s, size_t cap, uint32_t most)
{
    HA_ASSERT(cap > 0 && cap < UINT32_MAX);
    *s = (struct ha_sample_set){
        .cap = cap, .most = most == 0 ? UINT32_MAX : most, .bound = UINT64_MAX};
}

void ha_sample_set_done(struct ha_sample_set *s)
{
    ha_free(s->entries);
    ha_free(s->links);
    ha_free(s->strata);
    *s = (struct ha_sample_set){.cap = s->cap, .most = s->most, .bound = UINT64_MAX};
}

static void clear_strata(struct ha_sample_set *s)
{
    if (s->strata != NULL)
        memset(s->strata, 0, s->slots * sizeof *s->strata);
}

void ha_sample_set_reset(struct ha_sample_set *s)
{
    s->count = 0;
    s->level = 0;
    s->bound = UINT64_MAX;
    clear_strata(s);
}

struct ha_view ha_sampled_text(const struct ha_sampled *e, int which)
{
    size_t at = 0;
    for (int i = 0; i < which; i++)
        at += e->len[i];
    return (struct ha_view){e->text + at, e->len[which]};
}

/* Stands for what was cut off a text. */
enum { MARK = 3 };
static const char mark[] = "...";

/* Bytes of a text that are kept, the mark not among them. */
static inline size_t kept_len(struct ha_view text, size_t most)
{
    return text.len > most ? most - MARK : text.len;
}

void ha_sampled_put(struct ha_sampled *e, const struct ha_view texts[HA_SAMPLED_TEXTS])
{
    char *to = e->text;
    for (int i = 0; i < HA_SAMPLED_TEXTS; i++) {
        size_t most = HA_SAMPLED_MOST[i], len = kept_len(texts[i], most);
        bool cut = len < texts[i].len;
        if (len > 0)
            memcpy(to, texts[i].ptr, len);
        if (cut)
            memcpy(to + len, mark, MARK);
        e->len[i] = (uint8_t)(cut ? most : len);
        to += e->len[i];
    }
}

/* Whether ha_sampled_put would put what e has. */
static bool has_texts(const struct ha_sampled *e, const struct ha_view texts[HA_SAMPLED_TEXTS])
{
    const char *at = e->text;
    for (int i = 0; i < HA_SAMPLED_TEXTS; i++) {
        size_t most = HA_SAMPLED_MOST[i], len = kept_len(texts[i], most);
        bool cut = len < texts[i].len;
        if (e->len[i] != (cut ? most : len) ||
            (len > 0 && !ha_glance_equal(at, texts[i].ptr, len)) ||
            (cut && memcmp(at + len, mark, MARK) != 0))
            return false;
        at += e->len[i];
    }
    return true;
}

static size_t text_len(const struct ha_sampled *e)
{
    size_t len = 0;
    for (int i = 0; i < HA_SAMPLED_TEXTS; i++)
        len += e->len[i];
    return len;
}

/* Entries of one minute, status and hash. */
static int rest_cmp(const struct ha_sampled *a, const struct ha_sampled *b)
{
    if (a->method != b->method)
        return a->method < b->method ? -1 : 1;
    int order = memcmp(a->len, b->len, sizeof a->len);
    if (order != 0)
        return order;
    return memcmp(a->text, b->text, text_len(a));
}

int ha_sampled_cmp(const struct ha_sampled *a, const struct ha_sampled *b)
{
    if (a->minute != b->minute)
        return a->minute < b->minute ? -1 : 1;
    if (a->status != b->status)
        return a->status < b->status ? -1 : 1;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return rest_cmp(a, b);
}

/* Where there is no end to a stratum they only serve to find entries: parts of the hash. */
static inline struct ha_stratum stratum_of(const struct ha_sample_set *s, uint64_t hash,
                                           int64_t minute, int status)
{
    bool by_hash = s->most == UINT32_MAX;
    return (struct ha_stratum){.minute = by_hash ? (int64_t)(hash >> 20 & 0xfff) : minute,
                               .status = by_hash ? 0 : status,
                               .greatest = UINT64_MAX};
}

static inline size_t place_of(const struct ha_sample_set *s, const struct ha_stratum *k)
{
    uint64_t mixed =
        ((uint64_t)k->minute * 1024 + (uint64_t)k->status) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(mixed >> 32) & (s->slots - 1);
}

static inline struct ha_stratum *slot_of(const struct ha_sample_set *s, const struct ha_stratum *k)
{
    size_t mask = s->slots - 1, i = place_of(s, k);
    while (s->strata[i].head != 0 &&
           (s->strata[i].minute != k->minute || s->strata[i].status != k->status))
        i = (i + 1) & mask;
    return &s->strata[i];
}

bool ha_sample_set_is_shut(const struct ha_sample_set *s)
{
    return s->level == HA_SAMPLE_LEVELS;
}

uint64_t ha_sample_set_greatest(const struct ha_sample_set *s, uint64_t hash, int64_t minute,
                                int status)
{
    if (s->slots == 0)
        return s->bound;
    struct ha_stratum key = stratum_of(s, hash, minute, status);
    const struct ha_stratum *at = slot_of(s, &key);
    return at->head == 0 || at->greatest > s->bound ? s->bound : at->greatest;
}

/* Where in a stratum an entry stands or belongs: the link that leads there, and whether it is held
 * already. The link may be in the list from any link on that leads to one not before it. */
static uint32_t *seek(const struct ha_sample_set *s, uint32_t *from, const struct ha_sampled *e,
                      bool *held)
{
    *held = false;
    while (*from != 0) {
        struct ha_sample_link *l = &s->links[*from - 1];
        if (l->hash < e->hash)
            break;
        if (l->hash == e->hash) {
            int order = ha_sampled_cmp(&s->entries[*from - 1], e);
            *held = order == 0;
            if (order <= 0)
                break;
        }
        from = &l->next;
    }
    return from;
}

static void link_in(struct ha_sample_set *s, struct ha_stratum *at, uint32_t *before,
                    uint32_t place)
{
    s->links[place] = (struct ha_sample_link){s->entries[place].hash, *before};
    *before = place + 1;
    if (++at->count >= s->most)
        at->greatest = s->links[at->head - 1].hash;
}

static void reindex(struct ha_sample_set *s)
{
    clear_strata(s);
    for (size_t i = 0; i < s->count; i++) {
        const struct ha_sampled *e = &s->entries[i];
        struct ha_stratum key = stratum_of(s, e->hash, e->minute, e->status),
                          *at = slot_of(s, &key);
        bool held;
        if (at->head == 0)
            *at = key;
        link_in(s, at, seek(s, &at->head, e, &held), (uint32_t)i);
    }
}

void ha_sample_set_raise_to(struct ha_sample_set *s, unsigned level)
{
    if (level <= s->level)
        return;
    HA_ASSERT(level <= HA_SAMPLE_LEVELS);
    s->level = level;
    s->bound = ha_sample_bound(level);
    size_t kept = 0;
    for (size_t i = 0; i < s->count && level < HA_SAMPLE_LEVELS; i++)
        if (s->entries[i].hash <= s->bound)
            s->entries[kept++] = s->entries[i];
    s->count = kept;
    reindex(s);
}

static bool grow(struct ha_sample_set *s)
{
    size_t room = s->room == 0 ? FIRST_ROOM : 2 * s->room;
    room = room < s->cap ? room : s->cap;
    size_t slots = FIRST_ROOM;
    while (slots < 2 * room)
        slots *= 2;
    struct ha_sampled *entries = ha_realloc(s->entries, room * sizeof *entries);
    if (entries == NULL)
        return false;
    s->entries = entries;
    struct ha_sample_link *links = ha_realloc(s->links, room * sizeof *links);
    if (links == NULL)
        return false;
    s->links = links;
    struct ha_stratum *strata = ha_alloc(slots * sizeof *strata);
    if (strata == NULL)
        return false;
    ha_free(s->strata);
    s->strata = strata;
    s->slots = slots;
    s->room = room;
    reindex(s);
    return true;
}

/* No more of the texts than there are. */
static void copy(struct ha_sampled *to, const struct ha_sampled *from)
{
    memcpy(to, from, offsetof(struct ha_sampled, text) + text_len(from));
}

static void count_up(struct ha_sampled *held, const struct ha_sampled *e)
{
    held->count = ha_sat_add(held->count, e->count);
}

/* In a full stratum the entry takes the place of the greatest in order, or is that itself. */
static void put_into_full(struct ha_sample_set *s, struct ha_stratum *at,
                          const struct ha_sampled *e)
{
    bool held;
    uint32_t *before = seek(s, &at->head, e, &held), place = at->head - 1;
    if (held) {
        count_up(&s->entries[*before - 1], e);
        return;
    }
    if (before == &at->head)
        return;
    copy(&s->entries[place], e);
    struct ha_sample_link *link = &s->links[place];
    link->hash = e->hash;
    if (before != &link->next) {
        at->head = link->next;
        link->next = *before;
        *before = place + 1;
    }
    at->greatest = s->links[at->head - 1].hash;
}

void ha_sample_set_fetch_stratum(const struct ha_sample_set *s, uint64_t hash, int64_t minute,
                                 int status)
{
    struct ha_stratum key = stratum_of(s, hash, minute, status);
    if (s->slots > 0)
        __builtin_prefetch(&s->strata[place_of(s, &key)]);
}

void ha_sample_set_fetch_entry(const struct ha_sample_set *s, uint64_t hash, int64_t minute,
                               int status)
{
    struct ha_stratum key = stratum_of(s, hash, minute, status);
    uint32_t head = s->slots > 0 ? slot_of(s, &key)->head : 0;
    if (head == 0)
        return;
    const char *entry = (const char *)&s->entries[head - 1];
    __builtin_prefetch(&s->links[head - 1]);
    for (size_t line = 0; line < 4; line++)
        __builtin_prefetch(entry + 64 * line);
}

bool ha_sample_set_count_held(struct ha_sample_set *s, const struct ha_sampled *e,
                              const struct ha_view texts[HA_SAMPLED_TEXTS])
{
    struct ha_stratum key = stratum_of(s, e->hash, e->minute, e->status);
    uint32_t at = s->slots > 0 ? slot_of(s, &key)->head : 0;
    /* Those of the greatest hash come first. */
    while (at != 0 && s->links[at - 1].hash > e->hash)
        at = s->links[at - 1].next;
    for (; at != 0 && s->links[at - 1].hash == e->hash; at = s->links[at - 1].next) {
        struct ha_sampled *held = &s->entries[at - 1];
        if (held->minute == e->minute && held->status == e->status && held->method == e->method &&
            has_texts(held, texts)) {
            count_up(held, e);
            return true;
        }
    }
    return false;
}

bool ha_sample_set_add(struct ha_sample_set *s, const struct ha_sampled *e)
{
    struct ha_stratum key = stratum_of(s, e->hash, e->minute, e->status);
    for (;;) {
        if (e->hash > s->bound || ha_sample_set_is_shut(s))
            return true;
        if (s->slots == 0 && !grow(s))
            return false;
        struct ha_stratum *at = slot_of(s, &key);
        if (at->head == 0)
            *at = key;
        if (e->hash > at->greatest)
            return true;
        if (at->count >= s->most) {
            put_into_full(s, at, e);
            return true;
        }
        bool held;
        uint32_t *before = seek(s, &at->head, e, &held);
        if (held) {
            count_up(&s->entries[*before - 1], e);
            return true;
        }
        if (s->count < s->room) {
            copy(&s->entries[s->count], e);
            link_in(s, at, before, (uint32_t)s->count++);
            return true;
        }
        if (s->room == s->cap)
            ha_sample_set_raise_to(s, s->level + 1);
        else if (!grow(s))
            return false;
    }
}

bool ha_sample_set_merge(struct ha_sample_set *into, const struct ha_sample_set *from)
{
    ha_sample_set_raise_to(into, from->level);
    for (size_t i = 0; i < from->count; i++)
        if (!ha_sample_set_add(into, &from->entries[i]))
            return false;
    return true;
}

static int by_order(const void *a, const void *b)
{
    const struct ha_sampled *const *x = a, *const *y = b;
    return ha_sampled_cmp(*x, *y);
}

bool ha_sample_set_sorted(const struct ha_sample_set *s, const struct ha_sampled ***out)
{
    *out = ha_alloc((s->count + 1) * sizeof **out);
    if (*out == NULL)
        return false;
    for (size_t i = 0; i < s->count; i++)
        (*out)[i] = &s->entries[i];
    if (s->count > 0)
        qsort((void *)*out, s->count, sizeof **out, by_order);
    return true;
}
