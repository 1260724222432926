/* regex.h - the one door to PCRE2: compiled expressions and the scratch a thread matches with. */
#ifndef HTTPANNOTATE_PARSE_REGEX_H
#define HTTPANNOTATE_PARSE_REGEX_H

#include "httpannotate/base.h"

struct ha_regex; /* means the same for ever once compiled; shared by threads */

/* Compiles an expression, anchored at both ends, bytes not characters. Machine code is made of it
 * when it is worth it, where PCRE2 has JIT. On HA_ERR_SYNTAX *offset is the byte at fault and *p
 * says PCRE2's message. */
enum ha_err ha_regex_compile(struct ha_view text, struct ha_regex **out, size_t *offset,
                             struct ha_problem *p) HA_MUST_USE;
void ha_regex_free(struct ha_regex **re);
/* The named groups: calls each(ctx, name, number) for every one. A name may stand for several. */
void ha_regex_groups(const struct ha_regex *re,
                     void (*each)(void *ctx, struct ha_view name, unsigned number), void *ctx);

#define HA_REGEX_GROUPS 64 /* capturing groups an expression may have */

struct ha_scratch; /* match data, JIT stack and limits: one per thread */
enum ha_err ha_scratch_new(uint32_t match_limit, struct ha_scratch **out) HA_MUST_USE;
void ha_scratch_free(struct ha_scratch **s);

enum ha_regex_result { HA_REGEX_MATCH, HA_REGEX_NO_MATCH, HA_REGEX_LIMIT };
/* Matches the whole subject. On HA_REGEX_MATCH, ha_scratch_group gives the groups. */
enum ha_regex_result ha_regex_match(struct ha_regex *re, struct ha_scratch *s,
                                    struct ha_view subject);
/* Offsets of a group of the last match: start at [2n], end at [2n+1]; HA_REGEX_UNSET where it took
 * no part. Valid until the next match with this scratch; groups beyond *count are unset. */
#define HA_REGEX_UNSET SIZE_MAX
const size_t *ha_scratch_offsets(const struct ha_scratch *s, unsigned *count);

#endif
