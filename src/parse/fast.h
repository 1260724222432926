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
struct ha_fast {
    uint16_t of_marks[9];
    int16_t get, post; /* indexes of these methods */
};
struct ha_fast ha_fast_for(const struct ha_patterns *set);

/* Reads *line, whose text is r->line too, into *r as PCRE2 with the built-in patterns
 * common, combined and combined_tail would: every field, number, verdict and pattern. False: it is
 * not for the fast way to say; *r is then in no state. The clock is that of the slow way too. */
bool ha_fast_read(const struct ha_fast *f, const struct ha_marked_line *line,
                  struct ha_clf_clock *clock, struct ha_record *r);

#endif
