/* partial_noise.c - the section of a partial report with the noise that does not follow from other
 * sums. Reports of earlier builds lack it. */
#include "partial_parts.h"

static const enum ha_noise_kind kinds[] = {HA_NOISE_IDLE, HA_NOISE_CHALLENGE, HA_NOISE_HEALTH};

void ha_put_noise(const struct ha_partial *p, struct ha_buf *to)
{
    ha_put_u64(to, p->tally->noise.lacks);
    for (size_t i = 0; i < HA_COUNT(kinds); i++)
        ha_put_u64(to, p->tally->noise.count[kinds[i]]);
}

void ha_take_noise(struct ha_intake *in, struct ha_taker *from)
{
    struct ha_noise_sums n = {.lacks = ha_take_upto(from, 1) == 1};
    uint64_t sum = 0;
    for (size_t i = 0; i < HA_COUNT(kinds); i++) {
        n.count[kinds[i]] = ha_take_upto(from, in->sums.selected);
        sum = ha_sat_add(sum, n.count[kinds[i]]);
    }
    if (sum > in->sums.selected || n.count[HA_NOISE_IDLE] > in->sums.status[408].count ||
        n.count[HA_NOISE_CHALLENGE] > in->sums.status[401].count)
        ha_take_bad(from);
    else if (in->adding)
        ha_noise_merge(&in->into->tally->noise, &n);
}

void ha_lack_noise(struct ha_intake *in)
{
    if (in->adding && in->sums.selected > 0)
        in->into->tally->noise.lacks = true;
}
