/* modes.h - what the program does besides reading logs. Layer 6.
 *
 * Each writes to standard output, tells problems on standard error and returns the exit status. */
#ifndef HA_MODES_H
#define HA_MODES_H

#include "httpannotate/options.h"

int ha_mode_explain(const struct ha_options *o);
int ha_mode_text(const struct ha_options *o);
int ha_mode_list_findings(void);
int ha_mode_list_patterns(const struct ha_options *o);
int ha_mode_check_pattern(const struct ha_options *o);

#endif
