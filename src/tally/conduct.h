/* conduct.h - the tables behind httpannotate/conduct.h. */
#ifndef HTTPANNOTATE_TALLY_CONDUCT_H
#define HTTPANNOTATE_TALLY_CONDUCT_H

#include "httpannotate/conduct.h"
#include "httpannotate/facts.h"

#include <string.h>

/* An actor in its table. */
struct ha_watched {
    uint64_t client, target, path;
    uint64_t key; /* watched while its first bits, as many as the level, are 0 */
    uint64_t line_number;
    int64_t last_s; /* start of its last period */
    uint32_t source;
    uint32_t first, last; /* of its periods, which are in order of time: place + 1 */
    uint32_t agents : HA_AGENT_BITS, count : 8;
};
struct ha_kept_period {
    struct ha_period p;
    uint32_t next; /* place + 1 of the actor's next one; 0: none */
};
struct ha_conduct_slot {
    uint32_t place; /* of an actor + 1; 0: free */
    uint32_t tag;   /* of its hash: most others are told apart without a look at them */
};

struct ha_conduct_table {
    struct ha_watched *actors;
    struct ha_kept_period *periods;
    struct ha_conduct_slot *index; /* open addressing */
    size_t mask;                   /* size of index - 1 */
    size_t count, room;            /* actors in use, allocated */
    size_t used, period_room;      /* periods in use, allocated */
    size_t touched;                /* periods that ever were in use: those behind are free */
    uint32_t free;                 /* a period that was in use and is not: place + 1; 0: none */
    size_t max;                    /* periods that may be in use */
    unsigned level;
    uint64_t seen; /* records of the kind, watched or not */
};

/* Clients whose login succeeded: a bit each, by hash. */
#define HA_WELCOME_BITS  17
#define HA_WELCOME_WORDS (1u << (HA_WELCOME_BITS - 6))

/* What one record adds to one actor, or what another tally knows of it. */
struct ha_deed {
    struct ha_watched actor; /* what tells of its periods is not read */
    struct ha_period period;
};

/* Deeds of a batch: they wait until their places in the tables are near. */
enum { HA_DEEDS_WAIT = 16 };
struct ha_waiting_deed {
    struct ha_conduct_table *table;
    struct ha_deed deed;
};

struct ha_conduct {
    struct ha_conduct_table table[HA_CONDUCT_N];
    size_t waiting;
    struct ha_waiting_deed wait[HA_DEEDS_WAIT];
    uint64_t welcome[HA_WELCOME_WORDS];
    bool any_welcome;
    int patch, delete, move; /* indexes of methods */
};

/* max: periods of each kind that are kept. */
void ha_conduct_init(struct ha_conduct *c, size_t max);
void ha_conduct_done(struct ha_conduct *c);
/* Forgets everything but keeps the memory. */
void ha_conduct_reset(struct ha_conduct *c);
/* c is empty: it watches no more than `of`, into which it will be merged. */
void ha_conduct_follow(struct ha_conduct *c, const struct ha_conduct *of);
/* Whether n more records cannot make it watch fewer. */
bool ha_conduct_has_room(const struct ha_conduct *c, size_t n);
/* What a record of a method and a status may tell by them, a bit for each kind, and one for a login
 * that succeeded. user: whether it names one. 0: nothing, as of many. */
#define HA_CONDUCT_WELCOMES (1u << HA_CONDUCT_N)
unsigned ha_conduct_may(const struct ha_conduct *c, int method, int status, bool user);
/* Counts n records, of each of which ha_conduct_may says may[i]; 0 where it is not to be counted.
 * False when memory ran out. */
bool ha_conduct_add_batch(struct ha_conduct *c, const struct ha_record *records, const uint8_t *may,
                          size_t n, uint32_t source) HA_MUST_USE;
/* ---- what records tell ---- */

/* As ha_conduct_period. */
static inline int64_t ha_conduct_length(enum ha_conduct_kind kind)
{
    static const int64_t lengths[HA_CONDUCT_N] = {60, 600, 10, 60, 60, 600};
    return lengths[kind];
}
/* After which nobody knows whether the request was acted upon. */
static inline bool ha_conduct_is_unclear(int status)
{
    return status == 408 || status == 499 || status == 500 || (status >= 502 && status <= 504) ||
           status == 0;
}
static inline bool ha_conduct_is_created(const struct ha_record *r)
{
    return r->method == HA_PUT && r->status == 201;
}
/* Failures that the method has no part in, and those of a moment, say nothing of GET and HEAD. */
static inline bool ha_conduct_is_failed_twin(int status)
{
    return status == 404 || status == 405 || status == 410 || status == 500 || status == 501;
}
/* Requests by which a form may be submitted. */
static inline bool ha_conduct_submits(int method)
{
    return method > HA_HEAD || method == HA_UNLISTED_METHOD;
}
/* Without credentials a 401 is the question, not the answer: with Basic the user is logged, and a
 * form is submitted. */
bool ha_conduct_is_refused_login(const struct ha_record *r);
/* Whether a target is one that people or programs log in at. */
bool ha_conduct_is_login(struct ha_view target);
bool ha_conduct_merge(struct ha_conduct *into, const struct ha_conduct *from) HA_MUST_USE;

/* ---- one table ---- */

/* The key of an actor whose kind has no other. */
static inline uint64_t ha_conduct_key(uint64_t client, uint64_t target)
{
    uint64_t mixed = client ^ (target << 31 | target >> 33);
    return (mixed ^ mixed >> 32) * UINT64_C(0x9e3779b97f4a7c15);
}
/* Whether a key is watched at a level; at the last one none is (but 0, which stands for all). */
enum { HA_CONDUCT_LEVELS = 64 };
static inline bool ha_conduct_watches(unsigned level, uint64_t key)
{
    return level == 0 || key >> (64 - level) == 0;
}
/* Adds what is known of a period of an actor. False when memory ran out. */
bool ha_conduct_put(struct ha_conduct_table *t, const struct ha_deed *deed) HA_MUST_USE;
/* Has the processor fetch what ha_conduct_put will look at first, and, when that is there, what it
 * will look at next. */
void ha_conduct_fetch_slot(const struct ha_conduct_table *t, const struct ha_watched *actor);
void ha_conduct_fetch_actor(const struct ha_conduct_table *t, const struct ha_watched *actor);
/* Watches no more than at that level; adds to what was seen, which may mean fewer yet. */
void ha_conduct_thin(struct ha_conduct_table *t, enum ha_conduct_kind kind, unsigned level,
                     uint64_t seen);

#endif
