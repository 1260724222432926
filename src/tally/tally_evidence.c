/* tally_evidence.c - the samples that a tally keeps. */
#include "parts.h"

const struct ha_evidence *ha_tally_evidence(const struct ha_tally *t)
{
    return t->evidence != NULL && !t->evidence->lost ? t->evidence : NULL;
}
