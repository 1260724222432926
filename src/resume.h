/* resume.h - the file of --resume: how far logs were read, from one run to the next. Layer 5. */
#ifndef HTTPANNOTATE_RESUME_H
#define HTTPANNOTATE_RESUME_H

#include "httpannotate/pipeline.h"
#include "httpannotate/place.h"

struct ha_resume;
/* Opens config->resume_file, or makes an empty one, keeps other runs from it until it is freed, and
 * reads it. HA_ERR_SYNTAX: it is none, or another file of the run; HA_ERR_IO: also when another run
 * has it; nothing was changed then. config must outlive it. */
enum ha_err ha_resume_open(const struct ha_config *config, struct ha_resume **out,
                           struct ha_problem *p) HA_MUST_USE;
void ha_resume_free(struct ha_resume **r);
/* The place that is kept for a file (as it is named in config->files); NULL: none. */
const struct ha_place *ha_resume_place(struct ha_resume *r, const char *file);
/* All that are kept. They stay until the first ha_resume_put. */
const struct ha_places *ha_resume_places(const struct ha_resume *r);
/* From now on this one. HA_ERR_MEMORY, HA_ERR_LIMIT (too many). */
enum ha_err ha_resume_put(struct ha_resume *r, const char *file, const struct ha_place *place,
                          struct ha_problem *p) HA_MUST_USE;
/* Replaces the file, whole or not at all; other runs are kept from the new one, too. Places of
 * files that are not of this run stay as long as there are such files. */
enum ha_err ha_resume_save(struct ha_resume *r, struct ha_problem *p) HA_MUST_USE;

#endif
