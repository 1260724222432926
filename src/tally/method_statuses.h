/* method_statuses.h - how often each status answered each method, exact: a row of counters for a
 * method comes into being with the first request that has it. */
#ifndef HTTPANNOTATE_TALLY_METHOD_STATUSES_H
#define HTTPANNOTATE_TALLY_METHOD_STATUSES_H

#include "count.h"

#define HA_METHOD_STATUSES 1000

struct ha_method_statuses {
    uint64_t **rows; /* by index of the method table + 2: HA_UNLISTED_METHOD comes first */
};
/* Rows there are. */
size_t ha_method_statuses_rows(void);
/* False when memory ran out. */
bool ha_method_statuses_init(struct ha_method_statuses *m) HA_MUST_USE;
void ha_method_statuses_done(struct ha_method_statuses *m);
/* Forgets what was counted, and keeps the rows. */
void ha_method_statuses_reset(struct ha_method_statuses *m);
/* The row of that number, made when there is none; NULL when memory ran out. */
uint64_t *ha_method_statuses_row(struct ha_method_statuses *m, size_t row);

/* Counts so many responses; status is from 0 to 999. False when memory ran out. */
static inline bool ha_method_statuses_add(struct ha_method_statuses *m, int method, int status,
                                          uint64_t count)
{
    uint64_t *row = m->rows[method + 2];
    if (__builtin_expect(row == NULL, 0)) {
        row = ha_method_statuses_row(m, (size_t)(method + 2));
        if (row == NULL)
            return false;
    }
    row[status] = ha_sat_add(row[status], count);
    return true;
}
/* False when memory ran out. */
bool ha_method_statuses_merge(struct ha_method_statuses *into,
                              const struct ha_method_statuses *from) HA_MUST_USE;

#endif
