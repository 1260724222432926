/* samples.c - short sorted lists of unmatched lines. */
#include "samples.h"

#include "httpannotate/facts.h"

#include <stdlib.h>
#include <string.h>

/* More than is shown of a line. */
enum { MASKED = 4096 };

bool ha_samples_init(struct ha_samples *s, const struct ha_limits *limits)
{
    *s = (struct ha_samples){.max = limits->unmatched_samples, .max_bytes = limits->sample_bytes};
    if (s->max == 0)
        return true;
    s->shown = ha_alloc(s->max * sizeof *s->shown);
    return s->shown != NULL;
}

void ha_samples_done(struct ha_samples *s)
{
    for (size_t i = 0; i < HA_REASON_N; i++) {
        ha_free(s->list[i].items);
        ha_free(s->list[i].texts);
    }
    ha_free(s->shown);
    *s = (struct ha_samples){.max = 0};
}

void ha_samples_reset(struct ha_samples *s)
{
    for (size_t i = 0; i < HA_REASON_N; i++)
        s->list[i].count = 0;
}

static int by_place(const void *a, const void *b)
{
    const struct ha_sample *x = a, *y = b;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    if (x->line_number != y->line_number)
        return x->line_number < y->line_number ? -1 : 1;
    /* Pieces of a log may each be read as standard input: lines of one number are then several. */
    int by_text = ha_view_cmp(x->text, y->text);
    return by_text != 0 ? by_text : (x->full_len > y->full_len) - (x->full_len < y->full_len);
}

static bool make_list(const struct ha_samples *s, struct ha_sample_list *list)
{
    if (list->items == NULL)
        list->items = ha_alloc(s->max * sizeof *list->items);
    if (list->items != NULL)
        list->texts = ha_alloc(s->max * s->max_bytes + 1);
    return list->texts != NULL;
}

/* Where a text can be written: behind the others while there is room, else over the last one's. */
static char *free_text(const struct ha_samples *s, struct ha_sample_list *list)
{
    if (list->count < s->max)
        return list->texts + list->count++ * s->max_bytes;
    return list->texts + (list->items[list->count - 1].text.ptr - list->texts);
}

/* Lines mostly come in order: one behind the last needs no look at its text. */
static bool is_behind(const struct ha_sample *a, const struct ha_sample *last)
{
    return a->source > last->source ||
           (a->source == last->source && a->line_number > last->line_number);
}

bool ha_samples_add(struct ha_samples *s, const struct ha_sample *sample)
{
    struct ha_sample_list *list = &s->list[sample->reason];
    if (s->max == 0 || (list->count == s->max && is_behind(sample, &list->items[s->max - 1])))
        return true;
    char room[MASKED];
    struct ha_sample cut = *sample;
    cut.text = ha_facts_masked(sample->text, room, MASKED);
    if (cut.text.len > s->max_bytes)
        cut.text.len = s->max_bytes;
    if (list->count == s->max && by_place(&cut, &list->items[s->max - 1]) >= 0)
        return true;
    if (list->texts == NULL && !make_list(s, list))
        return false;
    char *text = free_text(s, list);
    size_t at = list->count - 1;
    for (; at > 0 && by_place(&cut, &list->items[at - 1]) < 0; at--)
        list->items[at] = list->items[at - 1];
    struct ha_sample *item = &list->items[at];
    *item = cut;
    item->text.ptr = text;
    if (item->text.len > 0)
        memcpy(text, cut.text.ptr, item->text.len);
    return true;
}

bool ha_samples_merge(struct ha_samples *into, const struct ha_samples *from)
{
    for (size_t reason = 0; reason < HA_REASON_N; reason++)
        for (size_t i = 0; i < from->list[reason].count; i++)
            if (!ha_samples_add(into, &from->list[reason].items[i]))
                return false;
    return true;
}

/* In turns: the first of each reason, then the second of each, until there are enough. */
size_t ha_samples_read(const struct ha_samples *s, const struct ha_sample **out)
{
    size_t n = 0;
    for (size_t turn = 0; turn < s->max && n < s->max; turn++)
        for (size_t reason = 0; reason < HA_REASON_N && n < s->max; reason++)
            if (turn < s->list[reason].count)
                s->shown[n++] = s->list[reason].items[turn];
    if (n > 0)
        qsort(s->shown, n, sizeof *s->shown, by_place);
    *out = s->shown;
    return n;
}
