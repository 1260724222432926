/* source.h - bytes of files and standard input become blocks of whole lines.
 *
 * Layer 2. A source reads large blocks; a line that a block cuts is moved to the front of the next.
 * A line longer than limits.max_line comes in pieces, each in a block of its own. */
#ifndef HTTPANNOTATE_SOURCE_H
#define HTTPANNOTATE_SOURCE_H

#include "httpannotate/base.h"

/* A run of whole lines (each with its ending but perhaps the last of the input), or one piece of a
 * line that is too long. The bytes live until the next ha_source_next, or where they were read into
 * memory that was lent, as long as its owner wants. */
enum ha_block_kind {
    HA_BLOCK_LINES, HA_BLOCK_LONG_FIRST, HA_BLOCK_LONG_MORE, HA_BLOCK_LONG_LAST
};
struct ha_block {
    struct ha_view bytes;
    enum ha_block_kind kind;
};

struct ha_source;
/* Opens a file; name "-" is standard input. On HA_ERR_IO *p names it and says why. *out is the
 * caller's, to be released with ha_source_close. name must outlive it. wake_fd (or -1) ends a wait
 * with HA_SOURCE_STOP as soon as it can be read; who owns it reads it. */
enum ha_err ha_source_open(const char *name, const struct ha_limits *limits, int wake_fd,
                           struct ha_source **out, struct ha_problem *p) HA_MUST_USE;
void ha_source_close(struct ha_source **s);

enum ha_source_state {
    HA_SOURCE_BLOCK, /* *block holds lines */
    HA_SOURCE_END,   /* the input has ended */
    HA_SOURCE_STOP,  /* wake_fd can be read; call again to go on */
    HA_SOURCE_ERROR, /* *p says what; what was read before has been given out */
};
/* The next block. Waits for input only when nothing whole is at hand. */
enum ha_source_state ha_source_next(struct ha_source *s, struct ha_block *block,
                                    struct ha_problem *p);
/* Memory on the heap, NULL with 0 at first; its owner releases ptr with ha_free. */
struct ha_chunk {
    char *ptr;
    size_t cap;
};
/* From now on blocks are read into *into, which stays the caller's (the source may make it grow),
 * and what is left behind the last block is copied there. The memory before is not touched again,
 * so that a thread can work on its block while another one reads the next. *into must stay where it
 * is until another is lent or the source is closed. HA_ERR_MEMORY: all is as it was. */
enum ha_err ha_source_lend(struct ha_source *s, struct ha_chunk *into) HA_MUST_USE;
/* True when input that has arrived is all given out, so that the next call may wait: the moment to
 * write what has been held back. */
bool ha_source_would_wait(struct ha_source *s);
/* Bytes given out so far. */
uint64_t ha_source_bytes(const struct ha_source *s);

#endif
