/* samples.h - a few of the unmatched lines, to be shown: the first of each reason.
 *
 * Per reason the lines first by source and number are held, as many as may be shown in all;
 * what is shown is chosen when it is read. So it does not depend on the order or grouping of
 * merges. */
#ifndef HTTPANNOTATE_TALLY_SAMPLES_H
#define HTTPANNOTATE_TALLY_SAMPLES_H

#include "httpannotate/tally.h"

struct ha_sample_list { /* of one reason, in order of source and line */
    struct ha_sample *items;
    char *texts; /* max texts of max_bytes each; the items' views point in here */
    size_t count;
};
struct ha_samples {
    struct ha_sample_list list[HA_REASON_N];
    struct ha_sample *shown; /* the choice of the last reading */
    size_t max, max_bytes;
};

/* Limits: unmatched_samples, sample_bytes. False when memory ran out. */
bool ha_samples_init(struct ha_samples *s, const struct ha_limits *limits) HA_MUST_USE;
void ha_samples_done(struct ha_samples *s);
/* Forgets everything but keeps the memory. */
void ha_samples_reset(struct ha_samples *s);
/* Keeps a copy of the sample when it is among the first of its reason; its text may be longer than
 * what is kept. False when memory ran out. */
bool ha_samples_add(struct ha_samples *s, const struct ha_sample *sample) HA_MUST_USE;
bool ha_samples_merge(struct ha_samples *into, const struct ha_samples *from) HA_MUST_USE;
/* As ha_tally_samples. What it gives is overwritten by the next call. */
size_t ha_samples_read(const struct ha_samples *s, const struct ha_sample **out);

#endif
