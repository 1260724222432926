/* partial.h - a tally as one line of text, and many such lines as one tally again.
 *
 * Layer 2. For work that is split between processes, machines or days by engines that pass lines:
 *
 *     httpannotate.partial/1 CHECKSUM PAYLOAD
 *
 * and LF. CHECKSUM is the XXH3 (64 bits, 16 hexadecimal digits) of the payload's bytes, PAYLOAD
 * their base64 (RFC 4648, section 4); there is no TAB in it. The bytes depend on what was counted
 * alone, not on the order it was counted in nor on the number of threads, while the lists are
 * exact. */
#ifndef HTTPANNOTATE_PARTIAL_H
#define HTTPANNOTATE_PARTIAL_H

#include "httpannotate/out.h"
#include "httpannotate/tally.h"

/* The longest line that is read: above what full lists, a full timeline and as many names as are
 * taken need. */
#define HA_PARTIAL_LINE (UINT64_C(32) << 20)
/* Names of sources, and of patterns, that a merger keeps apart (as many as a tally can tell), and
 * the bytes that they may have together. */
#define HA_PARTIAL_NAMES      65535
#define HA_PARTIAL_NAME_BYTES (UINT64_C(4) << 20)

/* What a partial report says. */
struct ha_partial {
    const struct ha_tally *tally;
    const char *selection;                  /* ha_selector_text */
    const struct ha_report_source *sources; /* by the index that samples carry */
    size_t source_count;
    const struct ha_report_pattern *patterns; /* in any order */
    size_t pattern_count;
};
/* Appends the line. When memory runs out the buffer tells. */
void ha_partial_write(const struct ha_partial *p, struct ha_buf *to);

/* Adds up partial reports that were counted with the same options. Sources of equal name add up.
 * The result is the same for any order and any grouping. Not thread-safe. */
struct ha_merger;
enum ha_err ha_merger_new(const struct ha_limits *limits, struct ha_merger **out) HA_MUST_USE;
void ha_merger_free(struct ha_merger **m);
/* From now on what rules found is left out of what is added, and reports with and without it add
 * up. To be called before the first line. */
void ha_merger_leave_out_findings(struct ha_merger *m);
/* Adds one line, without its ending or with it; blanks and TABs at its end do not count, and a line
 * of nothing else adds nothing. The line's bytes are overwritten. HA_ERR_SYNTAX: it is no partial
 * report, a damaged one, one of a later version, or counted with other options than those before
 * it; *p says which (its place is left empty), and nothing was added. HA_ERR_MEMORY: part of it may
 * have been added, so that no report may be made. */
enum ha_err ha_merger_line(struct ha_merger *m, char *line, size_t len,
                           struct ha_problem *p) HA_MUST_USE;
/* As ha_tally_keep_compared; nothing may be added afterwards. */
enum ha_err ha_merger_keep_compared(struct ha_merger *m) HA_MUST_USE;
/* What was added so far, but for the patterns; it holds until the next line. */
const struct ha_tally *ha_merger_tally(const struct ha_merger *m);

/* All that was added, to make a report of. It belongs to the merger and holds until the next line.
 * Sources are in order of their names. */
struct ha_merged {
    const struct ha_tally *tally;
    const char *selection;
    const struct ha_report_source *sources;
    size_t source_count;
    const char *const *patterns; /* names, by the tally's index */
    size_t pattern_count;
};
enum ha_err ha_merger_read(struct ha_merger *m, struct ha_merged *out) HA_MUST_USE;

#endif
