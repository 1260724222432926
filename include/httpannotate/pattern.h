/* pattern.h - what a line means: patterns, and matching lines to them.
 *
 * Layer 2. Patterns are files (patterns/, built in, or a user's); PCRE2 runs them. A pattern set is
 * read once and shared; a matcher is one thread's. */
#ifndef HTTPANNOTATE_PATTERN_H
#define HTTPANNOTATE_PATTERN_H

#include "httpannotate/base.h"
#include "httpannotate/out.h"
#include "httpannotate/record.h"
#include "httpannotate/scan.h"

struct ha_patterns;

/* The built-in patterns, in their order. */
enum ha_err ha_patterns_builtin(const struct ha_limits *limits, struct ha_patterns **out,
                                struct ha_problem *p) HA_MUST_USE;
/* An empty set, to be filled with ha_patterns_add. */
enum ha_err ha_patterns_empty(const struct ha_limits *limits, struct ha_patterns **out) HA_MUST_USE;
/* Adds a built-in pattern by name, or one from a file (a name with a slash or a dot). HA_ERR_SYNTAX
 * names the place, line and column, or the nearest built-in name. */
enum ha_err ha_patterns_add(struct ha_patterns *set, const char *name_or_file,
                            struct ha_problem *p) HA_MUST_USE;
/* Adds a pattern made of an Apache LogFormat or nginx log_format string: bare, in the quotes of the
 * configuration file, as a whole directive, or "@FILE[:NAME]" for one that a configuration file
 * has. HA_ERR_SYNTAX gives the column in the string (1-based byte), or the line and column in the
 * file. */
enum ha_err ha_patterns_add_log_format(struct ha_patterns *set, const char *string,
                                       struct ha_problem *p) HA_MUST_USE;
/* Where the times of a log that name no zone were written: {0} is UTC. */
struct ha_log_zone {
    int offset_min;                    /* minutes east of UTC, where offset_at is NULL */
    int (*offset_at)(int64_t time_us); /* of a zone whose offset changes; the same for one time_us
                                        * always, from any thread */
};
/* Reads "UTC", "local" (whose offsets local_at gives), or an offset: +02:00, +0200, +02. False for
 * anything else, and *out is as it was. */
bool ha_log_zone_read(const char *text, int (*local_at)(int64_t time_us), struct ha_log_zone *out);
/* To be called before a matcher is made of the set; UTC otherwise. */
void ha_patterns_set_zone(struct ha_patterns *set, struct ha_log_zone zone);
void ha_patterns_free(struct ha_patterns **set);
size_t ha_patterns_count(const struct ha_patterns *set);
const char *ha_pattern_name(const struct ha_patterns *set, size_t index);
const char *ha_pattern_summary(const struct ha_patterns *set, size_t index);
bool ha_pattern_is_salvage(const struct ha_patterns *set, size_t index);
/* False when no line that it reads can have a status: all are requests then, and none an error. */
bool ha_pattern_has_status(struct ha_patterns *set, size_t index);
/* Whether the size column of a format counts the content alone, as far as its description knows. */
bool ha_pattern_counts_content(const struct ha_patterns *set, size_t index);
/* Runs a pattern file's own lines. Every failure is written to report, one line each; returns the
 * first as an error. name_or_file as for ha_patterns_add. */
enum ha_err ha_pattern_check(const char *name_or_file, const struct ha_limits *limits,
                             struct ha_buf *report, struct ha_problem *p) HA_MUST_USE;

struct ha_matcher;
enum ha_err ha_matcher_new(struct ha_patterns *set, struct ha_matcher **out) HA_MUST_USE;
void ha_matcher_free(struct ha_matcher **m);
/* Reads one line (r->line is set, r->ending too) into r: verdict, reason, pattern, fields,
 * numbers. */
void ha_match(struct ha_matcher *m, struct ha_record *r);
/* False when memory ran out while matching: lines may have been taken for unmatched. */
bool ha_matcher_ok(const struct ha_matcher *m);
/* The same where the line is of the common log format or its kin and has nothing unusual: it is
 * read by its marks, without PCRE2. Never differs from ha_match. Sets line and ending as well.
 * False: the line is for ha_match, if no longer than limits.max_line. */
bool ha_match_marked(struct ha_matcher *m, const struct ha_marked_line *line, struct ha_record *r);
/* The same for the next lines of a run, up to `most` or the first one that it does not read; sets
 * line_number as well, of the first one to `number`. Returns how many it read. */
size_t ha_match_ahead(struct ha_matcher *m, struct ha_marks *marks, size_t most, uint64_t number,
                      struct ha_record *records);
/* From now on these two set plain_request where it holds, which takes time and saves more of it
 * where findings or targets are looked for. */
void ha_matcher_see_plain(struct ha_matcher *m);
/* Texts of records that are not part of their line (JSON strings decoded, a query joined to its
 * target) live until the next call of this; a matcher that never sees it keeps them until the next
 * ha_match. To be called when the records of a batch are done with, before the next one is read. */
void ha_matcher_begin_batch(struct ha_matcher *m);

/* What the directives of a W3C extended log say so far: a value, to be copied with the block whose
 * lines it leads. Initialise with {0}: no directive. */
enum { HA_DIRECTIVE_FIELDS = 4096, HA_DIRECTIVE_SOFTWARE = 96 };
struct ha_directives {
    uint16_t fields_len, software_len; /* 0: no such directive, or one too long to be followed */
    bool has_day;
    int64_t day_us; /* of #Date, for logs whose lines hold the time alone */
    char fields[HA_DIRECTIVE_FIELDS], software[HA_DIRECTIVE_SOFTWARE];
};
/* Takes in the directives of a run of lines that begins at the beginning of a line. False: nothing
 * has changed. */
bool ha_directives_scan(struct ha_directives *d, struct ha_view block);
/* The directives that lead the lines to come; NULL: none, as at the beginning of a source. ha_match
 * takes in the directives it meets by itself. */
void ha_matcher_directives(struct ha_matcher *m, const struct ha_directives *d);
/* "PCRE2 10.42 2022-12-11, JIT x86 64bit (little endian + unaligned)" or "..., no JIT". Static. */
const char *ha_pcre2_version(void);

#endif
