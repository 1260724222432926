/* arena.h - bytes that live until a reset: decoded texts of a batch, the values of one JSON
 * line. */
#ifndef HTTPANNOTATE_PARSE_ARENA_H
#define HTTPANNOTATE_PARSE_ARENA_H

#include "httpannotate/base.h"

struct ha_arena_chunk;
/* Initialise with {.most = LIMIT}; release with ha_arena_free. */
struct ha_arena {
    struct ha_arena_chunk *chunks; /* the one in use first */
    size_t held;                   /* bytes of all chunks */
    size_t most;                   /* they never hold more than this */
    bool failed;                   /* memory ran out, not only the limit was reached */
};

/* size bytes, aligned for any type, that stay where they are until the reset. NULL when memory
 * ran out or the limit is reached. */
void *ha_arena_take(struct ha_arena *a, size_t size) HA_MUST_USE;
/* A copy of v, with a NUL behind it that is not counted; ptr is NULL on failure. */
struct ha_view ha_arena_copy(struct ha_arena *a, struct ha_view v);
/* Gives all bytes back; one chunk of the usual size is kept for the next round. */
void ha_arena_reset(struct ha_arena *a);
void ha_arena_free(struct ha_arena *a);

#endif
