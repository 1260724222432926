/* errors.h - what errors add to the lists of their targets, of their clients, and of pairs.
 *
 * The targets and clients of a log come again and again, so it is kept with the record of each
 * which record of an error list it leads to, and in a small table which pair a target makes with a
 * status. Then an error is three counts, without a look at any text. These are no guesses: a place
 * says which value it stands for until the records of its list move, and all are forgotten then. */
#ifndef HTTPANNOTATE_TALLY_ERRORS_H
#define HTTPANNOTATE_TALLY_ERRORS_H

#include "top.h"

#define HA_PAIR_BITS   11
#define HA_PAIR_PLACES (1u << HA_PAIR_BITS)

struct ha_error_places { /* all zero: nothing is known */
    /* As struct ha_top_list has it, when what is known became known. */
    uint64_t target_moves, client_moves, pair_moves;
    struct ha_pair_place {
        uint32_t target, pair; /* places, + 1: in HA_TOP_ERROR_TARGETS, in HA_TOP_ERROR_PAIRS */
        int32_t status;
    } pair[HA_PAIR_PLACES];
};

/* An error whose target and client have been counted. */
struct ha_error {
    struct ha_view target, client;       /* length 0: it has none */
    uint32_t target_place, client_place; /* as of ha_top_add_at, in the lists of all requests */
    int16_t status;                      /* 400 to 599 */
    bool is_path; /* the target is that of HTTP, no request of another kind */
};

struct ha_tally;

/* Counts n errors. The lists of all targets and clients are as they were when those of the errors
 * were counted. False when memory ran out: some were then not counted. */
bool ha_errors_add(struct ha_tally *t, const struct ha_error *errors, size_t n) HA_MUST_USE;

#endif
