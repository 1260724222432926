/* thresholds.h - conditions that make a run fail (--fail-if, SPEC 10).
 *
 * Layer 3. A condition is SUBJECT COMPARISON NUMBER[UNIT]: "5xx>1%", "429>10/min", "unmatched>0".
 */
#ifndef HTTPANNOTATE_THRESHOLDS_H
#define HTTPANNOTATE_THRESHOLDS_H

#include "httpannotate/tally.h"

/* What is counted. All but unmatched and salvaged are of the selected records. */
enum ha_subject {
    HA_SUBJECT_STATUS, /* 429: number is the status */
    HA_SUBJECT_CLASS,  /* 5xx, other: number is the class, 0 for "other" */
    HA_SUBJECT_ERRORS, /* 4xx and 5xx */
    HA_SUBJECT_UNMATCHED,
    HA_SUBJECT_SALVAGED,
    HA_SUBJECT_REQUESTS, /* every selected record */
    HA_SUBJECT_SPIKES,   /* bursts of errors, as reports list them */
    HA_SUBJECT_FINDINGS, /* what rules found; number: severity from 0, or HA_EVERY_SEVERITY */
};
/* Percent is of the selected records (of errors: without noise, where it is left out), and of all
 * lines for unmatched, salvaged and requests; of nothing it is 0. A rate is over the time from the
 * first selected record to the last. Where that is shorter than the unit, or the log has no times,
 * it counts as one unit: a rate is never more than the count. */
enum ha_unit {
    HA_UNIT_COUNT,
    HA_UNIT_PERCENT,
    HA_UNIT_PER_SECOND,
    HA_UNIT_PER_MINUTE,
    HA_UNIT_PER_HOUR
};
enum ha_comparison { HA_CMP_GT, HA_CMP_GE, HA_CMP_LT, HA_CMP_LE, HA_CMP_EQ, HA_CMP_NE };

enum { HA_EVERY_SEVERITY = -1, HA_THRESHOLD_SEVERITIES = 3 };

/* What conditions are held against. */
struct ha_measured {
    const struct ha_tally_sums *sums;
    const uint64_t *findings; /* of each severity: info, warn, error */
    uint64_t spikes;
    uint64_t noise, noise_errors; /* what is left out of errors and of what their share is of */
};

struct ha_threshold {
    const char *text; /* as given; the caller's */
    enum ha_subject subject;
    int number; /* the status or class */
    enum ha_comparison cmp;
    double value;
    enum ha_unit unit;
};

/* Reads a condition; text must outlive *out. HA_ERR_SYNTAX says what is taken. */
enum ha_err ha_threshold_parse(const char *text, struct ha_threshold *out,
                               struct ha_problem *p) HA_MUST_USE;
/* The number that a condition compares: a count, a percentage or a rate, by its unit. */
double ha_threshold_measure(const struct ha_threshold *t, const struct ha_measured *of);
/* Whether the condition holds, so that the run fails. */
bool ha_threshold_holds(const struct ha_threshold *t, const struct ha_measured *of);

#endif
