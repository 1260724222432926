/* watch.h - spikes are told while the log is read. Layer 5.
 *
 * A worker writes a digest of its block; the digests come to the watch in the order of the blocks,
 * whoever worked on them, and the watch tells of spikes from their lines alone: so what is told
 * does not depend on threads, nor on the pieces in which the input came. */
#ifndef HTTPANNOTATE_WATCH_H
#define HTTPANNOTATE_WATCH_H

#include "httpannotate/evidence.h"
#include "httpannotate/pipeline.h"
#include "httpannotate/record.h"

/* Lines of one second: good ones (status below 400), then perhaps one with a status of its own. */
struct ha_digest_entry {
    int64_t second;
    uint32_t good;
    int16_t status;     /* HA_NO_LINE: none */
    int16_t offset_min; /* of the times as the log writes them */
};
/* Who sent what: a witness (evidence.h) whose texts lie in the block, or in the digest. */
struct ha_digest_witness {
    size_t entry; /* index of the entry that the line is in */
    size_t text;  /* where in texts they begin, one behind the other; or HA_IN_BLOCK */
    struct ha_witness witness;
};
#define HA_IN_BLOCK SIZE_MAX
/* What spikes need to know of a block. Initialise with {0}; release with ha_digest_free. */
struct ha_digest {
    struct ha_digest_entry *entries;
    size_t count, cap;
    int64_t second; /* of the newest line */
    int16_t offset_min;
    bool open; /* the newest entry takes more lines */
    struct ha_digest_witness *witnesses;
    size_t witness_count, witness_cap;
    struct ha_buf texts;
    struct ha_view block; /* texts in it live as long as the digest needs them */
    bool failed;          /* memory ran out */
};
struct ha_watch;
/* The records that follow are of this block, whose bytes will not change until the digest has been
 * taken. What a record has that lies elsewhere is copied, as is all without this call. */
void ha_digest_begin(struct ha_digest *d, struct ha_view block);
/* Adds those of n records that are selected; one without a time says nothing. Any thread may call
 * it. */
void ha_digest_add(struct ha_digest *d, const struct ha_watch *watch,
                   const struct ha_record *records, const uint8_t *selected, size_t n);
void ha_digest_free(struct ha_digest *d);

/* *out is NULL when there is nobody to tell: spikes are not looked for (--no-spikes), or neither
 * are lines written, nor does somebody look on (standard error a terminal, input that is no file),
 * nor is a command to be run (--on-spike). HA_ERR_MEMORY, or HA_ERR_IO when no command can be run.
 */
enum ha_err ha_watch_new(const struct ha_config *config, struct ha_watch **out,
                         struct ha_problem *p) HA_MUST_USE;
void ha_watch_free(struct ha_watch **watch);
/* Takes the digest of the next block, and empties it. True when there is something to tell: the
 * lines up to the end of the block are to be written before ha_watch_tell. */
bool ha_watch_take(struct ha_watch *watch, struct ha_digest *digest);
/* Writes what is to be told to standard error, at once. */
void ha_watch_tell(struct ha_watch *watch);
/* The input ends: tells what the last minutes hold. */
void ha_watch_end(struct ha_watch *watch);
/* False when memory ran out. */
bool ha_watch_ok(const struct ha_watch *watch);
/* False when something that was to be told could not be written; *p says why. */
bool ha_watch_was_written(const struct ha_watch *watch, struct ha_problem *p);

#endif
