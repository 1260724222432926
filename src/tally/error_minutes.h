/* error_minutes.h - errors by minute and status, exact, in a bounded number of cells.
 *
 * A cell is a minute in which a status from 400 to 599 occurred. When there are more cells than
 * are held, those of 400 to 499 are given up, and when that is not enough, all. What is kept then
 * depends on what was counted only, not on its order or split: any part has no more cells than the
 * whole. */
#ifndef HTTPANNOTATE_TALLY_ERROR_MINUTES_H
#define HTTPANNOTATE_TALLY_ERROR_MINUTES_H

#include "count.h"

enum { HA_ERROR_LEAST = 400, HA_ERROR_MOST = 599, HA_ERRORS = HA_ERROR_MOST - HA_ERROR_LEAST + 1 };

/* A minute (since the epoch, moved so that none is below 0) and a status, in one number. */
#define HA_CELL_STATUS_BITS 8
#define HA_CELL_EPOCH       (INT64_C(1) << 40)

struct ha_error_cell {
    uint64_t key;
    uint64_t count; /* 0: the slot is free */
};
struct ha_error_minutes {
    struct ha_error_cell *slots; /* open addressing, at most half of them in use */
    size_t mask, count, max;     /* slots - 1; cells in use, allowed */
    enum ha_minutes_kept kept;
    uint32_t last[HA_ERRORS];  /* where each status was met last: mostly in the same minute */
    int64_t first_us, last_us; /* of its minute, */
    uint64_t minute_key;       /* and what that is in a key */
};

/* max: cells held. False when memory ran out. */
bool ha_error_minutes_init(struct ha_error_minutes *m, size_t max) HA_MUST_USE;
void ha_error_minutes_done(struct ha_error_minutes *m);
/* Forgets everything but keeps the memory. */
void ha_error_minutes_reset(struct ha_error_minutes *m);
/* Whether n more errors fit for sure. */
static inline bool ha_error_minutes_have_room(const struct ha_error_minutes *m, size_t n)
{
    return n <= m->max - m->count;
}
/* The key of a minute (counted from the epoch) and a status from 400 to 599. */
static inline uint64_t ha_error_key(int64_t minute, int status)
{
    return (uint64_t)(minute + HA_CELL_EPOCH) << HA_CELL_STATUS_BITS |
           (uint64_t)(status - HA_ERROR_LEAST);
}
/* Adds count, more than 0, to a cell. False when memory ran out. */
bool ha_error_minutes_put(struct ha_error_minutes *m, uint64_t key, uint64_t count) HA_MUST_USE;
/* Finds the minute of a time. */
void ha_error_minutes_move(struct ha_error_minutes *m, int64_t time_us);

/* Counts one error; status is from 400 to 599. False when memory ran out. */
static inline bool ha_error_minutes_add(struct ha_error_minutes *m, int64_t time_us, int status)
{
    if (time_us < m->first_us || time_us > m->last_us)
        ha_error_minutes_move(m, time_us);
    uint64_t key = m->minute_key | (uint64_t)(status - HA_ERROR_LEAST);
    /* There may be fewer slots than there were. */
    struct ha_error_cell *last = &m->slots[m->last[status - HA_ERROR_LEAST] & m->mask];
    if (__builtin_expect(last->key != key || last->count == 0, 0))
        return ha_error_minutes_put(m, key, 1);
    ha_sat_up(&last->count);
    return true;
}
/* Gives up what is beyond `kept`. False when memory ran out. */
bool ha_error_minutes_keep(struct ha_error_minutes *m, enum ha_minutes_kept kept) HA_MUST_USE;
/* False when memory ran out. */
bool ha_error_minutes_merge(struct ha_error_minutes *into,
                            const struct ha_error_minutes *from) HA_MUST_USE;
/* As ha_tally_error_minutes. */
enum ha_err ha_error_minutes_read(const struct ha_error_minutes *m, struct ha_error_minute **out,
                                  size_t *count) HA_MUST_USE;

#endif
