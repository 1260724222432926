/* feed.h - minutes into the detector as the program puts them: silent minutes wait for the next
 * line, of a long silence as many are closed as can matter. */
#ifndef HTTPANNOTATE_BENCH_FEED_H
#define HTTPANNOTATE_BENCH_FEED_H

#include "httpannotate/spikes.h"

struct feed {
    struct ha_spike_group g;
    int64_t minute; /* of the next one, from 0 */
    int64_t base;   /* minute that bucket 0 is */
    int64_t silent; /* minutes without a line that are not closed yet */
};

/* What was told: of which minute, where it ended, and by which minute's end. */
struct feed_event {
    enum ha_spike_kind kind;
    int64_t since, end, told;
};
typedef void feed_heed(void *to, const struct feed_event *e);

void feed_init(struct feed *f);
void feed_minute(struct feed *f, uint64_t errors, uint64_t good, feed_heed *heed, void *to);

#endif
