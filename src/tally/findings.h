/* findings.h - how often each rule found something, in which form, and the first line that showed
 * it. */
#ifndef HTTPANNOTATE_TALLY_FINDINGS_H
#define HTTPANNOTATE_TALLY_FINDINGS_H

#include "count.h"

/* Bytes kept of a line that is an example. */
#define HA_FINDING_EXAMPLE 512

/* What records show that show the same: of the first of them all was counted, of `waiting` more
 * from lines behind it nothing yet. */
struct ha_findings_alike {
    uint64_t bits[HA_FORMS];
    uint64_t waiting, line_number;
    uint32_t source;
};
enum { HA_FINDINGS_ALIKE = 16 };

struct ha_findings {
    struct ha_found found[HA_FORMS][HA_RULE_N]; /* texts are on the heap, HA_FINDING_EXAMPLE each */
    struct ha_findings_alike alike[HA_FINDINGS_ALIKE]; /* by their bits */
};
void ha_findings_done(struct ha_findings *f);
/* Forgets what was counted; texts keep their memory. */
void ha_findings_reset(struct ha_findings *f);
/* Counts what the record's bits say. False when memory ran out. */
bool ha_findings_add(struct ha_findings *f, const struct ha_record *r, uint32_t source) HA_MUST_USE;
/* The same, but counts may wait until ha_findings_settle. For a record that shows something. */
static inline bool ha_findings_gather(struct ha_findings *f, const struct ha_record *r,
                                      uint32_t source) HA_MUST_USE;
void ha_findings_settle(struct ha_findings *f);
/* Adds one sum with its first line, of which no more than HA_FINDING_EXAMPLE bytes are given. */
bool ha_findings_add_sum(struct ha_findings *f, int form, int rule,
                         const struct ha_found *sum) HA_MUST_USE;
bool ha_findings_merge(struct ha_findings *into, const struct ha_findings *from) HA_MUST_USE;

/* Counts the record, and what waited in its place of `alike`, which is its own from now on. */
bool ha_findings_begin(struct ha_findings *f, struct ha_findings_alike *alike,
                       const struct ha_record *r, uint32_t source) HA_MUST_USE;

static inline bool ha_findings_gather(struct ha_findings *f, const struct ha_record *r,
                                      uint32_t source)
{
    uint64_t mild = r->findings[HA_MILD], grave = r->findings[HA_GRAVE];
    uint64_t mixed = (mild ^ (grave << 32 | grave >> 32)) * UINT64_C(0x9e3779b97f4a7c15);
    struct ha_findings_alike *alike = &f->alike[mixed >> 60];
    if (alike->bits[HA_MILD] == mild && alike->bits[HA_GRAVE] == grave && alike->source == source &&
        alike->line_number < r->line_number) {
        alike->waiting++;
        return true;
    }
    return ha_findings_begin(f, alike, r, source);
}

#endif
