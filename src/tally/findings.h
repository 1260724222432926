/* findings.h - how often each rule found something, in which form, and the first line that showed
 * it. */
#ifndef HTTPANNOTATE_TALLY_FINDINGS_H
#define HTTPANNOTATE_TALLY_FINDINGS_H

#include "count.h"

/* Bytes kept of a line that is an example. */
#define HA_FINDING_EXAMPLE 512

struct ha_findings {
    struct ha_found found[HA_FORMS][HA_RULE_N]; /* texts are on the heap, HA_FINDING_EXAMPLE each */
};
void ha_findings_done(struct ha_findings *f);
/* Forgets what was counted; texts keep their memory. */
void ha_findings_reset(struct ha_findings *f);
/* Counts what the record's bits say. False when memory ran out. */
bool ha_findings_add(struct ha_findings *f, const struct ha_record *r,
                     uint32_t source) HA_MUST_USE;
/* Adds one sum with its first line, of which no more than HA_FINDING_EXAMPLE bytes are given. */
bool ha_findings_add_sum(struct ha_findings *f, int form, int rule,
                         const struct ha_found *sum) HA_MUST_USE;
bool ha_findings_merge(struct ha_findings *into, const struct ha_findings *from) HA_MUST_USE;

#endif
