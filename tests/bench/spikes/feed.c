/* feed.c - see feed.h. */
#include "feed.h"

void feed_init(struct feed *f)
{
    *f = (struct feed){0};
    ha_spike_group_init(&f->g);
}

static void close_bucket(struct feed *f, uint64_t errors, uint64_t good, bool silent,
                         feed_heed *heed, void *to)
{
    struct ha_spike_event events[HA_SPIKE_EVENTS];
    size_t n = ha_spike_group_close(&f->g, errors, good, silent, events);
    for (size_t i = 0; i < n; i++)
        heed(to, &(struct feed_event){events[i].kind, f->base + events[i].since,
                                      f->base + events[i].end, f->base + f->g.now - 1});
}

void feed_minute(struct feed *f, uint64_t errors, uint64_t good, feed_heed *heed, void *to)
{
    enum { COUNTED_SILENCE = 5 };
    f->minute++;
    if (errors + good == 0) {
        f->silent++;
        return;
    }
    int64_t closed = f->silent > 4 * HA_SPIKE_RING ? HA_SPIKE_RING : f->silent;
    for (int64_t i = 1; i <= closed; i++)
        close_bucket(f, 0, 0, i > COUNTED_SILENCE, heed, to);
    f->base += f->silent - closed;
    f->silent = 0;
    close_bucket(f, errors, good, false, heed, to);
}
