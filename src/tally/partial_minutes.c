/* partial_minutes.c - section of a partial report: errors by minute and status. Reports of earlier
 * builds lack it. */
#include "count.h"
#include "partial_parts.h"

/* Which statuses are kept; then each status as its distance from the one that could come next, how
 * many minutes it has, the first of them, the distances of the others, and their counts. */
void ha_put_error_minutes(const struct ha_partial *p, struct ha_buf *to)
{
    struct ha_error_minute *all = NULL;
    size_t count = 0;
    if (ha_tally_error_minutes(p->tally, &all, &count) != HA_OK) {
        to->failed = true;
        return;
    }
    ha_put_u64(to, p->tally->error_minutes.kept);
    int next = HA_ERROR_LEAST;
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && all[end].status == all[i].status;)
            end++;
        ha_put_u64(to, (uint64_t)(all[i].status - next));
        ha_put_u64(to, end - i);
        next = all[i].status + 1;
        for (size_t k = i; k < end; k++) {
            if (k == i)
                ha_put_i64(to, all[k].start_s / 60);
            else
                ha_put_u64(to, (uint64_t)(all[k].start_s - all[k - 1].start_s) / 60 - 1);
            ha_put_u64(to, all[k].count);
        }
    }
    ha_free(all);
}

/* The minutes of one status. */
static void take_minutes(struct ha_intake *in, struct ha_taker *from, int status, size_t count)
{
    uint64_t sum = 0;
    int64_t minute = 0;
    for (size_t i = 0; i < count; i++) {
        minute =
            i == 0 ? ha_take_i64(from) : minute + 1 + (int64_t)ha_take_upto(from, INT64_MAX / 2);
        uint64_t n = ha_take_u64(from);
        if (!ha_is_told_time(minute, 60) || n == 0)
            ha_take_bad(from);
        if (from->bad)
            return;
        sum = ha_sat_add(sum, n);
        if (in->adding &&
            !ha_error_minutes_put(&in->into->tally->error_minutes, ha_error_key(minute, status), n))
            in->no_memory = true;
    }
    if (sum > in->sums.status[status].count)
        ha_take_bad(from);
}

void ha_take_error_minutes(struct ha_intake *in, struct ha_taker *from)
{
    enum ha_minutes_kept kept = (enum ha_minutes_kept)ha_take_upto(from, HA_MINUTES_NONE);
    struct ha_error_minutes *into = &in->into->tally->error_minutes;
    if (in->adding && !ha_error_minutes_keep(into, kept))
        in->no_memory = true;
    size_t cells = 0;
    for (int status = HA_ERROR_LEAST; ha_take_left(from) > 0; status++) {
        status += (int)ha_take_upto(from, HA_ERROR_MOST - HA_ERROR_LEAST);
        size_t count = ha_take_number(from, into->max);
        cells += count;
        if (status > HA_ERROR_MOST || count == 0 || cells > into->max || !in->sums.has_time ||
            kept == HA_MINUTES_NONE || (kept == HA_MINUTES_5XX && status < 500))
            ha_take_bad(from);
        if (from->bad)
            return;
        take_minutes(in, from, status, count);
    }
}

/* What was not counted is not known: as if there had been too much of it. */
void ha_lack_error_minutes(struct ha_intake *in)
{
    if (in->adding && in->sums.errors > 0 && in->sums.has_time &&
        !ha_error_minutes_keep(&in->into->tally->error_minutes, HA_MINUTES_NONE))
        in->no_memory = true;
}
