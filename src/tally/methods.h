/* methods.h - requests and bytes per method: the listed ones by index, others by their token. */
#ifndef HTTPANNOTATE_TALLY_METHODS_H
#define HTTPANNOTATE_TALLY_METHODS_H

#include "count.h"
#include "httpannotate/tally.h"

/* Longest unlisted token that is kept; longer ones are cut and marked, and then count together with
 * those that begin alike. */
#define HA_METHOD_TOKEN 64

struct ha_method_token; /* an unlisted token and its counts */
struct ha_methods {
    struct ha_count *listed; /* by index of the method table */
    struct ha_method_token *tokens;
    uint32_t *index;   /* open addressing: number of a token + 1; 0: free */
    size_t mask;       /* size of index - 1 */
    size_t count, max; /* unlisted tokens held, allowed */
};

/* max: limits.distinct_methods. False when memory ran out. */
bool ha_methods_init(struct ha_methods *m, size_t max) HA_MUST_USE;
void ha_methods_done(struct ha_methods *m);
/* Forgets everything but keeps the memory. */
void ha_methods_reset(struct ha_methods *m);
static inline void ha_methods_add_listed(struct ha_methods *m, int method, struct ha_count sum)
{
    ha_count_merge(&m->listed[method], sum);
}
/* Counts an unlisted token; in *other when too many others are held apart. False when memory ran
 * out. */
bool ha_methods_add_token(struct ha_methods *m, struct ha_view token, struct ha_count sum,
                          struct ha_count *other) HA_MUST_USE;
/* The same for all of from's. The same result for any order and grouping: those held apart are the
 * first of all tokens in an order of their own. */
bool ha_methods_merge(struct ha_methods *into, const struct ha_methods *from,
                      struct ha_count *other) HA_MUST_USE;
/* As ha_tally_methods. */
enum ha_err ha_methods_read(const struct ha_methods *m, struct ha_method_count **out,
                            size_t *count) HA_MUST_USE;

#endif
