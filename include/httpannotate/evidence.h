/* evidence.h - who and what rose in a burst of errors, told from bounded samples.
 *
 * Layer 2. Two samples of records are kept, of a stated number of entries each. That of errors,
 * statuses from 400 to 599, has at most HA_EVIDENCE_MINUTE of each minute and status, so that a
 * burst keeps its sample however long the log. That of others, requests that went well, has them in
 * proportion: what is usual in all traffic.
 *
 * Which records are kept follows from what they say alone, by a hash (a distinct sampler: Gibbons
 * 2001; the K least of each minute and status: Cohen and Kaplan 2007), so that a sample is the same
 * for any order, any split and any grouping of merges. What is kept has an exact multiplicity. */
#ifndef HTTPANNOTATE_EVIDENCE_H
#define HTTPANNOTATE_EVIDENCE_H

#include "httpannotate/out.h"
#include "httpannotate/record.h"

enum { HA_EVIDENCE_MINUTE = 32 };

struct ha_evidence_options {
    size_t errors, others;      /* entries of each sample, 256 bytes each; at least 1 */
    bool keep_query, templates; /* of targets, as ha_tally_options has them */
};

struct ha_evidence;
enum ha_err ha_evidence_new(const struct ha_evidence_options *o,
                            struct ha_evidence **out) HA_MUST_USE;
void ha_evidence_free(struct ha_evidence **e);
/* Forgets everything, as if it were new. */
void ha_evidence_reset(struct ha_evidence *e);

/* What a sample needs of a record: numbers, and views that live as long as the record's. */
struct ha_witness {
    uint64_t hash;
    int64_t minute; /* since the epoch */
    int16_t status, method;
    bool has_target; /* else target is the whole of a request that is no HTTP */
    struct ha_view client, target, agent, token; /* token: of an unlisted method */
};
/* Reads a record, and knows no state: any thread may call it. False when the record says nothing
 * here: no time, no status from 100 to 599, or a hash above `bound`. */
bool ha_witness_of(const struct ha_record *r, uint64_t bound, struct ha_witness *w);
/* Adds what it says, or passes over it quickly. False when memory ran out. Not thread-safe. */
bool ha_evidence_add(struct ha_evidence *e, const struct ha_witness *w) HA_MUST_USE;
/* A request that went well whose hash is above this is passed over, now and until a reset. */
uint64_t ha_evidence_bound(const struct ha_evidence *e);
/* Adds all of from; its options but the numbers of entries must be those of into. False when memory
 * ran out. */
bool ha_evidence_merge(struct ha_evidence *into, const struct ha_evidence *from) HA_MUST_USE;

/* A span of time: from_s belongs to it, to_s does not. Seconds since the epoch, whole minutes. */
struct ha_span {
    int64_t from_s, to_s;
};

/* What can rise. A network is a /24 of IPv4, a /48 of IPv6. A target has its method before it. */
enum ha_aspect {
    HA_ASPECT_CLIENTS,
    HA_ASPECT_NETWORKS,
    HA_ASPECT_TARGETS,
    HA_ASPECT_METHODS,
    HA_ASPECT_AGENTS,
    HA_ASPECT_STATUSES, /* of a class of statuses */
    HA_ASPECT_N
};
/* "clients", "networks", ... Static. */
const char *ha_aspect_name(enum ha_aspect aspect);

enum { HA_RISEN_MOST = 3 };
struct ha_risen_value {
    struct ha_view value; /* belongs to the reading; one that was cut ends in "..." */
    uint64_t count;       /* errors of the group in the span that have it */
    double share;         /* of the group's errors in the span */
    double usual_share;   /* of the group's errors outside its incidents, or, where these are too
                           * few, of all requests there */
    bool estimated;       /* count and share are told from a part of the span's errors */
    size_t targets; /* distinct targets of the errors that have it, as far as they were kept */
};
struct ha_risen {
    size_t count[HA_ASPECT_N];
    struct ha_risen_value value[HA_ASPECT_N][HA_RISEN_MOST]; /* by falling share, then by value */
};

struct ha_risen_question {
    int group;           /* a status from 400 to 599, or a class: 4, 5 */
    struct ha_span span; /* of the burst */
    uint64_t errors;     /* the group's errors in the span, where they are known; else 0 */
    const struct ha_span *incidents; /* all of the group, in order, apart; the span itself need not
                                      * be among them */
    size_t incident_count;
};

/* A state of the evidence, made ready for questions; it must not change meanwhile, nor be freed.
 * HA_ERR_MEMORY only. */
struct ha_evidence_reading;
enum ha_err ha_evidence_read(const struct ha_evidence *e,
                             struct ha_evidence_reading **out) HA_MUST_USE;
void ha_evidence_reading_free(struct ha_evidence_reading **r);
/* What rose: has at least a tenth of the errors of the span and three of them, at least twice its
 * usual share, and more than chance explains (a likelihood ratio of two binomials, on the effective
 * sizes of the samples: Kish 1965). Where a network rose through one client, the client alone is
 * told, where through many, the network alone. Empty where there is nothing to compare with. */
void ha_evidence_risen(struct ha_evidence_reading *r, const struct ha_risen_question *q,
                       struct ha_risen *out);
/* Whether a value rose by the same rules, where its errors and those of the group are counted:
 * count of all in the span, usual of usual_all outside the group's incidents. */
bool ha_risen_by_counts(double count, double all, double usual, double usual_all);
/* What rose in clauses, those that tell most first: appends the n-th, "92 % from 203.0.113.0/24
 * (usual 3 %)"; false when there are no more. What strangers wrote is one word or in quotes
 * (ha_buf_quoted), a method before its target. */
bool ha_risen_clause(const struct ha_risen *r, size_t n, struct ha_buf *to);
/* All clauses in one line: "92 % from 203.0.113.0/24 (usual 3 %), 88 % POST /login (usual 5 %)"; no
 * bytes where nothing rose. */
void ha_risen_text(const struct ha_risen *r, struct ha_buf *to);

#endif
