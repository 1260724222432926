/* report.h - the finished numbers, and the family of formats that write them.
 *
 * Layer 4. ha_report_make reads a tally into plain arrays, so that every format says the same; a
 * reporter only formats. To add one: a file in src/report/, a line in the table of report.c. */
#ifndef HTTPANNOTATE_REPORT_H
#define HTTPANNOTATE_REPORT_H

#include "httpannotate/diff.h"
#include "httpannotate/facts.h"
#include "httpannotate/lint.h"
#include "httpannotate/out.h"
#include "httpannotate/spikes.h"
#include "httpannotate/tally.h"

struct ha_report_status {
    const struct ha_status_fact *fact;
    struct ha_count sum;
};
enum ha_report_method_kind {
    HA_METHOD_NAMED, /* a method token, listed or not */
    HA_METHOD_NONE,  /* the request was no HTTP, or the format has none */
    HA_METHOD_REST,  /* unlisted tokens beyond limits.distinct_methods, in one sum */
};
struct ha_report_method {
    enum ha_report_method_kind kind;
    struct ha_view method;             /* "" unless named */
    const struct ha_method_fact *fact; /* NULL when the tables do not list it */
    struct ha_count sum;
};

/* Durations in groups by class. The first is over all. */
enum ha_duration_group {
    HA_DURATIONS_ALL,
    HA_DURATIONS_SUCCESSES, /* 2xx and 3xx */
    HA_DURATIONS_ERRORS,    /* 4xx and 5xx */
    HA_DURATIONS_CLASSES,   /* from here on those of ha_class_names, in that order */
    HA_DURATIONS_N = HA_DURATIONS_CLASSES + 6
};
/* Whose fault a status tells of, as the tables have it. */
enum ha_fault_side {
    HA_FAULT_CLIENT,
    HA_FAULT_SERVER,
    HA_FAULT_UPSTREAM,
    HA_FAULT_EITHER, /* cannot be told from the status */
    HA_FAULT_NONE,   /* nothing went wrong; requests without a status too */
    HA_FAULT_N
};
/* The responses to a method by status. */
struct ha_report_method_statuses {
    enum ha_report_method_kind kind; /* HA_METHOD_REST: all unlisted tokens */
    struct ha_view method;           /* "" unless named */
    const uint64_t *statuses;        /* 1000 counts, by status; the tally's */
    uint64_t count, errors;          /* sums of all, and of 400 to 599 */
};
/* The statuses behind a target with errors, the most frequent first. */
enum { HA_TARGET_STATUSES = 3 };
struct ha_report_codes {
    int code[HA_TARGET_STATUSES];
    size_t count; /* how many there are; may be more than are held */
};

/* What counts of several statuses tell of an incident. */
enum ha_spike_note_kind {
    HA_SPIKE_SLOW_UPSTREAM, /* 499 and 504 rose together: how many of each */
    HA_SPIKE_RESTART,       /* 502 for about a minute: how many, of how many errors 5xx */
    HA_SPIKE_SCAN,          /* 404 for many targets: how many, for how many, from one client or
                             * network */
};
struct ha_spike_note {
    enum ha_spike_note_kind kind;
    uint64_t count[2];
    struct ha_span span; /* of what it speaks of */
    struct ha_view who;  /* of a scan; belongs to the report's evidence */
    double share;        /* that these have of it */
    bool estimated;      /* share and targets are told from a part */
};
enum { HA_SPIKE_NOTES = 3 };
/* An incident and the group of errors it is of. */
struct ha_report_spike {
    int group;                      /* as ha_spike_watches has it */
    char name[HA_SPIKE_GROUP_TEXT]; /* "429", "5xx" */
    int within;         /* a status whose class has a spike that began with this one: the class */
    int64_t incident_s; /* when that, or else this, began */
    struct ha_spike spike;
    const struct ha_risen *risen; /* who and what rose; NULL: no evidence was kept */
    struct ha_spike_note notes[HA_SPIKE_NOTES];
    size_t note_count;
};
/* A group that was looked at. */
struct ha_report_spike_group {
    int group;
    char name[HA_SPIKE_GROUP_TEXT];
    uint64_t errors;       /* in all */
    uint64_t early_errors; /* in the first five minutes of the log */
    double early_share;    /* of the requests of these */
    bool from_start;       /* many errors, and much of all, from the first line on: what has no
                            * usual to compare with is told as it is; not of a selection */
};
enum ha_spikes_state {
    HA_SPIKES_LOOKED_FOR,
    HA_SPIKES_OFF,       /* nobody asked for them */
    HA_SPIKES_TOO_SHORT, /* fewer than ten minutes: there is no usual to compare with */
    HA_SPIKES_TOO_LONG,  /* more minutes with requests than the tally holds */
};

