/* watch_digest.c - what spikes need to know of a block, in little.
 *
 * Most lines went well and differ from the one before in nothing that matters here: a batch of them
 * is looked at without a branch for each, and counted at once. What is written down is where a
 * second begins, each error, and a sample of the rest. */
#include <string.h>

#include "watch.h"
#include "watch_parts.h"

/* Room for one more in an array that doubles; NULL when memory ran out. */
static void *one_more(void *array, size_t count, size_t *cap, size_t size)
{
    enum { FIRST = 256 };
    if (count < *cap)
        return array;
    size_t more = *cap == 0 ? FIRST : 2 * *cap;
    void *grown = ha_realloc(array, more * size);
    if (grown != NULL)
        *cap = more;
    return grown;
}

enum { LONGEST = 128 }; /* bytes of a text of a witness; the samples cut shorter ones, too */

static bool lies_in(struct ha_view text, struct ha_view block)
{
    return text.len == 0 || (uintptr_t)text.ptr - (uintptr_t)block.ptr < block.len;
}

static void put_text(char **to, struct ha_view *text)
{
    if (text->len > LONGEST)
        text->len = LONGEST;
    if (text->len > 0)
        memcpy(*to, text->ptr, text->len);
    *to += text->len;
}

/* Texts that will be gone when the digest is taken are copied, one behind the other. */
static void keep_texts(struct ha_digest *d, struct ha_digest_witness *to)
{
    enum { TEXTS = 4 * LONGEST };
    char *text = ha_buf_room(&d->texts, TEXTS), *start = text;
    if (text == NULL) {
        d->failed = true;
        return;
    }
    to->text = d->texts.len;
    put_text(&text, &to->witness.client);
    put_text(&text, &to->witness.target);
    put_text(&text, &to->witness.agent);
    put_text(&text, &to->witness.token);
    d->texts.len += (size_t)(text - start);
}

static void add_witness(struct ha_digest *d, const struct ha_record *r, uint64_t bound)
{
    void *grown = one_more(d->witnesses, d->witness_count, &d->witness_cap, sizeof *d->witnesses);
    if (grown == NULL) {
        d->failed = true;
        return;
    }
    d->witnesses = grown;
    struct ha_digest_witness *to = &d->witnesses[d->witness_count];
    if (!ha_witness_of(r, bound, &to->witness))
        return;
    d->witness_count++;
    to->entry = d->count - 1;
    to->text = HA_IN_BLOCK;
    if (!lies_in(to->witness.client, d->block) || !lies_in(to->witness.target, d->block) ||
        !lies_in(to->witness.agent, d->block) || !lies_in(to->witness.token, d->block))
        keep_texts(d, to);
}

static void take_text(const char **from, struct ha_view *text)
{
    text->ptr = *from;
    *from += text->len;
}

const struct ha_witness *ha_digest_witness_at(struct ha_digest *d, size_t i)
{
    struct ha_witness *w = &d->witnesses[i].witness;
    if (d->witnesses[i].text == HA_IN_BLOCK)
        return w;
    const char *text = d->texts.ptr == NULL ? NULL : d->texts.ptr + d->witnesses[i].text;
    take_text(&text, &w->client);
    take_text(&text, &w->target);
    take_text(&text, &w->agent);
    take_text(&text, &w->token);
    return w;
}

void ha_digest_free(struct ha_digest *d)
{
    ha_free(d->entries);
    ha_free(d->witnesses);
    ha_buf_free(&d->texts);
    *d = (struct ha_digest){0};
}

void ha_digest_empty(struct ha_digest *d)
{
    enum { MUCH = 1 << 20 };
    d->count = d->witness_count = 0;
    d->open = false;
    if (d->texts.cap > MUCH)
        ha_buf_free(&d->texts);
    ha_buf_clear(&d->texts);
}

void ha_digest_begin(struct ha_digest *d, struct ha_view block)
{
    d->block = block;
}

