/* watch_parts.h - what the watch's files share: how a spike is told. */
#ifndef HA_WATCH_PARTS_H
#define HA_WATCH_PARTS_H

#include "httpannotate/evidence.h"
#include "httpannotate/out.h"
#include "httpannotate/spike_clock.h"
#include "watch.h"

/* ---- digests ---- */

/* The i-th witness, its texts where they lie now. */
const struct ha_witness *ha_digest_witness_at(struct ha_digest *d, size_t i);
/* Forgets all, but keeps the memory. */
void ha_digest_empty(struct ha_digest *d);
/* A request that went well whose hash is above this need not be told of; it only falls, and any
 * thread may ask. */
uint64_t ha_watch_bound(const struct ha_watch *watch);

/* ---- who and what ---- */

/* Samples of the lines up to now, from which it is told who and what rose. */
struct ha_live_evidence;
enum ha_err ha_live_evidence_new(bool keep_query, bool templates,
                                 struct ha_live_evidence **out) HA_MUST_USE;
void ha_live_evidence_free(struct ha_live_evidence **e);
/* Adds the next line; now_s is the log's time. False when memory ran out. */
bool ha_live_evidence_add(struct ha_live_evidence *e, const struct ha_witness *w,
                          int64_t now_s) HA_MUST_USE;
/* A request that went well whose hash is above this adds nothing, now and ever after. */
uint64_t ha_live_evidence_bound(const struct ha_live_evidence *e);
/* What rose in a spike that is told; release with ha_live_who_free. {0}: nothing is known. */
struct ha_live_who {
    struct ha_evidence *all;
    struct ha_evidence_reading *reading; /* NULL: nothing is known */
    struct ha_risen risen;
    int64_t since_s; /* it is of the errors from then on, the incident began before; 0: of all */
};
enum ha_err ha_live_evidence_ask(struct ha_live_evidence *e, const struct ha_spike_told *told,
                                 struct ha_live_who *who) HA_MUST_USE;
/* A spike is over: its errors are not part of what is usual. */
void ha_live_evidence_over(struct ha_live_evidence *e, const struct ha_spike_told *told);
void ha_live_who_free(struct ha_live_who *who);

/* Which groups 4xx are told as open, and since when: a burst of one status is one of its class too,
 * and a person is to see that the two are one. (A single 5xx status is not told at all then.) */
struct ha_live_open {
    bool is_open[101]; /* a status less 400; 100: the class */
    int64_t first_s[101];
    uint64_t count[101]; /* errors, when it was told last */
};
/* The group told before as open that began with this one within two minutes: the class of a status,
 * or a status of the class; 0: none. */
struct ha_live_twin {
    int group;
    bool nearly_all; /* four fifths or more of the errors of the class are of the status */
};
struct ha_live_twin ha_live_twin_of(const struct ha_live_open *o, const struct ha_spike_told *told);
/* Takes in what is told. */
void ha_live_open_take(struct ha_live_open *o, const struct ha_spike_told *told);

/* How live lines look, and the day of the last time told, so that a date is told where it is
 * another. */
struct ha_live_style {
    bool colour;
    int offset_min; /* of the log's first time, minutes east of UTC; named if not 0 */
    int64_t day;    /* days since the epoch, by that offset */
};
/* The log begins: times of this day need no date. */
void ha_live_begin(struct ha_live_style *style, int64_t second);
/* "SPIKE 429  312/min, usual 4/min, since 10:42  |  92 % from 203.0.113.0/24 (usual 3 %)" with its
 * line ending. where one opens that is nearly all the same as its twin, that is told in
 * the place of who and what, which the line above has. */
void ha_live_line(struct ha_live_style *style, const struct ha_spike_told *told,
                  struct ha_live_twin twin, const struct ha_live_who *who, struct ha_buf *to);
/* The same as one JSON object in a line. */
void ha_live_json(const struct ha_spike_told *told, struct ha_live_twin twin,
                  const struct ha_live_who *who, struct ha_buf *to);

#endif
