/* partial_top.c - a top list in a partial report.
 *
 * Values stand in order, so that each needs only what it does not share with the one before. */
#include "hash.h"
#include "partial_parts.h"
#include "top_record.h"

#include <stdlib.h>
#include <string.h>

/* In order of value; what was cut off tells values apart that begin alike. */
static int compare(struct ha_view a, uint64_t a_len, uint64_t a_hash, struct ha_view b,
                   uint64_t b_len, uint64_t b_hash)
{
    int order = ha_view_cmp(a, b);
    if (order != 0)
        return order;
    if (a_len != b_len)
        return a_len < b_len ? -1 : 1;
    return (a_hash > b_hash) - (a_hash < b_hash);
}

/* That of a whole value has no say. */
static uint64_t cut_hash(struct ha_top_record *r)
{
    return ha_top_is_cut(r) ? *ha_top_cut_hash(r) : 0;
}

static int by_value(const void *a, const void *b)
{
    struct ha_top_record *x = *(struct ha_top_record *const *)a;
    struct ha_top_record *y = *(struct ha_top_record *const *)b;
    return compare(ha_top_kept(x), ha_top_full_len(x), cut_hash(x), ha_top_kept(y),
                   ha_top_full_len(y), cut_hash(y));
}

static size_t shared(struct ha_view a, struct ha_view b)
{
    size_t n = 0, most = a.len < b.len ? a.len : b.len;
    while (n < most && a.ptr[n] == b.ptr[n])
        n++;
    return n;
}

static void put_record(struct ha_top_record *r, struct ha_view before, uint64_t bound,
                       struct ha_buf *to)
{
    struct ha_view value = ha_top_kept(r);
    size_t same = shared(value, before);
    bool cut = ha_top_is_cut(r);
    ha_put_u64(to, same);
    ha_put_u64(to, (uint64_t)(value.len - same) << 1 | cut);
    ha_buf_bytes(to, value.ptr + same, value.len - same);
    if (cut) {
        ha_put_u64(to, ha_top_full_len(r));
        for (unsigned shift = 0; shift < 64; shift += 8)
            ha_buf_char(to, (char)(*ha_top_cut_hash(r) >> shift & 0xff));
    }
    ha_put_u64(to, r->count - bound);
    if (bound > 0)
        ha_put_u64(to, bound - *ha_top_over(r));
}

void ha_top_put(const struct ha_top_list *l, struct ha_buf *to)
{
    struct ha_top_record **order = ha_alloc((l->entries + 1) * sizeof *order), *r;
    size_t count = 0;
    if (order == NULL) {
        to->failed = true;
        return;
    }
    for (size_t at = 0; (r = ha_top_next(l, &at)) != NULL;)
        order[count++] = r;
    qsort(order, count, sizeof *order, by_value);
    ha_put_u64(to, l->bound);
    ha_put_u64(to, count);
    struct ha_view before = {"", 0};
    for (size_t i = 0; i < count; i++) {
        put_record(order[i], before, l->bound, to);
        before = ha_top_kept(order[i]);
    }
    ha_free(order);
}

/* A record on its way in, and a list. */
struct arriving {
    uint64_t hash, count, over; /* hash: of a value that was cut */
    uint32_t len, full_len;     /* bytes kept; bytes it had */
};

struct arrival {
    struct ha_top_list list; /* its records alone: who merges from it needs no index */
    char *value;             /* of the record before, then of the one read; of max_value bytes */
    struct arriving r;       /* that record */
    bool (*fits)(struct ha_view value);
    size_t entries, bytes;
    bool no_memory;
};

/* Reads a record over the one before. False when it is not as it must be. */
static bool take_record(struct arrival *a, struct ha_taker *from)
{
    char *value = a->value;
    struct arriving before = a->r, *r = &a->r;
    size_t same = (size_t)ha_take_upto(from, before.len);
    uint64_t more = ha_take_u64(from);
    bool cut = more & 1;
    struct ha_view rest = ha_take_bytes(from, more >> 1);
    r->len = (uint32_t)(same + rest.len);
    r->full_len = r->len;
    r->hash = 0;
    if (cut) {
        r->full_len = (uint32_t)ha_take_upto(from, UINT32_MAX);
        struct ha_view hash = ha_take_bytes(from, 8);
        for (size_t i = 0; i < hash.len; i++)
            r->hash |= (uint64_t)(unsigned char)hash.ptr[i] << 8 * i;
    }
    r->count = ha_take_u64(from);
    r->over = a->list.bound > 0 ? a->list.bound - ha_take_upto(from, a->list.bound) : 0;
    if (from->bad || r->count == 0 || same + rest.len > a->list.max_value ||
        (cut && r->full_len <= r->len) || r->count > UINT64_MAX - a->list.bound)
        return false;
    r->count += a->list.bound;
    struct ha_view old = {value + same, before.len - same};
    int order = compare(old, before.full_len, before.hash, rest, r->full_len, r->hash);
    if (a->entries > 0 && order >= 0)
        return false;
    if (rest.len > 0)
        memcpy(value + same, rest.ptr, rest.len);
    return a->fits == NULL || a->fits((struct ha_view){value, r->len});
}

/* Puts the record that was read behind the others. */
static void keep(struct arrival *a)
{
    struct ha_top_list *l = &a->list;
    const struct arriving *r = &a->r;
    uint32_t len = r->len < r->full_len ? r->len | HA_TOP_CUT : r->len;
    size_t words = ha_top_words(len);
    if (l->room - l->used < words) {
        size_t room = l->room + l->room / 2 + words + 64;
        uint64_t *grown = ha_realloc(l->words, room * sizeof *grown);
        if (grown == NULL) {
            a->no_memory = true;
            return;
        }
        l->words = grown;
        l->room = room;
    }
    struct ha_top_record *to = ha_top_record_at(l, l->used);
    *to = (struct ha_top_record){r->count, len, 0};
    if (r->len > 0)
        memcpy(ha_top_value(to), a->value, r->len);
    *ha_top_over(to) = r->over;
    if (ha_top_is_cut(to)) {
        *ha_top_cut_hash(to) = r->hash;
        *ha_top_cut_len(to) = r->full_len;
    }
    l->used += words;
}

static void take_records(struct arrival *a, struct ha_taker *from, const struct ha_top_list *into)
{
    size_t count = ha_take_number(from, a->list.max_entries);
    for (; a->entries < count && !a->no_memory; a->entries++) {
        if (!take_record(a, from)) {
            ha_take_bad(from);
            return;
        }
        a->bytes += a->r.len + (a->r.len < a->r.full_len ? HA_TOP_MARK_BYTES : 0);
        if (a->bytes > a->list.max_bytes) {
            ha_take_bad(from);
            return;
        }
        if (into != NULL)
            keep(a);
    }
}

bool ha_top_take(struct ha_taker *from, const struct ha_limits *limits, uint64_t most,
                 bool (*fits)(struct ha_view value), struct ha_top_list *into)
{
    struct arrival a = {.fits = fits};
    bool ok = ha_top_init(&a.list, limits, into != NULL ? into->seed : 1, NULL);
    if (ok)
        a.value = ha_alloc(a.list.max_value + 1u);
    ok = a.value != NULL;
    if (ok) {
        a.list.bound = ha_take_upto(from, most);
        take_records(&a, from, into);
        ok = !a.no_memory;
    }
    if (ok && !from->bad && into != NULL)
        ok = ha_top_merge(into, &a.list);
    ha_free(a.value);
    ha_top_done(&a.list);
    return ok;
}
