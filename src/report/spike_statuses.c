/* spike_statuses.c - which statuses of a class rose in its incidents, from the exact counts of
 * every minute: samples tell of who and what, but of statuses everything is known. */
#include "report/formats.h"
#include "report/spike_counts.h"

enum { OF_CLASS = 100 }; /* statuses of a class */

#define TEN(d) d "0" d "1" d "2" d "3" d "4" d "5" d "6" d "7" d "8" d "9"
static const char texts[] = TEN("40") TEN("41") TEN("42") TEN("43") TEN("44") TEN("45") TEN("46")
    TEN("47") TEN("48") TEN("49") TEN("50") TEN("51") TEN("52") TEN("53") TEN("54") TEN("55")
        TEN("56") TEN("57") TEN("58") TEN("59");

struct exact {
    const struct ha_error_minute *first[OF_CLASS + 1]; /* of each status; the end behind the last */
    double usual[OF_CLASS], usual_all;
};

/* The first that is of this status and time, or comes later. */
static const struct ha_error_minute *from(const struct ha_error_minute *list, size_t count,
                                          int status, int64_t start_s)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list[middle].status < status ||
            (list[middle].status == status && list[middle].start_s < start_s))
            low = middle + 1;
        else
            high = middle;
    }
    return &list[low];
}

/* What is outside of the incidents, which are in order and apart. */
static void read_usual(struct exact *e, const struct ha_span *incidents, size_t count)
{
    for (int i = 0; i < OF_CLASS; i++) {
        size_t k = 0;
        for (const struct ha_error_minute *m = e->first[i]; m < e->first[i + 1]; m++) {
            while (k < count && incidents[k].to_s <= m->start_s)
                k++;
            if (k == count || m->start_s < incidents[k].from_s)
                e->usual[i] += (double)m->count;
        }
        e->usual_all += e->usual[i];
    }
}

/* Keeps the greatest shares, by falling share, then by status: they come by status. */
static void insert(struct ha_risen *to, struct ha_risen_value v)
{
    struct ha_risen_value *list = to->value[HA_ASPECT_STATUSES];
    size_t *count = &to->count[HA_ASPECT_STATUSES], at = *count;
    while (at > 0 && list[at - 1].count < v.count)
        at--;
    if (at == HA_RISEN_MOST)
        return;
    *count += *count < HA_RISEN_MOST;
    for (size_t i = *count - 1; i > at; i--)
        list[i] = list[i - 1];
    list[at] = v;
}

static void read_one(const struct exact *e, const struct ha_report_spike *one,
                     struct ha_risen *risen)
{
    uint64_t burst[OF_CLASS] = {0};
    double all = 0;
    for (int i = 0; i < OF_CLASS; i++) {
        size_t count = (size_t)(e->first[i + 1] - e->first[i]);
        int status = one->group * 100 + i;
        const struct ha_error_minute *m = from(e->first[i], count, status, one->spike.start_s);
        for (; m < e->first[i + 1] && m->start_s < one->spike.end_s; m++)
            burst[i] = burst[i] > UINT64_MAX - m->count ? UINT64_MAX : burst[i] + m->count;
        all += (double)burst[i];
    }
    risen->count[HA_ASPECT_STATUSES] = 0;
    for (int i = 0; i < OF_CLASS; i++) {
        if (!ha_risen_by_counts((double)burst[i], all, e->usual[i], e->usual_all))
            continue;
        const char *text = &texts[3 * (size_t)(one->group * 100 + i - 400)];
        insert(risen, (struct ha_risen_value){.value = {text, 3},
                                              .count = burst[i],
                                              .share = (double)burst[i] / all,
                                              .usual_share = e->usual[i] / e->usual_all});
    }
}

void spike_statuses_read(struct ha_report *r, int class, const struct ha_span *incidents,
                         size_t incident_count, const struct ha_error_minute *errors, size_t count)
{
    struct exact e = {.usual_all = 0};
    for (int i = 0; i <= OF_CLASS; i++)
        e.first[i] = from(errors, count, class * 100 + i, INT64_MIN);
    read_usual(&e, incidents, incident_count);
    for (size_t i = 0; i < r->spike_count; i++)
        if (r->spikes[i].group == class && r->spikes[i].risen != NULL)
            read_one(&e, &r->spikes[i], &r->risen[i]);
}