/* What a report is made of. Everything lives until ha_report_free; views belong to the tally. */
struct ha_report {
    const struct ha_facts *facts;
    const struct ha_tally *tally; /* what it was made of */
    const struct ha_tally_sums *sums;
    bool interim;                           /* more input may follow */
    bool unread;                            /* set by the caller: input could not be read */
    const char *selection;                  /* ha_selector_text: "" when all was selected */
    const char *again;                      /* the context's */
    const struct ha_report_source *sources; /* the context's */
    size_t source_count;
    struct ha_report_pattern *patterns; /* those that matched, by falling count */
    size_t pattern_count;
    struct ha_report_status *statuses; /* seen, by code */
    size_t status_count;
    struct ha_report_method *methods; /* by falling count, then by name */
    size_t method_count;
    struct ha_top_entry *top[HA_TOP_N]; /* top_count[i] entries each */
    size_t top_count[HA_TOP_N];
    uint64_t top_bound[HA_TOP_N];         /* 0: exact; else what a value not kept counts at most */
    struct ha_report_codes *target_codes; /* of each entry of HA_TOP_ERROR_TARGETS */
    uint64_t clients;
    bool clients_estimated;
    struct ha_spread durations[HA_DURATIONS_N];
    struct ha_spread sizes;
    struct ha_report_method_statuses *method_statuses; /* by falling count, then by name */
    size_t method_statuses_count;
    bool has_diff;
    const char *before_name; /* of the earlier report's file */
    struct ha_diff diff;
    uint64_t faults[HA_FAULT_N];       /* of all selected requests */
    uint64_t error_faults[HA_FAULT_N]; /* of errors */
    struct ha_bucket *buckets;         /* without the empty ones */
    size_t bucket_count;
    int64_t bucket_seconds;         /* 0 when no record had a time */
    int64_t bucket_asked_s;         /* the context's bucket_s */
    size_t bucket_span;             /* buckets from the first to the last, empty ones too */
    struct ha_report_spike *spikes; /* by their start; a status behind the class it is within */
    size_t spike_count;
    enum ha_spikes_state spikes_state;
    bool spikes_lack_statuses; /* of some statuses there are too many minutes to keep; */
    bool spikes_lack;          /* and their class is not watched */
    struct ha_report_spike_group *spike_groups; /* 429, the classes, the statuses that occurred */
    size_t spike_group_count;
    uint64_t spikes_early;                /* requests in the first five minutes */
    bool spikes_later;                    /* requests came after these */
    struct ha_evidence_reading *evidence; /* what the spikes' values belong to */
    struct ha_risen *risen;               /* one a spike */
    const struct ha_sample *samples;
    size_t sample_count;
    struct ha_finding *findings; /* gravest first; NULL: nothing was looked for */
    size_t finding_count;
    uint64_t written_so; /* ha_lint_written_so, when the rule is not to be ignored */
    bool has_returns;    /* clients came back at once after 429: */
    struct ha_returns returns;
    struct ha_noise noise;
    bool benign;                /* it is to be left out of the errors and their share */
    bool without_noise;         /* it is: it is known */
    uint64_t errors, errors_of; /* errors, and the requests that their share is of */
};

/* What a report needs beside the tally. Everything is borrowed and must outlive the report. */
struct ha_report_context {
    const struct ha_facts *facts;
    const char *selection; /* ha_selector_text; NULL is taken for "" */
    const char *again;     /* options that read and choose the same once more; NULL: unknown */
    const struct ha_report_source *sources;
    size_t source_count;
    const char *const *patterns; /* names, by the index that records carry */
    size_t pattern_count;
    size_t top;                    /* entries read of each top list; 0: none */
    const struct ha_tally *before; /* an earlier run to compare with; NULL: none */
    const char *before_name;
    uint64_t ignored;                     /* rules whose findings are left out, one bit each */
    const struct ha_spike_choice *spikes; /* NULL: HA_SPIKE_CHOICE_DEFAULT */
    int64_t bucket_s; /* width of the timeline's buckets in seconds; 0: as many as a page shows */
    bool interim;
    bool benign; /* benign noise is left out of the errors and their share */
};
/* Reads a tally into *out, which is overwritten; the tally must not change while the report lives.
 * HA_ERR_MEMORY leaves an empty report. Release with ha_report_free, in any case safe to call. */
enum ha_err ha_report_make(const struct ha_tally *t, const struct ha_report_context *c,
                           struct ha_report *out) HA_MUST_USE;
void ha_report_free(struct ha_report *r);
/* How many incidents a report of this tally lists, and whether they could be looked for.
 * HA_ERR_MEMORY only. */
enum ha_err ha_report_count_spikes(const struct ha_tally *t, const struct ha_spike_choice *choice,
                                   uint64_t *count, enum ha_spikes_state *state) HA_MUST_USE;

struct ha_report_style {
    bool colour;
    bool visible; /* a terminal reads it: as ha_render_style */
    bool unicode; /* bars and sparklines may use block characters; else ASCII */
    size_t width; /* columns; 80 when unknown */
    size_t top;   /* entries shown per list */
};

typedef void ha_report_fn(const struct ha_report *r, const struct ha_report_style *style,
                          struct ha_buf *to);
struct ha_reporter {
    const char *name; /* as -o takes it */
    const char *summary;
    ha_report_fn *write;
    bool adds_up; /* who reads several adds them up: on a stream only the last one may stand */
};
const struct ha_reporter *ha_reporters(size_t *count);
const struct ha_reporter *ha_reporter_find(struct ha_view name);

/* What no pattern reads, however its lines are written, and what makes lines of it. Static. */
struct ha_odd_text {
    const char *what;    /* "it looks like UTF-16" */
    const char *command; /* for a shell; FILE stands for the log */
};
/* The first of the samples of unmatched lines, near the beginning of its source, that looks like
 * such text, its index in *which. NULL: none does. */
const struct ha_odd_text *ha_odd_text(const struct ha_sample *samples, size_t count, size_t *which);

/* share of part in whole as 0 to 1; 0 when whole is 0. */
double ha_share(uint64_t part, uint64_t whole);
/* The name of a class by index of ha_tally_sums.classes, in report order 1xx, 2xx, 3xx, 4xx, 5xx,
 * other: "1xx" and "informational". Static. */
struct ha_class_name {
    int index;
    const char *name;
    const char *title;
};
extern const struct ha_class_name ha_class_names[6];
/* "all", "successes", "errors", "1xx", ... Static. */
const char *ha_duration_group_name(size_t group);
/* "client", "server", "upstream", "either", "none". Static. */
const char *ha_fault_name(size_t side);
/* JSON key of a top list: "targets", "error_clients", ... Static. */
const char *ha_top_key(enum ha_top which);

#endif
