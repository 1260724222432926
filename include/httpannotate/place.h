/* place.h - how far a file was read, told so that it is known again whatever became of it.
 *
 * Layer 2. Names of log files change hands and numbers of inodes are given again: that a file is
 * the one that was read is shown by the bytes before the place. */
#ifndef HTTPANNOTATE_PLACE_H
#define HTTPANNOTATE_PLACE_H

#include "httpannotate/base.h"
#include "httpannotate/out.h"

/* The first and the last bytes before a place in a file, as many as there are up to the size of
 * these. Initialise with {0}: the beginning of a file. */
enum { HA_TRAIL_BYTES = 256 };
struct ha_trail {
    uint64_t offset;
    char first[HA_TRAIL_BYTES], last[HA_TRAIL_BYTES];
};
/* The place moves behind these bytes, which follow it in the file. */
void ha_trail_add(struct ha_trail *t, struct ha_view bytes);
/* Takes the bytes from the file itself. False when it is shorter, or cannot be read. */
bool ha_trail_load(struct ha_trail *t, int fd, uint64_t offset);
/* Whether the file has the same bytes before the place. */
bool ha_trail_fits(const struct ha_trail *t, int fd);
/* A fingerprint of them, the same in every run. */
uint64_t ha_trail_print(const struct ha_trail *t);

struct ha_place {
    char *name; /* absolute path; the places' own */
    uint64_t device, inode;
    uint64_t offset;  /* bytes that were read; of compressed files as they lie there */
    uint64_t lines;   /* that end before it */
    uint64_t time_us; /* when that was so, microseconds since the epoch */
    uint64_t print;   /* ha_trail_print of the bytes before it */
    bool in_line;     /* it is within a line that was too long to be read as a whole */
    bool coded;       /* compressed data ended there */
    bool is_of_run;   /* not kept: it was asked for, or put, in this run */
};
/* Each name once. Initialise with {0}. */
struct ha_places {
    struct ha_place *items;
    size_t count;
};
enum { HA_PLACES_MOST = 4096, HA_PLACES_TEXT = 8 << 20 };
/* NULL: none of that name. */
struct ha_place *ha_places_find(const struct ha_places *places, const char *name);
/* Puts the place under the name, in place of what stood there. HA_ERR_MEMORY, or HA_ERR_LIMIT when
 * there are HA_PLACES_MOST; then nothing changes. */
enum ha_err ha_places_put(struct ha_places *places, const char *name,
                          const struct ha_place *place) HA_MUST_USE;
void ha_places_drop(struct ha_places *places, const char *name);
void ha_places_done(struct ha_places *places);
/* As text, whose last line holds a checksum. */
void ha_places_write(const struct ha_places *places, struct ha_buf *to);
/* Reads such a text; *places is to be {0}. Text that is empty holds none. HA_ERR_SYNTAX: it is
 * anything else, or damaged: *p says where (file is its name), and nothing was taken.
 * HA_ERR_MEMORY. */
enum ha_err ha_places_read(struct ha_view text, const char *file, struct ha_places *places,
                           struct ha_problem *p) HA_MUST_USE;

#endif
