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

/* Reads the first of n lines, as many as it can, each into the record of its number as PCRE2 with
 * the built-in patterns common, combined and combined_tail would: every field, number, verdict and
 * pattern; sets line, line_number (from `number` on) and ending too. Returns how many it read; the
 * next one, if there is one, is not for the fast way to say, and its record is in no state. The
 * clock is that of the slow way too. */
size_t ha_fast_read(const struct ha_fast *f, const struct ha_marked_line *lines, size_t n,
                    uint64_t number, struct ha_clf_clock *clock, struct ha_record *records);

#endif
