/* scan.h - looking at bytes as fast as the machine reads them.
 *
 * Layer 1. One pass over a run of lines notes where its quotes, line endings and odd bytes stand,
 * so that framing and the reading of columns need not look for them again. Kernels for several
 * instruction sets do the same; the best that the processor has is chosen at run time, and all are
 * tested against the plainest one. */
#ifndef HTTPANNOTATE_SCAN_H
#define HTTPANNOTATE_SCAN_H

#include "httpannotate/base.h"

/* How many LF the bytes hold; *sharp tells whether a # begins them, or stands behind one. */
size_t ha_count_newlines(struct ha_view bytes, bool *sharp);

/* Offsets kept at a time; a line that has more is told without them. */
enum { HA_MARKS_ROOM = 1024, HA_MARKS_SPARE = 64 };
/* In place of a count: the line's marks are not known. */
#define HA_MARKS_UNKNOWN UINT32_MAX

/* Marks are a double quote, a backslash, and every byte below 0x20. */
struct ha_marked_line {
    struct ha_view text;   /* the line without its ending */
    const char *base;      /* what the marks count from: the line begins at or behind it */
    const uint32_t *marks; /* of the text, in rising order */
    uint32_t count;
    uint8_t ending; /* bytes of the ending: 2 (CRLF), 1 (LF), 0 (at the end of a run) */
};

/* Goes through a run of lines; the caller's storage. */
struct ha_marks {
    const char *base;
    size_t len;            /* bytes from base to the end of the run */
    size_t start;          /* of the next line */
    size_t scanned;        /* up to here all marks are known */
    uint32_t first, count; /* marks not yet given out: at[first] to at[count - 1] */
    uint32_t whole;        /* at[whole - 1] is the last LF of them; first where there is none */
    uint32_t at[HA_MARKS_ROOM + HA_MARKS_SPARE];
};
/* Begins a run, whose bytes must live as long as it is gone through. */
void ha_marks_begin(struct ha_marks *m, struct ha_view run);
/* Whether the next line is at hand with all its marks: it begins at base + start, the marks are
 * at[first] and behind, and the first LF of them, which is before at[whole], ends it. Who takes the
 * line moves first and start behind that LF. False at the end of the run, and where the next line
 * is to be had from ha_marks_next alone: the last one of a run, without an LF, and one with so many
 * marks that they are not kept. */
bool ha_marks_ahead(struct ha_marks *m);
/* The next line of the run, whatever it is; false at its end. It holds until the next call of
 * these.
 */
bool ha_marks_next(struct ha_marks *m, struct ha_marked_line *to);

/* The kernel in use: "avx512", "avx2", "sse2", "neon", "scalar". */
const char *ha_scan_kernel(void);
/* Whether that is one of AVX2 or more: the processor then has AVX2, BMI, BMI2 and POPCNT. */
bool ha_scan_by_avx2(void);
/* The n-th kernel of those that this processor can run, the plainest first; NULL behind the last.
 */
const char *ha_scan_kernel_name(size_t n);
/* Has this kernel used from now on, by all threads. HA_ERR_SYNTAX, with *p set (place HA_CPU),
 * where there is none of that name or the processor cannot run it. Not to be called while others
 * scan. */
enum ha_err ha_scan_use(const char *name, struct ha_problem *p) HA_MUST_USE;

#endif
