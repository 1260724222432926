/* crew.h - the workers of a run: one in the caller's thread, or several with lines kept in order.
 * Layer 5. */
#ifndef HTTPANNOTATE_CREW_H
#define HTTPANNOTATE_CREW_H

#include "worker.h"

struct ha_crew;
/* A crew of `threads` workers (at least 1). With 1 all work is done in ha_crew_block; with more,
 * that only hands a block over. *shared must outlive it. HA_ERR_MEMORY, or HA_ERR_LIMIT when the
 * system starts no more threads. */
enum ha_err ha_crew_new(const struct ha_shared *shared, size_t threads,
                        struct ha_crew **out) HA_MUST_USE;
/* Ends and joins the threads; what was handed over and not done is dropped. */
void ha_crew_free(struct ha_crew **crew);
/* A source begins: what the directives of the one before said holds no longer. */
void ha_crew_begin_source(struct ha_crew *crew);
/* Has the block that source (an index) just gave worked on, and its lines written to standard
 * output after those of all blocks before it. Returns the lines that end in the block. */
uint64_t ha_crew_block(struct ha_crew *crew, struct ha_source *source, const struct ha_block *block,
                       uint64_t first_line, uint32_t index);
/* Writes the lines that are held back: to be called before waiting for input. */
void ha_crew_flush(struct ha_crew *crew);
/* Waits until all blocks are done and their lines written; then ha_crew_tally holds every line. */
void ha_crew_drain(struct ha_crew *crew);
const struct ha_tally *ha_crew_tally(const struct ha_crew *crew);
/* HA_OK, or what ended the crew's work: HA_ERR_MEMORY, HA_ERR_IO, or HA_ERR_CLOSED when the reader
 * of standard output went away and nothing but lines was asked for. *p says which. */
enum ha_err ha_crew_trouble(struct ha_crew *crew, struct ha_problem *p);
/* The reader of standard output went away, and the work goes on without lines. */
bool ha_crew_unheard(struct ha_crew *crew);

#endif
