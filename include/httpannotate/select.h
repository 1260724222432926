/* select.h - which records are shown and counted (SPEC 5), and what a duration or time option says.
 *
 * Layer 3. A selector is read once from options and never changes. */
#ifndef HTTPANNOTATE_SELECT_H
#define HTTPANNOTATE_SELECT_H

#include "httpannotate/record.h"

struct ha_selector;
struct ha_select_options {
    const char *status;   /* --status, "429,5xx,400-404,!404"; NULL: not given */
    bool errors;          /* --errors */
    const char *method;   /* --method, "GET,!POST": names, any case is not taken for another */
    const char *target;   /* --target, a PCRE2 expression searched anywhere in the target */
    const char *client;   /* --client, "203.0.113.0/24,2001:db8::/32" */
    const char *since;    /* --since */
    const char *until;    /* --until, exclusive */
    const char *finding;  /* --finding, told only: who knows of findings chooses by it */
    int64_t now_us;       /* the clock that -2h and yesterday count from */
    int local_offset_min; /* minutes east of UTC, now, of a time that names no zone */
    /* The same at another time, where clocks are put forward and back; NULL: it never changes. */
    int (*local_offset_at)(int64_t time_us);
};
/* HA_ERR_SYNTAX names the option as place and says what it takes. *out is the caller's. */
enum ha_err ha_selector_new(const struct ha_select_options *o, struct ha_selector **out,
                            struct ha_problem *p) HA_MUST_USE;
void ha_selector_free(struct ha_selector **s);
/* True when nothing was asked for, so that every record is selected. */
bool ha_selector_is_all(const struct ha_selector *s);
/* Whether a matched or salvaged record is chosen. Thread-safe. A record without a time is not
 * chosen when --since or --until is given, one without a client or target not when --client or
 * --target is. A record without a status counts as "other", one without a method as "-": a list of
 * exclusions alone ("!404", "!POST") chooses everything else, those too. */
bool ha_selected(const struct ha_selector *s, const struct ha_record *r);
/* How many records were not chosen because the search of --target was given up at its limit: worth
 * a word at the end of a run when it is not 0. */
uint64_t ha_selector_given_up(const struct ha_selector *s);
/* Whether memory ran out while choosing: what was chosen is not to be trusted. */
bool ha_selector_starved(const struct ha_selector *s);
/* One line that says what was asked for ("status 429,5xx; method POST"), for reports; "" for all.
 * The text lives as long as the selector. */
const char *ha_selector_text(const struct ha_selector *s);

/* Option values. All: HA_ERR_SYNTAX with a cause that shows what is taken. */
/* A time: RFC 3339, "2026-11-24 10:00[:SS]", "2026-11-24", a log's "24/Nov/2026:10:00:00 +0000",
 * "-2h", "yesterday", "today" (their first moment), "now". Without a zone it has
 * local_offset_min. */
enum ha_err ha_parse_time(const char *text, int64_t now_us, int local_offset_min, int64_t *time_us,
                          struct ha_problem *p) HA_MUST_USE;
/* A duration: number and unit (us, ms, s, m or min, h, d); "90s", "1h30m". Greater than 0. */
enum ha_err ha_parse_duration(const char *text, int64_t *us, struct ha_problem *p) HA_MUST_USE;
/* A size: "1M", "64KiB", "1000". Greater than 0. */
enum ha_err ha_parse_size(const char *text, uint64_t *bytes, struct ha_problem *p) HA_MUST_USE;

#endif
