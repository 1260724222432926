/* noise.h - requests that nobody needs to look at: what a record is of them. */
#ifndef HTTPANNOTATE_TALLY_NOISE_H
#define HTTPANNOTATE_TALLY_NOISE_H

#include "count.h"
#include "httpannotate/facts.h"

/* Those that do not follow from sums of methods and statuses. */
struct ha_noise_sums {
    uint64_t count[HA_NOISE_N];
    bool lacks; /* of some of what was added up it is not known */
};

static inline void ha_noise_merge(struct ha_noise_sums *into, const struct ha_noise_sums *from)
{
    ha_sat_add_all(into->count, from->count, HA_NOISE_N);
    into->lacks |= from->lacks;
}

/* The kind of a record that may be one by its status, or -1: by the client that asked, the target
 * or the user. */
int ha_noise_look(const struct ha_record *r);

/* Whether method and status allow a record to be one of those kinds. */
static inline bool ha_noise_may_be(int method, int status)
{
    bool reads = method == HA_GET || method == HA_HEAD;
    return status == 401 || status == 408 || (reads && status >= 200 && status <= 299);
}

/* Whether a health check may ask for the target, by its length and first letter. */
static inline bool ha_noise_may_ask(struct ha_view target)
{
    return target.len - 6 <= 2 &&
           (target.ptr[1] == 'h' || target.ptr[1] == 'l' || target.ptr[1] == 'r');
}

/* The same for a record whose method and status allow it. Most are let pass by a byte of agent and
 * target. */
static inline int ha_noise_of(const struct ha_record *r)
{
    if (r->status == 401 || r->status == 408)
        return ha_noise_look(r);
    struct ha_view agent = r->field[HA_FIELD_AGENT], target = r->field[HA_FIELD_TARGET];
    /* Browsers and crawlers begin with M, command lines and libraries mostly with a small letter.
     */
    bool asks = ha_has(r, HA_FIELD_AGENT) && agent.len > 0 &&
                (agent.ptr[0] == 'k' || (agent.ptr[0] >= 'A' && agent.ptr[0] <= 'G'));
    bool asked = ha_has(r, HA_FIELD_TARGET) && ha_noise_may_ask(target);
    return asks || asked ? ha_noise_look(r) : -1;
}

#endif
