/* tally_evidence.c - the samples that a tally keeps, and what workers are told of them. */
#include "parts.h"

void ha_tally_follow(struct ha_tally *t, const struct ha_tally *common)
{
    if (t->evidence != NULL)
        ha_evidence_follow(t->evidence, common->evidence);
}

const struct ha_evidence *ha_tally_evidence(const struct ha_tally *t)
{
    return t->evidence != NULL && !t->evidence->lost ? t->evidence : NULL;
}
