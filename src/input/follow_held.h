/* follow_held.h - one open file of a name that is followed. */
#ifndef HTTPANNOTATE_INPUT_FOLLOW_HELD_H
#define HTTPANNOTATE_INPUT_FOLLOW_HELD_H

#include <sys/stat.h>

#include "httpannotate/follow.h"
#include "input/rotated.h"

struct ha_held {
    struct ha_source *source;
    int fd;
    struct ha_file_id id;
    struct ha_trail trail; /* of what was given out of a plain file */
    struct ha_trail peek;  /* before anything was given: the same of all that was seen there */
    uint64_t size;         /* when it was last looked at */
    uint64_t lines;        /* that ended in it */
    bool is_stream;        /* no file: it has neither places nor other names */
    bool is_at_end;        /* of a stream, or of compressed data */
    bool is_coded;         /* compressed data ends at the trail's place */
    bool was_in_line;      /* it was within a line that has been cut */
    bool has_failed;       /* it cannot be read any further */
    bool is_refused;       /* ... for what it is, not for a fault that may pass */
    bool is_stirred;       /* there may be something to read */
    bool is_cut;           /* what is at hand of a line is to be given as it is; then, or else: */
    bool restarts;         /* it is read from its beginning */
    bool leaves;           /* nothing more will come of it: it is closed */
    bool is_copy;          /* of a file that was truncated: nobody writes to it any more */
    bool is_doubtful;      /* other bytes than before stood there at the last read */
    bool is_sized;         /* it was seen to have a size: some files of the system never do */
    uint64_t stop_at;      /* nothing is read from here on */
    int64_t moved_us;      /* when it last gave something */
    struct timespec seen;  /* its change time when the bytes were last looked at */
    int notify_number;     /* or -1 */
};

/* How a file is opened: what was read of it before, or nothing of it. */
struct ha_held_start {
    const struct ha_trail *trail; /* NULL: from the beginning */
    uint64_t lines;
    bool in_line, is_coded; /* as ha_place */
    bool is_live;           /* compressed data is refused */
    int64_t now_us;
};
/* fd is closed in any case where this fails. HA_ERR_MEMORY, HA_ERR_IO. */
enum ha_err ha_held_new(const char *name, int fd, const struct ha_held_start *start,
                        const struct ha_limits *limits, int wake_fd, struct ha_held **out,
                        struct ha_problem *p) HA_MUST_USE;
void ha_held_free(struct ha_held **h);

enum ha_held_state {
    HA_HELD_BLOCK,
    HA_HELD_IDLE, /* all that was to be done is done */
    HA_HELD_STOP, /* wake_fd can be read */
    HA_HELD_GONE, /* it left: free it */
    HA_HELD_ERROR,
};
/* Does what is to be done, into memory that was lent to its source. */
enum ha_held_state ha_held_work(struct ha_held *h, struct ha_block *block, int64_t now_us,
                                struct ha_problem *p);
/* A file of which nothing was read yet, as its turn has not come: takes note of what it holds.
 * False when it no longer holds what it held at the last time. */
bool ha_held_peek(struct ha_held *h);
/* What it holds by now is read, and nothing that comes later. */
void ha_held_stop_here(struct ha_held *h);
/* Where it was read up to; without a name. */
struct ha_place ha_held_place(const struct ha_held *h);
/* Bytes of the file up to where it was read. */
uint64_t ha_held_read_up_to(const struct ha_held *h);
/* Whether *st, which is of now, shows more than that to be read. */
bool ha_held_has_more(const struct ha_held *h, const struct stat *st);
/* Whether the file still holds what was read of it; *st is of now. */
bool ha_held_is_as_read(struct ha_held *h, const struct stat *st);

#endif
