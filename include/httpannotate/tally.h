/* tally.h - everything counted, and the one merge.
 *
 * Layer 2. A tally holds sums only; merging is commutative and associative with the empty
 * tally as its zero (exactly so while no top list has passed its cap). Counters saturate. */
#ifndef HTTPANNOTATE_TALLY_H
#define HTTPANNOTATE_TALLY_H

#include "httpannotate/conduct.h"
#include "httpannotate/evidence.h"
#include "httpannotate/record.h"

struct ha_count {
    uint64_t count;
    uint64_t body_bytes;
};

/* The lists of who and what. Each has one over all selected records and one over errors (4xx,
 * 5xx). The targets of errors are templates (options.templates); HA_TOP_ERROR_PAIRS counts each of
 * them with its status. */
enum ha_top {
    HA_TOP_TARGETS,
    HA_TOP_CLIENTS,
    HA_TOP_REFERERS,
    HA_TOP_AGENTS,
    HA_TOP_ERROR_TARGETS,
    HA_TOP_ERROR_CLIENTS,
    HA_TOP_ERROR_PAIRS,
    HA_TOP_N
};

struct ha_top_entry {
    struct ha_view value;  /* belongs to the tally; one that was cut ends in "..." */
    uint64_t count;        /* never less than the true count */
    uint64_t at_most_over; /* count - at_most_over is never more than the true count; 0: exact */
    size_t full_len;       /* bytes the value has; fewer of them are in value when it was cut */
    int status;            /* of HA_TOP_ERROR_PAIRS; of other lists 0 */
};

/* How large values are: their number, mean (rounded), largest, and for the shares of 50, 90, 95 and
 * 99 % the value that so many are not above, at most HA_SPREAD_ERROR of it off. All 0 of
 * nothing. */
struct ha_spread {
    uint64_t count, mean, p50, p90, p95, p99, max;
};
#define HA_SPREAD_ERROR (1.0 / 128)

/* A line kept to be shown. The text belongs to the tally and may be cut. */
struct ha_sample {
    uint64_t line_number;
    uint32_t source; /* index of the source the number counts in */
    uint8_t reason;  /* enum ha_reason */
    struct ha_view text;
    size_t full_len; /* bytes the line had */
};

/* How often a rule found something, and the first line (by source, then number) that showed it. */
struct ha_found {
    uint64_t count; /* 0: never; the rest then says nothing */
    uint64_t line_number;
    uint32_t source;
    struct ha_view text; /* belongs to the tally; may be cut, secrets in it are *** */
    size_t full_len;     /* bytes the line had */
};

/* What else a report tells, by name: whence the lines came, and which patterns read them. */
struct ha_report_source {
    const char *name; /* as given on the command line; "-" for standard input */
    uint64_t lines;
    uint64_t bytes;
};
struct ha_report_pattern {
    const char *name;
    uint64_t count;
};

/* One bucket of the timeline: total, 1xx to 5xx, other, 429. */
enum {
    HA_SERIES_TOTAL,
    HA_SERIES_1XX,
    HA_SERIES_2XX,
    HA_SERIES_3XX,
    HA_SERIES_4XX,
    HA_SERIES_5XX,
    HA_SERIES_429,
    HA_SERIES_N
};
struct ha_bucket {
    int64_t start_s; /* seconds since the epoch, a multiple of the timeline's width */
    uint64_t n[HA_SERIES_N];
};

/* The errors of one status in one minute. */
struct ha_error_minute {
    int64_t start_s; /* seconds since the epoch, a multiple of 60 */
    int status;      /* 400 to 599 */
    uint64_t count;
};
/* Of which statuses these are kept: beyond a number of them, of fewer. */
enum ha_minutes_kept {
    HA_MINUTES_ERRORS, /* of all errors */
    HA_MINUTES_5XX,    /* of 500 to 599 */
    HA_MINUTES_NONE,
};

struct ha_tally;
struct ha_tally_options {
    struct ha_limits limits;
    bool tops;       /* false: no top lists are kept (--top=0) */
    bool keep_query; /* targets with their query */
    bool templates;  /* numbers, UUIDs and hashes in targets of errors become :n, :uuid, :hash */
    bool findings;   /* what records say of findings is counted */
    bool lines_only; /* nobody asks for more than how many lines there were, and of which verdict:
                        the rest is not counted */
    bool evidence;   /* samples are kept, of which to tell who and what rose in a burst */
    size_t patterns; /* number of patterns records may name */
    uint64_t seed;   /* of the top lists' hash tables; 0: a fixed one. No number of a report depends
                        on it: a random one, so that nobody can write a log whose values collide */
};
/* With the default limits a tally with full lists takes 24 MiB, one without lists 1.5 MiB; 6 more
 * for a log of 45 days in which every minute has requests and errors. */
