/* error_minutes.c - cells found by hash, given up in steps when there are too many. */
#include "error_minutes.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 64, SERVER_ERRORS = 500 - HA_ERROR_LEAST };

bool ha_error_minutes_init(struct ha_error_minutes *m, size_t max)
{
    *m = (struct ha_error_minutes){.mask = FIRST_SLOTS - 1,
                                   .max = max,
                                   .last_us = HA_MINUTE_US - 1,
                                   .minute_key = ha_error_key(0, HA_ERROR_LEAST)};
    m->slots = ha_calloc(FIRST_SLOTS, sizeof *m->slots);
    return m->slots != NULL;
}

void ha_error_minutes_done(struct ha_error_minutes *m)
{
    ha_free(m->slots);
    m->slots = NULL;
}

void ha_error_minutes_reset(struct ha_error_minutes *m)
{
    memset(m->slots, 0, (m->mask + 1) * sizeof *m->slots);
    m->count = 0;
    m->kept = HA_MINUTES_ERRORS;
}

void ha_error_minutes_move(struct ha_error_minutes *m, int64_t time_us)
{
    int64_t minute = ha_floor_div(time_us, HA_MINUTE_US);
    /* The first and the last minute that can be told are cut short. */
    m->first_us = minute < INT64_MIN / HA_MINUTE_US ? INT64_MIN : minute * HA_MINUTE_US;
    m->last_us = minute >= INT64_MAX / HA_MINUTE_US ? INT64_MAX : (minute + 1) * HA_MINUTE_US - 1;
    m->minute_key = ha_error_key(minute, HA_ERROR_LEAST);
}

static int status_of(uint64_t key)
{
    return (int)(key & ((1u << HA_CELL_STATUS_BITS) - 1)) + HA_ERROR_LEAST;
}

static bool is_kept(enum ha_minutes_kept kept, uint64_t key)
{
    return kept == HA_MINUTES_ERRORS ||
           (kept == HA_MINUTES_5XX && status_of(key) - HA_ERROR_LEAST >= SERVER_ERRORS);
}

/* The slot that holds the key, or the free one where it would be put. */
static size_t slot_of(const struct ha_error_minutes *m, uint64_t key)
{
    size_t i = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & m->mask;
    while (m->slots[i].count != 0 && m->slots[i].key != key)
        i = (i + 1) & m->mask;
    return i;
}

/* Into as many slots, those cells that are kept. */
static bool rebuild(struct ha_error_minutes *m, size_t slots)
{
    struct ha_error_cell *old = m->slots, *end = old + m->mask + 1;
    struct ha_error_cell *fresh = ha_calloc(slots, sizeof *fresh);
    if (fresh == NULL)
        return false;
    m->slots = fresh;
    m->mask = slots - 1;
    m->count = 0;
    for (struct ha_error_cell *c = old; c < end; c++) {
        if (c->count == 0 || !is_kept(m->kept, c->key))
            continue;
        m->slots[slot_of(m, c->key)] = *c;
        m->count++;
    }
    ha_free(old);
    return true;
}

bool ha_error_minutes_keep(struct ha_error_minutes *m, enum ha_minutes_kept kept)
{
    if (kept <= m->kept)
        return true;
    m->kept = kept;
    return rebuild(m, kept == HA_MINUTES_NONE ? FIRST_SLOTS : m->mask + 1);
}

bool ha_error_minutes_put(struct ha_error_minutes *m, uint64_t key, uint64_t count)
{
    for (;;) {
        if (!is_kept(m->kept, key))
            return true;
        size_t i = slot_of(m, key);
        struct ha_error_cell *c = &m->slots[i];
        if (c->count != 0) {
            c->count = ha_sat_add(c->count, count);
            m->last[status_of(key) - HA_ERROR_LEAST] = (uint32_t)i;
            return true;
        }
        bool full = m->count >= m->max, crowded = 2 * (m->count + 1) > m->mask + 1;
        if (!full && !crowded) {
            *c = (struct ha_error_cell){key, count};
            m->count++;
            m->last[status_of(key) - HA_ERROR_LEAST] = (uint32_t)i;
            return true;
        }
        if (full ? !ha_error_minutes_keep(m, m->kept + 1) : !rebuild(m, 2 * (m->mask + 1)))
            return false;
    }
}

bool ha_error_minutes_merge(struct ha_error_minutes *into, const struct ha_error_minutes *from)
{
    if (!ha_error_minutes_keep(into, from->kept))
        return false;
    for (size_t i = 0; i <= from->mask; i++)
        if (from->slots[i].count != 0 &&
            !ha_error_minutes_put(into, from->slots[i].key, from->slots[i].count))
            return false;
    return true;
}

static int by_status(const void *a, const void *b)
{
    const struct ha_error_minute *x = a, *y = b;
    if (x->status != y->status)
        return x->status < y->status ? -1 : 1;
    return (x->start_s > y->start_s) - (x->start_s < y->start_s);
}

enum ha_err ha_error_minutes_read(const struct ha_error_minutes *m, struct ha_error_minute **out,
                                  size_t *count)
{
    size_t n = 0;
    *count = 0;
    *out = ha_alloc((m->count + 1) * sizeof **out);
    if (*out == NULL)
        return HA_ERR_MEMORY;
    for (size_t i = 0; i <= m->mask; i++) {
        const struct ha_error_cell *c = &m->slots[i];
        if (c->count == 0)
            continue;
        int64_t minute = (int64_t)(c->key >> HA_CELL_STATUS_BITS) - HA_CELL_EPOCH;
        (*out)[n++] = (struct ha_error_minute){minute * 60, status_of(c->key), c->count};
    }
    HA_ASSERT(n == m->count);
    qsort(*out, n, sizeof **out, by_status);
    *count = n;
    return HA_OK;
}
