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
enum ha_block_kind { HA_BLOCK_LINES, HA_BLOCK_LONG_FIRST, HA_BLOCK_LONG_MORE, HA_BLOCK_LONG_LAST };
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

/* A file that is read as far as it has grown, from any place in it. */
struct ha_growing {
    int fd;          /* the source closes it, but for standard input */
    bool is_stream;  /* a pipe or the like: it has an end, and no places */
    uint64_t offset; /* what was read of it before */
    bool in_line;    /* the offset is within a line that is too long to be read as a whole */
    bool is_plain;   /* what lies behind the offset is not to be taken for compressed data */
    bool is_live;    /* compressed data is refused */
    /* Called behind each read of a file: whether the bytes before are still those that were read.
     * When not, those that were just read are left out. */
    bool (*check)(void *arg);
    void *arg;
};
/* As ha_source_open, of a file that is open. Where there is no more to read now ha_source_next
 * returns HA_SOURCE_IDLE, and what is at hand of a line without its end is kept; only compressed
 * data and streams come to HA_SOURCE_END. When it fails from->fd stays the caller's. */
enum ha_err ha_source_adopt(const char *name, const struct ha_growing *from,
                            const struct ha_limits *limits, int wake_fd, struct ha_source **out,
                            struct ha_problem *p) HA_MUST_USE;
/* Copies what is at hand into memory of the source's own, so that what was lent can be used for
 * others. HA_ERR_MEMORY: all is as it was. */
enum ha_err ha_source_keep(struct ha_source *s) HA_MUST_USE;
/* What is at hand of a line whose end has not come, or a line that is being given out in pieces. */
bool ha_source_half_line(const struct ha_source *s);
struct ha_view ha_source_at_hand(const struct ha_source *s);
/* The end of that line will not come: it is given as it is. False when there is none. */
bool ha_source_cut(struct ha_source *s, struct ha_block *block);
/* What is at hand is forgotten, and the file is read from its beginning. False with errno set when
 * the system refuses. */
bool ha_source_restart(struct ha_source *s);
/* Where the bytes that were given out end, in the file: of compressed data where it was at its last
 * end. */
struct ha_source_place {
    uint64_t offset;
    bool in_line, is_coded;
};
struct ha_source_place ha_source_place(const struct ha_source *s);

enum ha_source_state {
    HA_SOURCE_BLOCK, /* *block holds lines */
    HA_SOURCE_END,   /* the input has ended */
    HA_SOURCE_STOP,  /* wake_fd can be read; call again to go on */
    HA_SOURCE_IDLE,  /* ha_source_adopt: there is no more at this time */
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