enum ha_err ha_tally_new(const struct ha_tally_options *o, struct ha_tally **out) HA_MUST_USE;
void ha_tally_free(struct ha_tally **t);

/* Counts one line of any verdict. selected: whether a matched or salvaged record was chosen;
 * what is not chosen counts as a line only. source: index of the source it came from, under
 * 65536. */
void ha_tally_add(struct ha_tally *t, const struct ha_record *r, bool selected, uint32_t source);
/* Counts n records of one source, as ha_tally_add does each, and faster: all keys are hashed
 * and their places fetched before the first is counted. selected[i] != 0: record i was chosen;
 * NULL: all were. */
void ha_tally_add_batch(struct ha_tally *t, const struct ha_record *records,
                        const uint8_t *selected, size_t n, uint32_t source);
/* As ha_tally_add_batch, and faster still: most sums are told of what was counted only by
 * ha_tally_settle, before which they must not be read, nor the tally merged. */
void ha_tally_gather_batch(struct ha_tally *t, const struct ha_record *records,
                           const uint8_t *selected, size_t n, uint32_t source);
void ha_tally_settle(struct ha_tally *t);
/* Bytes read from a source, as they were before framing and after decoding. */
void ha_tally_add_bytes(struct ha_tally *t, uint64_t bytes);
/* Adds all of from to into; from is left as it was. Both were made with the same options (the
 * seed may differ). HA_ERR_MEMORY leaves into in a state fit only to be freed. */
enum ha_err ha_tally_merge(struct ha_tally *into, const struct ha_tally *from) HA_MUST_USE;
/* Forgets everything counted, as if it were new. When memory runs out, ha_tally_ok tells. */
void ha_tally_reset(struct ha_tally *t);
/* Whether n more records could make a top list forget values (and so become an estimate), the
 * timeline widen its buckets, counts by minute and status be given up, or a sample of evidence
 * become thinner. */
bool ha_tally_nearly_full(const struct ha_tally *t, size_t n);
/* Moves from t into `common` what n more records could fill in that way, so that t can count on;
 * what t had is then counted once, part in the one, part in the other. HA_ERR_MEMORY leaves both in
 * a state fit only to be freed. */
enum ha_err ha_tally_relieve(struct ha_tally *t, struct ha_tally *common, size_t n) HA_MUST_USE;
/* Forgets, and frees, all lists but HA_TOP_ERROR_PAIRS and all that is told by time, of clients or
 * of samples: sums and pairs are what a later tally is compared with (diff.h). HA_ERR_MEMORY leaves
 * t in a state fit only to be freed. */
enum ha_err ha_tally_keep_compared(struct ha_tally *t) HA_MUST_USE;
/* From now on t passes over at once what `common` would in any case, and tells times no finer; t is
 * empty, and is to be merged into it. */
void ha_tally_follow(struct ha_tally *t, const struct ha_tally *common);
/* False when an allocation failed while counting: the sums are then short, and must not be
 * shown. */
bool ha_tally_ok(const struct ha_tally *t);

/* Reading. */
struct ha_tally_options ha_tally_made_with(const struct ha_tally *t);
struct ha_tally_sums {
    uint64_t lines, bytes, selected;
    uint64_t verdict[HA_VERDICT_N];
    uint64_t reason[HA_REASON_N];
    struct ha_count classes[6]; /* index 1 to 5: 1xx to 5xx; 0: other */
    struct ha_count status[1000];
    uint64_t no_status;            /* selected records without a status; they are in classes[0] */
    struct ha_count no_method;     /* the request was no HTTP */
    struct ha_count other_methods; /* unlisted tokens beyond limits.distinct_methods */
    bool has_time;
    int64_t first_us, last_us; /* of selected records */
    uint64_t errors;           /* 4xx and 5xx */
};
const struct ha_tally_sums *ha_tally_sums(const struct ha_tally *t);
struct ha_method_count {
    struct ha_view method;
    struct ha_count sum;
};
/* All methods seen, by falling count then by name; *out from ha_alloc, release with ha_free. */
enum ha_err ha_tally_methods(const struct ha_tally *t, struct ha_method_count **out,
                             size_t *count) HA_MUST_USE;
