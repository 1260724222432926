/* following.h - files that are read through rotation, from where a run before ended (--resume) or
 * as they grow (--follow): what the pipeline reads from then. Layer 5. */
#ifndef HTTPANNOTATE_FOLLOWING_H
#define HTTPANNOTATE_FOLLOWING_H

#include "crew.h"
#include "httpannotate/follow.h"

struct ha_following;
/* Opens the file of --resume and looks for the places it tells. *out stays NULL, and all is well,
 * where the run has neither option. config must outlive it. */
enum ha_err ha_following_new(const struct ha_config *config, const struct ha_limits *reading,
                             int wake_fd, struct ha_following **out,
                             struct ha_problem *p) HA_MUST_USE;
void ha_following_free(struct ha_following **f);
/* As ha_follow_next, into *task; task->source is an index of config->files (0 for standard input).
 * The crew is told of directives that lead the block. */
enum ha_follow_state ha_following_next(struct ha_following *f, struct ha_crew *crew,
                                       struct ha_chunk *into, struct ha_task *task,
                                       struct ha_problem *p);
void ha_following_wait(struct ha_following *f);
/* The run is to end: what files that are followed hold by now is still read. False: nothing is, as
 * they are not (f may be NULL). */
bool ha_following_end(struct ha_following *f);
/* Sets lines and bytes of each source. No block may be at work. */
void ha_following_count(const struct ha_following *f, struct ha_report_source *sources);
/* Whether places are to be kept now, without a report: lines were read since that was done, some
 * seconds ago, with --follow and --resume, and lines are all that was asked for. What reports are
 * asked for must be out in one of them first. The crew is to be drained before. */
bool ha_following_is_due(const struct ha_following *f);
/* All that was asked for of what was read is out: the next run goes on from here, also when this
 * one goes on and is killed. Without --resume nothing. */
enum ha_err ha_following_save(struct ha_following *f, struct ha_problem *p) HA_MUST_USE;

#endif
