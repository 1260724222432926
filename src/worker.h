/* worker.h - one thread's share of the work: a block goes through match, select, tally, annotate and
 * render. Layer 5. */
#ifndef HTTPANNOTATE_WORKER_H
#define HTTPANNOTATE_WORKER_H

#include "httpannotate/pattern.h"
#include "httpannotate/pipeline.h"
#include "httpannotate/source.h"

/* What all workers share and none changes. */
struct ha_shared {
    const struct ha_config *config;
    const struct ha_facts *facts;
    struct ha_patterns *patterns; /* compiles its members on demand, under its lock */
    const struct ha_selector *selector;
    struct ha_render_style style;
};

struct ha_worker;
enum ha_err ha_worker_new(const struct ha_shared *shared, struct ha_worker **out) HA_MUST_USE;
void ha_worker_free(struct ha_worker **w);
/* Takes one block through the stages. first_line is the number of its first line in source (an index).
 * What is to be written is appended to *to. Returns the lines that ended in the block. */
uint64_t ha_worker_block(struct ha_worker *w, const struct ha_block *block, uint64_t first_line,
                         uint32_t source, struct ha_buf *to);
/* Everything this worker counted. */
struct ha_tally *ha_worker_tally(struct ha_worker *w);
/* False when memory ran out on the way. */
bool ha_worker_ok(const struct ha_worker *w);

#endif
