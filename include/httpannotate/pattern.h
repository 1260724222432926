/* pattern.h - what a line means: patterns, and matching lines to them.
 *
 * Layer 2. Patterns are files (patterns/, built in, or a user's); PCRE2 runs them. A pattern set is read
 * once and shared; a matcher is one thread's. */
#ifndef HTTPANNOTATE_PATTERN_H
#define HTTPANNOTATE_PATTERN_H

#include "httpannotate/base.h"
#include "httpannotate/out.h"
#include "httpannotate/record.h"

struct ha_patterns;

/* The built-in patterns, in their order. */
enum ha_err ha_patterns_builtin(const struct ha_limits *limits, struct ha_patterns **out,
                                struct ha_problem *p) HA_MUST_USE;
/* An empty set, to be filled with ha_patterns_add. */
enum ha_err ha_patterns_empty(const struct ha_limits *limits, struct ha_patterns **out) HA_MUST_USE;
/* Adds a built-in pattern by name, or one from a file (a name with a slash or a dot). HA_ERR_SYNTAX names
 * the place, line and column, or the nearest built-in name. */
enum ha_err ha_patterns_add(struct ha_patterns *set, const char *name_or_file,
                            struct ha_problem *p) HA_MUST_USE;
/* Adds the salvage tier behind all others. */
enum ha_err ha_patterns_add_salvage(struct ha_patterns *set, struct ha_problem *p) HA_MUST_USE;
void ha_patterns_free(struct ha_patterns **set);
size_t ha_patterns_count(const struct ha_patterns *set);
const char *ha_pattern_name(const struct ha_patterns *set, size_t index);
const char *ha_pattern_summary(const struct ha_patterns *set, size_t index);
bool ha_pattern_is_salvage(const struct ha_patterns *set, size_t index);
/* Runs a pattern file's own lines. Every failure is written to report, one line each; returns the first
 * as an error. name_or_file as for ha_patterns_add. */
enum ha_err ha_pattern_check(const char *name_or_file, const struct ha_limits *limits,
                             struct ha_buf *report, struct ha_problem *p) HA_MUST_USE;

struct ha_matcher;
enum ha_err ha_matcher_new(struct ha_patterns *set, struct ha_matcher **out) HA_MUST_USE;
void ha_matcher_free(struct ha_matcher **m);
/* Reads one line (r->line is set, r->ending too) into r: verdict, reason, pattern, fields, numbers. */
void ha_match(struct ha_matcher *m, struct ha_record *r);
/* "PCRE2 10.42 2022-12-11, JIT x86 64bit (little endian + unaligned)" or "..., no JIT". Static. */
const char *ha_pcre2_version(void);

#endif
