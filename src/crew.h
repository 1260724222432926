/* crew.h - the workers of a run: one, or several threads that take turns to read. Layer 5. */
#ifndef HTTPANNOTATE_CREW_H
#define HTTPANNOTATE_CREW_H

#include "worker.h"

/* A block to be worked on. */
struct ha_task {
    struct ha_block block;
    uint32_t source; /* index of the source it came from */
    uint64_t *lines; /* of that source up to the block; the crew adds those that end in it */
};
/* Gives the next block, read into *into (ha_source_lend), or false when there is none left. Called
 * by one thread at a time, but not always by the same one; may call all functions below but
 * ha_crew_run and ha_crew_free. */
typedef bool ha_next_fn(void *arg, struct ha_chunk *into, struct ha_task *task);

/* As many as --threads says, or as there are cores to run on, up to where more only cost memory. */
size_t ha_crew_threads(const struct ha_config *config);

struct ha_crew;
/* A crew of `threads` workers (at least 1). *shared must outlive it. HA_ERR_MEMORY only. */
enum ha_err ha_crew_new(const struct ha_shared *shared, size_t threads,
                        struct ha_crew **out) HA_MUST_USE;
void ha_crew_free(struct ha_crew **crew);
/* Has all blocks worked on that next(arg, ...) gives, in the caller's thread and as many others as
 * were asked for, and returns when they are done. Lines go to standard output in the order of the
 * blocks. Whoever is free reads the next block by itself, so that its bytes are in the cache of the
 * processor that works on them. To be called once. HA_ERR_LIMIT when the system starts no more
 * threads: nothing was read. */
enum ha_err ha_crew_run(struct ha_crew *crew, ha_next_fn *next, void *arg) HA_MUST_USE;
/* A source begins: what the directives of the one before said holds no longer. */
void ha_crew_begin_source(struct ha_crew *crew);
/* The next block is of a source whose directives, up to it, say this. */
void ha_crew_lead(struct ha_crew *crew, const struct ha_directives *d);
/* Whether lines of blocks that are done are held back, to be written together with others; to be
 * followed by ha_crew_flush before waiting for input. */
bool ha_crew_holds_lines(const struct ha_crew *crew);
void ha_crew_flush(struct ha_crew *crew);
/* Waits until all blocks are done and their lines written; then ha_crew_tally holds every line. */
void ha_crew_drain(struct ha_crew *crew);
/* The same after ha_crew_run, and lets go of all that only reading needs, so that there is memory
 * to make reports in. To be called once. */
void ha_crew_end(struct ha_crew *crew);
const struct ha_tally *ha_crew_tally(const struct ha_crew *crew);
/* HA_OK, or what ended the crew's work: HA_ERR_MEMORY, HA_ERR_IO, or HA_ERR_CLOSED when the reader
 * of standard output went away and nothing but lines was asked for. *p says which. */
enum ha_err ha_crew_trouble(struct ha_crew *crew, struct ha_problem *p);
/* The reader of standard output went away, and the work goes on without lines. */
bool ha_crew_unheard(struct ha_crew *crew);

#endif
