/* baseline.h - the earlier report that a run is compared with (--diff). */
#ifndef HTTPANNOTATE_BASELINE_H
#define HTTPANNOTATE_BASELINE_H

#include "httpannotate/partial.h"

struct ha_baseline {
    struct ha_merger *merger;
    struct ha_merged report;
};
/* Reads all partial reports in the file; *out is overwritten, release it with ha_baseline_free in
 * any case. The problem names the file and line. */
enum ha_err ha_baseline_load(const char *path, const struct ha_limits *limits,
                             struct ha_baseline *out, struct ha_problem *p) HA_MUST_USE;
void ha_baseline_free(struct ha_baseline *b);
/* Whether it was counted as this tally is; if not, *p says what differs. */
enum ha_err ha_baseline_fits(const struct ha_baseline *b, const char *path, const char *selection,
                             const struct ha_tally *now, struct ha_problem *p) HA_MUST_USE;

#endif
