/* top_read.c - the first few of a top list. */
#include "top_index.h"

/* True when a comes before b in a report. */
static bool before(const struct ha_top_entry *a, const struct ha_top_entry *b)
{
    if (a->count != b->count)
        return a->count > b->count;
    int by_value = ha_view_cmp(a->value, b->value);
    if (by_value != 0)
        return by_value < 0;
    /* Only values that were cut can read alike. */
    if (a->full_len != b->full_len)
        return a->full_len < b->full_len;
    return a->at_most_over < b->at_most_over;
}

/* Lets the entry at the root of a heap, whose root comes last in a report, sink to its place. */
static void sink(struct ha_top_entry *heap, size_t n)
{
    struct ha_top_entry moved = heap[0];
    size_t at = 0;
    for (size_t child = 1; child < n; child = 2 * at + 1) {
        if (child + 1 < n && before(&heap[child], &heap[child + 1]))
            child++;
        if (!before(&moved, &heap[child]))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moved;
}

static void rise(struct ha_top_entry *heap, size_t at)
{
    struct ha_top_entry moved = heap[at];
    while (at > 0 && before(&heap[(at - 1) / 2], &moved)) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = moved;
}

static struct ha_top_entry entry_of(struct ha_top_record *r)
{
    return (struct ha_top_entry){
        .value = {ha_top_value(r), ha_top_bytes(r->len)},
        .count = r->count,
        .at_most_over = *ha_top_over(r),
        .full_len = ha_top_full_len(r),
    };
}

bool ha_top_find(const struct ha_top_list *l, struct ha_view value, struct ha_top_entry *to)
{
    struct ha_top_key key = ha_top_key_for(l, value);
    struct ha_top_record *r = ha_top_key_is_cut(&key) ? NULL : ha_top_index_find(l, &key);
    if (r == NULL)
        return false;
    *to = entry_of(r);
    return true;
}

/* In the caller's room alone: the n first ones in a heap, then that sorted in place. */
size_t ha_top_read(const struct ha_top_list *l, size_t n, struct ha_top_entry *to)
{
    size_t count = 0;
    struct ha_top_record *r;
    for (size_t at = 0; n > 0 && (r = ha_top_next(l, &at)) != NULL;) {
        struct ha_top_entry e = entry_of(r);
        if (count < n) {
            to[count] = e;
            rise(to, count++);
        } else if (before(&e, &to[0])) {
            to[0] = e;
            sink(to, n);
        }
    }
    for (size_t left = count; left > 1; left--) {
        struct ha_top_entry last = to[0];
        to[0] = to[left - 1];
        to[left - 1] = last;
        sink(to, left - 1);
    }
    return count;
}
