/* on_spike.h - a command is run for what is told of spikes (--on-spike). Layer 5. */
#ifndef HTTPANNOTATE_ON_SPIKE_H
#define HTTPANNOTATE_ON_SPIKE_H

#include "httpannotate/base.h"

/* How long a command may run before it is asked to end (SIGTERM), and how long after that before
 * it is ended (SIGKILL): it and all of its process group. */
enum { HA_ON_SPIKE_LIMIT_MS = 30000, HA_ON_SPIKE_GRACE_MS = 2000 };

struct ha_on_spike;
/* command is for sh -c and must outlive *out. limit_ms: HA_ON_SPIKE_LIMIT_MS but in tests. A thread
 * of its own looks after what runs. HA_ERR_MEMORY or HA_ERR_LIMIT, told in *p. */
enum ha_err ha_on_spike_new(const char *command, int64_t limit_ms, struct ha_on_spike **out,
                            struct ha_problem *p) HA_MUST_USE;
/* Has the command run with these bytes as its standard input, its standard output going to standard
 * error, in a process group of its own. Never waits. While one runs for the same group (a status or
 * class, as spikes.h names them), the input is kept for the next; of more than 256 kept in all the
 * oldest is given up, and told. False when memory ran out. Only the first failure of a command is
 * told, one that was ended for taking too long among them. */
bool ha_on_spike_run(struct ha_on_spike *o, int group, struct ha_view input) HA_MUST_USE;
/* Waits until all has run, no longer than one command may; then tells how many inputs were not
 * given to a command, all in all. */
void ha_on_spike_free(struct ha_on_spike **o);

#endif
