/* search.h - whether a regular expression occurs in some bytes.
 *
 * Layer 0. A thin wrapper of PCRE2, for expressions that a user gives to choose lines. Bytes, not
 * characters: no Unicode mode, NUL is data. */
#ifndef HTTPANNOTATE_SEARCH_H
#define HTTPANNOTATE_SEARCH_H

#include "httpannotate/base.h"

struct ha_search; /* never changes after it is made, but for spare memory and a counter: thread-safe
                   */

/* Compiles a PCRE2 expression. HA_ERR_SYNTAX names place and says PCRE2's message and the column;
 * HA_ERR_MEMORY. match_limit bounds the backtracking of one search. *out is the caller's, to be
 * released with ha_search_free. */
enum ha_err ha_search_new(const char *expression, const char *place, uint32_t match_limit,
                          struct ha_search **out, struct ha_problem *p) HA_MUST_USE;
void ha_search_free(struct ha_search **s);
/* True when the expression occurs anywhere in text. A search that reaches the match limit, or for
 * which memory ran out, has found nothing and is counted. */
bool ha_search_find(struct ha_search *s, struct ha_view text);
/* How many searches were given up so. */
uint64_t ha_search_given_up(const struct ha_search *s);
/* Whether memory ran out in a search, which then found nothing. */
bool ha_search_starved(const struct ha_search *s);

#endif