/* Records per pattern, matched and salvaged; limits as given at ha_tally_new. */
uint64_t ha_tally_pattern(const struct ha_tally *t, size_t pattern);
/* Requests that nobody needs to look at. Each is of one kind at most. */
enum ha_noise_kind {
    HA_NOISE_IDLE,         /* 408 without a request: the connection was opened ahead */
    HA_NOISE_NOT_MODIFIED, /* 304 to GET or HEAD */
    HA_NOISE_CHALLENGE,    /* 401 to GET or HEAD with no user named: the question, not the answer */
    HA_NOISE_HEALTH,       /* health checks that went well, by agent or target */
    HA_NOISE_PREFLIGHT,    /* OPTIONS with 2xx */
    HA_NOISE_N
};
/* "idle_connections", "not_modified", "challenges", "health_checks", "preflights". Static. */
const char *ha_noise_name(enum ha_noise_kind kind);
struct ha_noise {
    bool known; /* false: partial reports of an earlier version were added; the rest is then 0 */
    uint64_t count[HA_NOISE_N];
    uint64_t all, errors; /* their sum, and that of those with 4xx */
};
/* Takes one sum from another, which may have stopped at its maximum. */
static inline void ha_noise_leave_out(uint64_t *from, uint64_t n)
{
    *from = *from > n ? *from - n : 0;
}
/* Of the selected records. */
struct ha_noise ha_tally_noise(const struct ha_tally *t);
/* Responses with a status to a method of the table, to HA_NO_METHOD or to HA_UNLISTED_METHOD, of
 * each status from 0 to 999; NULL: none. The numbers belong to the tally. */
const uint64_t *ha_tally_method_statuses(const struct ha_tally *t, int method);
/* Durations, in microseconds, of the records that have one and are of these classes: bit i set for
 * index i of classes. */
enum ha_err ha_tally_durations(const struct ha_tally *t, unsigned classes,
                               struct ha_spread *out) HA_MUST_USE;
/* Body bytes of the records that tell them. */
struct ha_spread ha_tally_sizes(const struct ha_tally *t);
/* The first n of a list, by falling count, then by value (pairs by status, then by target); returns
 * how many were written. */
size_t ha_tally_top(const struct ha_tally *t, enum ha_top which, size_t n, struct ha_top_entry *to);
/* The entry of HA_TOP_ERROR_PAIRS for a status and a target as HA_TOP_ERROR_TARGETS has it; false
 * when there is none, or the target was cut. */
bool ha_tally_pair(const struct ha_tally *t, int status, struct ha_view target,
                   struct ha_top_entry *to);
/* 0: the list is exact and has every value. Else it is an estimate: a value that it does not have
 * occurred so often at the most. */
uint64_t ha_tally_top_bound(const struct ha_tally *t, enum ha_top which);
/* Distinct clients among selected records; *estimated tells whether it is one. */
uint64_t ha_tally_distinct_clients(const struct ha_tally *t, bool *estimated);
/* The timeline in buckets of wanted_s seconds (at least 1), without the empty ones, in order. Where
 * the span would give more than max_buckets of them, or the counts are kept in buckets that do not
 * divide them, the width is the next that serves of 1, 5, 15 seconds and so on (timeline.c).
 * *width_s is the width chosen. *out from ha_alloc, ha_free it. */
enum ha_err ha_tally_timeline(const struct ha_tally *t, int64_t wanted_s, size_t max_buckets,
                              struct ha_bucket **out, size_t *count, int64_t *width_s) HA_MUST_USE;
/* The minutes that have records with a time, in order: the i-th is buckets[order[i]]. */
struct ha_minutes {
    const struct ha_bucket *buckets; /* the tally's, or own */
    uint32_t *order;
    size_t count;
    bool too_many; /* there are more than are kept apart: none are here */
    struct ha_bucket *own;
};
/* HA_ERR_MEMORY only. Release with ha_minutes_done; the tally must not change meanwhile. */
enum ha_err ha_tally_minutes(const struct ha_tally *t, struct ha_minutes *out) HA_MUST_USE;
void ha_minutes_done(struct ha_minutes *m);
/* The errors of every minute by status, of those statuses that are kept, by status, then by time.
 * *out from ha_alloc, ha_free it. HA_ERR_MEMORY only. */
enum ha_err ha_tally_error_minutes(const struct ha_tally *t, struct ha_error_minute **out,
                                   size_t *count) HA_MUST_USE;
enum ha_minutes_kept ha_tally_minutes_kept(const struct ha_tally *t);
/* The unmatched samples: per reason the first ones, in order of source and line. */
size_t ha_tally_samples(const struct ha_tally *t, const struct ha_sample **out);
/* Samples of errors and other requests; NULL: none are kept (options.evidence), or not of all that
 * was added up. */
const struct ha_evidence *ha_tally_evidence(const struct ha_tally *t);
/* Whether it counts findings at all (options.findings). */
bool ha_tally_counts_findings(const struct ha_tally *t);
/* What single clients and targets did over time (conduct.h); nothing unless it counts findings. */
const struct ha_conduct *ha_tally_conduct(const struct ha_tally *t);
/* The value of a list whose hash conduct.h has; false when the list does not have it, or not
 * whole. */
bool ha_tally_name(const struct ha_tally *t, enum ha_top which, uint64_t hash, struct ha_view *out);
/* What one rule (or part of one) found in one of its forms. Never NULL. */
const struct ha_found *ha_tally_found(const struct ha_tally *t, int rule, int form);

#endif
