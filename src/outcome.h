/* outcome.h - what the numbers of a run mean for its exit status. Layer 5. */
#ifndef HTTPANNOTATE_OUTCOME_H
#define HTTPANNOTATE_OUTCOME_H

#include "httpannotate/pipeline.h"

/* Says which conditions of --fail-if hold. HA_EXIT_THRESHOLD when one does; else
 * HA_EXIT_NONE_MATCHED when there were lines and none matched; else HA_EXIT_OK. */
int ha_outcome(const struct ha_config *config, const struct ha_tally *tally);

/* Says which log looks like text that no pattern reads, and what makes lines of it, unless a report
 * on standard output or error has said so. */
void ha_outcome_tell_odd_text(const struct ha_config *config, const struct ha_tally *tally);

#endif
