/* emit.h - reports and messages leave the program. Layer 5. */
#ifndef HTTPANNOTATE_EMIT_H
#define HTTPANNOTATE_EMIT_H

#include "httpannotate/pipeline.h"

/* How lines on standard output look: colours and visible escapes, by --color, NO_COLOR and whether
 * a terminal reads it. */
struct ha_render_style ha_style_of_lines(const struct ha_config *config);
/* Whether what is written there has colours: by --color, NO_COLOR and whether it is a terminal. */
bool ha_colour_on(enum ha_colour asked, int fd);
/* Refuses a file that two reports are asked for: one would replace the other. To be called before
 * reading. */
enum ha_err ha_emit_check_outputs(const struct ha_config *config, struct ha_problem *p) HA_MUST_USE;
/* The same, and refuses a file for a report or for lines that is also read as a log: what it holds
 * would be lost, or read again. */
enum ha_err ha_emit_check(const struct ha_config *config, struct ha_problem *p) HA_MUST_USE;
/* Writes a report to every output asked for. Those without a path go to standard error when lines
 * go to standard output, else to standard output. The first failure is returned; the others are
 * still written. HA_ERR_CLOSED when the reader of standard output went away. */
enum ha_err ha_emit_report(const struct ha_config *config, const struct ha_report *report,
                           struct ha_problem *p) HA_MUST_USE;
/* The same for the outputs with a path alone. */
enum ha_err ha_emit_files(const struct ha_config *config, const struct ha_report *report,
                          struct ha_problem *p) HA_MUST_USE;
/* Whether a run is worth going on with when the reader of standard output went away: files are to
 * be written, or conditions to be tried. */
bool ha_emit_goes_on(const struct ha_config *config);
/* Writes to standard output. HA_ERR_CLOSED when its reader went away. */
enum ha_err ha_emit_stdout(struct ha_view bytes, struct ha_problem *p) HA_MUST_USE;

#endif
