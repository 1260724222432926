/* formats.h - the functions behind the table of reporters, one a file. */
#ifndef HA_REPORT_FORMATS_H
#define HA_REPORT_FORMATS_H

#include "httpannotate/report.h"
#include "httpannotate/terminal.h"

ha_report_fn ha_report_text;
ha_report_fn ha_report_json;
ha_report_fn ha_report_csv;
ha_report_fn ha_report_markdown;
ha_report_fn ha_report_html;
ha_report_fn ha_report_openmetrics;
ha_report_fn ha_report_partial;

/* Reads the figures per group, side and method, and the statuses behind targets, once the lists are
 * there. */
enum ha_err ha_report_gather(struct ha_report *r, const struct ha_tally *t) HA_MUST_USE;

/* Finds the incidents in the exact counts of every minute. choice: NULL for the default. */
enum ha_err ha_report_read_spikes(struct ha_report *r, const struct ha_tally *t,
                                  const struct ha_spike_choice *choice) HA_MUST_USE;

/* Asks the report's evidence what may be scans whether they are, and forgets those that are not. */
enum ha_err ha_report_settle_notes(struct ha_report *r) HA_MUST_USE;
/* "slow-upstream", "restart", "scan". Static. */
const char *ha_spike_note_name(enum ha_spike_note_kind kind);
/* A note as a sentence, without its full stop. */
void ha_spike_note_text(const struct ha_spike_note *n, struct ha_buf *to);
/* What there is to say where there was no usual to compare with, or too much to keep: a sentence
 * without its full stop, appended. False when there is nothing. */
bool ha_spikes_remark(const struct ha_report *r, struct ha_buf *to);
/* Of a log too short to know what is usual, what the group at that place has been from its first
 * line on: "48.0% of requests from the first line on (96 of 200)", and where more minutes follow
 * "(96 of 200 in the first five minutes)". False when nothing is. */
bool ha_spikes_fact(const struct ha_report *r, size_t group, struct ha_buf *to);

/* Asks the tally's samples who and what rose in them. */
enum ha_err ha_report_read_who(struct ha_report *r, const struct ha_tally *t) HA_MUST_USE;
/* What rose in the spike at i and is not told of the class that it is within. */
struct ha_risen ha_spike_news(const struct ha_report *r, size_t i);

/* v made visible (ha_buf_visible), and in it each character that escape has a replacement for
 * replaced: NULL leaves it as it is. */
void ha_put_escaped(struct ha_buf *to, struct ha_view v, const char *(*escape)(char c));
/* Titles of the top lists for people: "Targets", "Clients with errors". Static. */
const char *ha_top_title(enum ha_top which);
/* True for the lists over errors alone. */
bool ha_top_of_errors(enum ha_top which);
/* "idle (408 without a request)", "for health checks", ...: what stands behind the number of a kind
 * of noise. Static. */
const char *ha_noise_words(enum ha_noise_kind kind);
/* "Benign noise: 2 idle (408 without a request), 7 not modified (304)", and when it is left out, of
 * how many requests the share of errors is; nothing where there is none. Only plain letters. */
void ha_noise_sentence(const struct ha_report *r, struct ha_buf *to);
/* Bytes of all responses; like every count it stops at the greatest number. */
uint64_t ha_report_body_bytes(const struct ha_report *r);
/* Why absolute-form-foreign is not among the findings though lines were marked with it; nothing
 * where that is not so. Only plain letters. */
void ha_written_so_sentence(const struct ha_report *r, struct ha_buf *to);
/* The width that was asked for, as figures are written, where the timeline's buckets are wider than
 * it: of those there would be too many. Else "". */
void ha_report_bucket_too_narrow(const struct ha_report *r, char width[HA_FIGURE]);
/* The requests of a bucket of the timeline, counted from the first, empty ones too: 0 in a gap. */
uint64_t ha_bucket_count(const struct ha_report *r, size_t bucket, size_t series);
/* "total", "1xx", ..., "429". Static. */
const char *ha_series_name(size_t series);

/* What every format says of a method: its meaning, also where the tables do not list it. Static. */
const char *ha_method_meaning(const struct ha_report_method *m);
/* "yes", "no", "conditional" (the response itself must say that it may be kept), "?" for NULL. */
const char *ha_method_cacheable(const struct ha_method_fact *f);

#endif
