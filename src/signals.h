/* signals.h - signals become flags and a descriptor that ends a wait. Layer 5. */
#ifndef HTTPANNOTATE_SIGNALS_H
#define HTTPANNOTATE_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

/* From here on SIGINT and SIGTERM ask for the end and SIGUSR1 (and every every_us microseconds, 0
 * for never) for a report; SIGPIPE and SIGXFSZ are ignored. A second SIGINT or SIGTERM ends the
 * program at once. False when the system refuses, with errno set. */
bool ha_signals_start(int64_t every_us);
/* Gives the signals back to their former meaning. */
void ha_signals_stop(void);
/* Can be read as soon as something was asked for; -1 before the start. */
int ha_signals_wake_fd(void);
/* What was asked for since the last call; forgets it (the end stays asked for). */
struct ha_asked {
    bool end, report;
};
struct ha_asked ha_signals_take(void);
/* Forgets what the clock asked for while a report was made: where that takes longer than every_us,
 * the run would do nothing else. To be called after an interim report. */
void ha_signals_forget_ticks(void);
/* A look without a system call: whether ha_signals_take would say anything. */
bool ha_signals_pending(void);

#endif
