/* fast.h - the common log format and its kin without PCRE2: reads the lines that are as they nearly
 * always are, and leaves all others to the patterns. */
#ifndef HTTPANNOTATE_PARSE_FAST_H
#define HTTPANNOTATE_PARSE_FAST_H

#include "httpannotate/scan.h"
#include "parse/pattern.h"
#include "parse/timefmt.h"

/* Which pattern of a set claims a line that the fast way has read, by how many marks it has: 2
 * common, 6 combined, 8 combined_tail. HA_FAST_NONE where the fast way must not answer: the set
 * does not have the pattern as it is built in, or one that the user put before it might claim the
 * line first. */
#define HA_FAST_NONE UINT16_MAX
enum { HA_FAST_METHODS = 8 }; /* places for them; two are empty */
enum { HA_FAST_ALIKE = 16 };
struct ha_fast {
    uint16_t of_marks[9];
    /* What the records of each of those patterns have alike, as it stands in them from `has` on. */
    char alike[9][HA_FAST_ALIKE];
    int16_t methods[HA_FAST_METHODS]; /* indexes of the frequent ones */
    size_t longest;                   /* bytes of a line that it reads */
    bool plain;                       /* plain_request is to be set where it holds */
};
struct ha_fast ha_fast_for(const struct ha_patterns *set);

/* Reads a line into *r as PCRE2 with the built-in patterns common, combined and combined_tail
 * would: every field, number, verdict and pattern; sets line and ending too. False where the fast
 * way does not say, and the record is in no state. The clock is that of the slow way too. */
bool ha_fast_line(const struct ha_fast *f, const struct ha_marked_line *line,
                  struct ha_clf_clock *clock, struct ha_record *r);
/* The same for the next lines of a run, up to `most` or the first one that it does not read; those
 * that were read are behind m->start. Sets line_number as well, from `number` on. Returns how many
 * it read; the record behind them is in no state. */
size_t ha_fast_ahead(const struct ha_fast *f, struct ha_marks *m, size_t most, uint64_t number,
                     struct ha_clf_clock *clock, struct ha_record *records);
/* One of them, of those that ha_marks_ahead has found; false where it is not read, and *m is as it
 * was. */
bool ha_fast_next(const struct ha_fast *f, struct ha_marks *m, uint64_t number,
                  struct ha_clf_clock *clock, struct ha_record *r);
/* As ha_fast_ahead, which uses it where the processor has what it takes. */
size_t ha_fast_ahead_avx2(const struct ha_fast *f, struct ha_marks *m, size_t most, uint64_t number,
                          struct ha_clf_clock *clock, struct ha_record *records);
/* Whether a client is one that the fast way can be sure of: a name or an address. At least 35 bytes
 * can be read from its first one on. */
bool ha_fast_client(struct ha_view v);

#endif
