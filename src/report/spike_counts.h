/* spike_counts.h - the exact counts that spikes are found in. */
#ifndef HA_REPORT_SPIKE_COUNTS_H
#define HA_REPORT_SPIKE_COUNTS_H

#include "httpannotate/report.h"

struct spike_counts {
    struct ha_minutes all;
    const struct ha_error_minute *errors; /* by status, then in order */
    size_t error_count;
    struct ha_spike_minute *minutes; /* one for each of all: errors of one group at a time */
};
static inline const struct ha_bucket *spike_bucket(const struct spike_counts *c, size_t minute)
{
    return &c->all.buckets[c->all.order[minute]];
}
/* Puts the errors of a status, 429 and others, into the minutes. What a forged partial report has
 * beside all minutes is passed over. */
void spike_counts_of_status(const struct spike_counts *c, int status);

/* Puts what rose of a class's statuses in its spikes, told from exact counts, in the place of what
 * samples tell. incidents: all of the class, in order and apart; errors: by status, then in order.
 */
void spike_statuses_read(struct ha_report *r, int class, const struct ha_span *incidents,
                         size_t incident_count, const struct ha_error_minute *errors, size_t count);

/* What pairs of statuses tell of the incidents, which are in order; of scans only that they may be.
 * HA_ERR_MEMORY only. */
enum ha_err spike_notes_read(struct ha_report *r, const struct spike_counts *c) HA_MUST_USE;

#endif
