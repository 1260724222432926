/* worker.h - one thread's share of the work: a block goes through match, select, tally, annotate
 * and render. Layer 5. */
#ifndef HTTPANNOTATE_WORKER_H
#define HTTPANNOTATE_WORKER_H

#include <pthread.h>

#include "httpannotate/lint.h"
#include "httpannotate/pattern.h"
#include "httpannotate/pipeline.h"
#include "httpannotate/source.h"
#include "watch.h"

/* What all workers share and none changes. */
struct ha_shared {
    const struct ha_config *config;
    const struct ha_facts *facts;
    struct ha_patterns *patterns; /* compiles its members on demand, under its lock */
    const struct ha_selector *selector;
    const struct ha_linter *linter; /* NULL: nothing is looked at */
    struct ha_watch *watch;         /* NULL: nobody is told of spikes; the crew's, block by block */
    struct ha_render_style style;
    size_t source_count; /* how many will be read */
    bool more_follow;    /* behind a line without an end others come, of the last source, too */
    uint64_t seed;       /* of the run's hashes, so that no log can be made to collide */
};

/* The tally that several workers fill, one at a time. */
struct ha_common {
    struct ha_tally *tally;
    size_t workers;
    pthread_mutex_t lock;
};
/* An empty tally as the run's options want it. */
enum ha_err ha_common_tally_new(const struct ha_shared *shared, struct ha_tally **out) HA_MUST_USE;

struct ha_worker;
/* common NULL: the worker's tally is the run's. Else it counts into a small one of its own, and
 * adds that to the common one before a list in it is full, so that lists stay exact as long as
 * those of a single worker would. */
enum ha_err ha_worker_new(const struct ha_shared *shared, struct ha_common *common,
                          struct ha_worker **out) HA_MUST_USE;
void ha_worker_free(struct ha_worker **w);
/* What the directives of its source say before the next block. Blocks that follow each other in one
 * worker need no telling: it takes in what it meets. */
void ha_worker_lead(struct ha_worker *w, const struct ha_directives *d);
/* From here on the selected records of its blocks go into this digest, too; NULL: into none. */
void ha_worker_digest(struct ha_worker *w, struct ha_digest *to);
/* Takes one block through the stages. first_line is the number of its first line in source (an
 * index). What is to be written is appended to *to. Returns the lines that ended in the block. */
uint64_t ha_worker_block(struct ha_worker *w, const struct ha_block *block, uint64_t first_line,
                         uint32_t source, struct ha_buf *to);
/* Adds what the worker counted to the common tally and forgets it; with no common one, nothing. */
void ha_worker_hand_in(struct ha_worker *w);
/* What the worker counted and has not handed in. */
const struct ha_tally *ha_worker_tally(const struct ha_worker *w);
/* False when memory ran out on the way. */
bool ha_worker_ok(const struct ha_worker *w);

#endif
