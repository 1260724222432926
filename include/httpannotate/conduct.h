/* conduct.h - what single clients and targets did over time, in bounded memory: what rules need
 * that no one line shows.
 *
 * Layer 2. An actor is a client, a target, or a client with a target; of each the periods are kept
 * in which something happened that a rule looks at, the HA_PERIODS earliest ones. What is kept
 * depends on the records alone, not on their order or split: when there is no room, or more of a
 * kind was seen than is worth the time, only every second actor goes on being watched, then every
 * fourth, chosen by a hash as in adaptive sampling (Flajolet, 1990); what is known of those is
 * whole. */
#ifndef HTTPANNOTATE_CONDUCT_H
#define HTTPANNOTATE_CONDUCT_H

#include "httpannotate/record.h"

enum ha_conduct_kind {
    HA_CONDUCT_LIMITED,  /* a client's responses of 429; periods of a minute */
    HA_CONDUCT_LOGIN,    /* a client's logins that were refused; of ten minutes */
    HA_CONDUCT_REDIRECT, /* a client's redirects of one target; of ten seconds */
    HA_CONDUCT_REPEAT,   /* a client's POST or PATCH of one target; of a minute */
    HA_CONDUCT_STORE,    /* PUT and DELETE of one target; of a minute */
    HA_CONDUCT_TWIN,     /* GET and HEAD of one target; of ten minutes */
    HA_CONDUCT_N
};
/* What is counted in a period, by kind. */
enum { HA_REPEAT_ALL, HA_REPEAT_FAILED };
enum { HA_STORE_CREATED, HA_STORE_REMOVED, HA_STORE_REPLACED };
enum { HA_TWIN_GET, HA_TWIN_GET_FAILED, HA_TWIN_HEAD, HA_TWIN_HEAD_FAILED, HA_DEEDS };

struct ha_period {
    int64_t start_s;      /* seconds since the epoch, a multiple of the kind's length */
    uint64_t seconds[2];  /* of the first two deeds: bit i: in the second i of the period; empty in
                             kinds whose period is longer than a minute */
    uint32_t n[HA_DEEDS]; /* the kind's counts; they stop at their maximum */
};
enum { HA_PERIODS = 16 };

/* Agents of one address: up to two prints of 12 bits, of which none is 0 or 4095, the lesser one
 * lowest. Two agents in 4,094 have the same. */
enum { HA_AGENT_PRINT = 12, HA_AGENT_BITS = 2 * HA_AGENT_PRINT };
#define HA_MANY_AGENTS ((UINT32_C(1) << HA_AGENT_BITS) - 1) /* three or more */
/* What two sets are together, whatever the order. */
uint32_t ha_agents_join(uint32_t a, uint32_t b);

struct ha_actor {
    uint64_t client, target; /* hashes of the text; 0: none, it is all clients or targets */
    uint64_t path;           /* hash of the target without its query; 0: as target */
    uint64_t line_number;    /* of the first line that tells against it; 0: none does */
    uint32_t source;         /* index of the source the number counts in */
    uint32_t agents;         /* the prints of one or two, or HA_MANY_AGENTS; 0: not noted */
    size_t count;            /* of its periods, in order */
    struct ha_period periods[HA_PERIODS];
};

struct ha_conduct;
/* Actors that are watched of a kind, in an order without meaning, and one of them by index; of its
 * periods no more are written than there are. */
size_t ha_conduct_actors(const struct ha_conduct *c, enum ha_conduct_kind kind);
void ha_conduct_actor(const struct ha_conduct *c, enum ha_conduct_kind kind, size_t index,
                      struct ha_actor *to);
/* 1: every actor of the kind was watched; n: one in n; 0: none was. */
uint64_t ha_conduct_one_in(const struct ha_conduct *c, enum ha_conduct_kind kind);
/* Whether a client's login succeeded, or may have: no is certain. */
bool ha_conduct_welcome(const struct ha_conduct *c, uint64_t client);
/* The length of the kind's periods in seconds. */
int64_t ha_conduct_period(enum ha_conduct_kind kind);

/* Which kinds look at a record because it tells against somebody, one bit each: what
 * --finding=ID lists. */
unsigned ha_conduct_tells(const struct ha_record *r);

#endif
