/* diff.h - this run against an earlier one: what changed, and what only may have.
 *
 * Layer 4. Shares of all requests are compared. Of a count now and one before, the ratio of the
 * shares has an interval: given their sum, the first is binomial (Przyborowski and Wilenski, 1940,
 * for the ratio of two Poisson means), whose share has Wilson's score interval (1927). Counts of
 * estimated lists enter it at the worst end of what they can be. A change is clear when the whole
 * interval lies beyond HA_DIFF_LEAST either way: in a large log any difference is certain, but few
 * matter. */
#ifndef HTTPANNOTATE_DIFF_H
#define HTTPANNOTATE_DIFF_H

#include "httpannotate/tally.h"

#define HA_DIFF_CONFIDENCE 0.99
#define HA_DIFF_LEAST      0.1 /* a tenth more, or as much less as makes up for it */

enum ha_diff_verdict {
    HA_DIFF_NONE, /* no clear change */
    HA_DIFF_NEW,  /* there is some now, and there was none before */
    HA_DIFF_UP,
    HA_DIFF_DOWN,
    HA_DIFF_GONE, /* down, and there is none now */
};
struct ha_diff_row {
    int status;
    struct ha_view target; /* of a pair; empty for a status alone; belongs to a tally */
    uint64_t now, before;  /* counts; 0 where it is not in the list */
    double low, high;      /* the interval of the ratio of shares; high may be infinite */
    enum ha_diff_verdict verdict;
    double excess; /* how many more there are now than the share before would have made */
};
struct ha_diff {
    uint64_t now, before; /* requests selected; nothing is compared where one of them is 0 */
    bool has_time;        /* of the earlier report */
    int64_t first_us, last_us;
    struct ha_diff_row *statuses; /* seen in either, by code */
    size_t status_count;
    struct ha_diff_row *pairs; /* targets and statuses of errors that changed, most excess first */
    size_t pair_count;         /* those kept */
    size_t pairs_changed;      /* those there are */
    size_t pairs_same;         /* seen in either, without a clear change */
};

/* Compares, and keeps at most `most` pairs. *out is overwritten; release with ha_diff_free. The
 * tallies must not change while it lives. HA_ERR_MEMORY only. */
enum ha_err ha_diff_make(const struct ha_tally *now, const struct ha_tally *before, size_t most,
                         struct ha_diff *out) HA_MUST_USE;
void ha_diff_free(struct ha_diff *d);

/* The interval of the ratio of a of all_a to b of all_b, both totals above 0. */
void ha_diff_interval(double a, double all_a, double b, double all_b, double *low, double *high);
/* "no clear change", "new", "up", "down", "gone". Static. */
const char *ha_diff_verdict_name(enum ha_diff_verdict v);

#endif
