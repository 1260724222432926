/* partial_parts.h - the sections of a partial report, and the merger that takes them in.
 *
 * The payload is a run of sections: a number that names it, its length, its bytes. Each has one
 * function that writes it and one that reads it, in the same file; to add one, add them to the
 * table in partial.c, at its end, with the next number. A reader that meets a number it does not
 * know says that the report is of a later version: leaving out what was counted would be a wrong
 * sum. A report of an earlier version ends before the last sections: each of those has a function
 * for when it is lacking. */
#ifndef HTTPANNOTATE_TALLY_PARTIAL_PARTS_H
#define HTTPANNOTATE_TALLY_PARTIAL_PARTS_H

#include "httpannotate/partial.h"
#include "partial_bytes.h"
#include "parts.h"

/* Longest name of a source or pattern, and longest text of a selection, that is taken. */
#define HA_PARTIAL_NAME 4096

/* Names in order, each once, with two sums. */
struct ha_name {
    char *name;
    uint64_t sum[2]; /* a source's lines and bytes; a pattern's records */
};
struct ha_names {
    struct ha_name *items;
    size_t count, room;
    size_t bytes; /* of all names */
};

struct ha_merger {
    struct ha_limits limits;
    struct ha_tally *tally;
    bool no_findings; /* they are left out */
    bool settled;     /* what follows, and the tally's options, are those of a report with lines */
    char *selection;
    struct ha_names sources, patterns;
    struct ha_report_source *shown_sources; /* of the last reading */
    const char **shown_patterns;
};

/* The options that a report was counted with. */
struct ha_partial_options {
    bool tops, keep_query, templates, findings;
    struct ha_view selection;
    uint64_t limits[7]; /* those that shape what is counted, in the order of ha_partial_limits */
};
void ha_partial_limits(const struct ha_limits *l, uint64_t to[7]);

/* One report on its way in. It is read twice: first looked at, to see that it is whole, then added.
 */
struct ha_intake {
    struct ha_merger *into;
    bool adding;
    bool no_memory; /* while adding */
    bool later;     /* it has options of a later version */
    bool full;      /* it has more names than the merger has room for */
    struct ha_partial_options options;
    struct ha_tally_sums sums;
    uint64_t methods, matched; /* sums over the lists of methods and patterns */
    struct ha_taker sources;   /* their section */
};

typedef void ha_section_put_fn(const struct ha_partial *p, struct ha_buf *to);
/* Reads one section; makes from bad when it is not as it must be. */
typedef void ha_section_take_fn(struct ha_intake *in, struct ha_taker *from);
/* Does what must be done when the report has no such section. */
typedef void ha_section_lack_fn(struct ha_intake *in);

ha_section_put_fn ha_put_options, ha_put_sums, ha_put_methods, ha_put_patterns, ha_put_sources,
    ha_put_samples, ha_put_timeline, ha_put_clients, ha_put_tops, ha_put_method_statuses,
    ha_put_quantiles, ha_put_findings, ha_put_error_minutes, ha_put_evidence, ha_put_conduct,
    ha_put_noise;
ha_section_take_fn ha_take_options, ha_take_sums, ha_take_methods, ha_take_patterns,
    ha_take_sources, ha_take_samples, ha_take_timeline, ha_take_clients, ha_take_tops,
    ha_take_method_statuses, ha_take_quantiles, ha_take_findings, ha_take_error_minutes,
    ha_take_evidence, ha_take_conduct, ha_take_noise;
ha_section_lack_fn ha_lack_error_minutes, ha_lack_evidence, ha_lack_conduct, ha_lack_noise;

/* The name of a source by index, cut to what a report takes; empty when there is none. */
struct ha_view ha_partial_source(const struct ha_partial *p, uint32_t source);
/* Whether the report has that source; its index among the merger's, made when there is none (false
 * when memory ran out). */
bool ha_partial_has_source(const struct ha_intake *in, struct ha_view name);
bool ha_partial_source_at(struct ha_intake *in, struct ha_view name, size_t *at);

/* The entry of a name, made when there is none; NULL when memory ran out. *at is its place, *fresh
 * whether it was made: then those behind it have moved up by one. */
struct ha_name *ha_names_at(struct ha_names *n, struct ha_view name, size_t *at, bool *fresh);
void ha_names_done(struct ha_names *n);

/* A top list, its entries in order of value. limits are those of the tally. */
void ha_top_put(const struct ha_top_list *l, struct ha_buf *to);
/* Reads one and, unless into is NULL, merges it. False when memory ran out. most: records that were
 * counted, so that no more can have been missed. fits: whether a value can stand in this list, NULL
 * when all can. */
bool ha_top_take(struct ha_taker *from, const struct ha_limits *limits, uint64_t most,
                 bool (*fits)(struct ha_view value), struct ha_top_list *into) HA_MUST_USE;

/* base64 (RFC 4648, section 4), in place. */
/* Bytes that n bytes become. */
size_t ha_base64_size(size_t n);
/* Spreads the n bytes at `at` over ha_base64_size(n), which the caller has room for. */
void ha_base64_spread(char *at, size_t n);
/* Turns len characters back into bytes at the same place; false when they are no base64. */
bool ha_base64_gather(char *at, size_t len, size_t *n);

#endif