/* The entry that lines of the current second go into; NULL when memory ran out. */
static inline struct ha_digest_entry *entry_of(struct ha_digest *d)
{
    if (d->open)
        return &d->entries[d->count - 1];
    void *grown = one_more(d->entries, d->count, &d->cap, sizeof *d->entries);
    if (grown == NULL) {
        d->failed = true;
        return NULL;
    }
    d->entries = grown;
    d->open = true;
    d->entries[d->count] = (struct ha_digest_entry){d->second, 0, HA_NO_LINE, d->offset_min};
    return &d->entries[d->count++];
}

static inline void add_good(struct ha_digest *d, uint32_t lines)
{
    struct ha_digest_entry *e = lines == 0 ? NULL : entry_of(d);
    if (e != NULL)
        e->good += lines;
}

/* It ends its entry. */
static inline void add_other(struct ha_digest *d, const struct ha_record *r)
{
    struct ha_digest_entry *e = entry_of(d);
    if (e == NULL)
        return;
    e->status = ha_class_of(r->status) == 0 ? 0 : r->status;
    d->open = false;
    add_witness(d, r, UINT64_MAX);
}

enum { SOME = 64 };

/* Which of some records are what: bit i is for the i-th. */
struct looks {
    uint64_t told; /* selected, with a time */
    uint64_t good;
    uint64_t begin;   /* another second, or offset, than that of the one before */
    uint64_t sampled; /* good ones that may serve to know what is usual */
    uint8_t good_before[SOME + 1];
};

/* Of the many that go well some do for what is usual: all of a short log, of a long one every
 * sixteenth line, whoever reads it. */
static inline bool is_sampled(const struct ha_record *r)
{
    enum { SHORT = 1024, EVERY = 16 };
    return r->line_number <= SHORT || r->line_number % EVERY == 0;
}

static void look(const struct ha_digest *d, const struct ha_record *records,
                 const uint8_t *selected, size_t n, struct looks *l)
{
    uint64_t all_told = 0, all_good = 0, begin = 0, sampled = 0, count = 0;
    int64_t second = d->second;
    int offset = d->offset_min;
    for (size_t i = 0; i < n; i++) {
        const struct ha_record *r = &records[i];
        uint64_t told = (selected[i] != 0) & r->has_time;
        uint64_t good = told & ((unsigned)(r->status - 100) < 300);
        int64_t of = ha_floor_div(r->time_us, HA_US_PER_S);
        all_told |= told << i;
        all_good |= good << i;
        begin |= (told & ((of != second) | (r->offset_min != offset))) << i;
        sampled |= (good & is_sampled(r)) << i;
        second = told ? of : second;
        offset = told ? r->offset_min : offset;
        l->good_before[i] = (uint8_t)count;
        count += good;
    }
    l->good_before[n] = (uint8_t)count;
    l->told = all_told;
    l->good = all_good;
    l->begin = begin;
    l->sampled = sampled;
}

static void add_some(struct ha_digest *d, const struct ha_record *records, size_t n,
                     const struct looks *l, uint64_t bound)
{
    unsigned counted = 0; /* good ones */
    for (uint64_t rest = l->begin | l->sampled | (l->told & ~l->good); rest != 0;
         rest &= rest - 1) {
        int i = __builtin_ctzll(rest);
        const struct ha_record *r = &records[i];
        uint64_t at = UINT64_C(1) << i;
        add_good(d, l->good_before[i] - counted);
        counted = l->good_before[i];
        if ((l->begin & at) != 0) {
            d->second = ha_floor_div(r->time_us, HA_US_PER_S);
            d->offset_min = r->offset_min;
            d->open = false;
        }
        if ((l->good & at) == 0)
            add_other(d, r);
        else if ((l->sampled & at) != 0 && entry_of(d) != NULL)
            add_witness(d, r, bound);
    }
    add_good(d, l->good_before[n] - counted);
}

void ha_digest_add(struct ha_digest *d, const struct ha_watch *watch,
                   const struct ha_record *records, const uint8_t *selected, size_t n)
{
    uint64_t bound = ha_watch_bound(watch);
    for (size_t done = 0; done < n; done += SOME) {
        size_t some = n - done < SOME ? n - done : SOME;
        struct looks l;
        look(d, records + done, selected + done, some, &l);
        add_some(d, records + done, some, &l, bound);
    }
}
