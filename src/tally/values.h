/* values.h - what records add to the lists of who and what. */
#ifndef HTTPANNOTATE_TALLY_VALUES_H
#define HTTPANNOTATE_TALLY_VALUES_H

#include "parts.h"

/* Records that are counted together. */
#define HA_VALUES_BATCH 64

/* Counts the values of n records, up to HA_VALUES_BATCH of them, in all lists, which the tally must
 * have; series[i] not HA_SERIES_N: record i is meant. False when memory ran out: some were then not
 * counted. */
bool ha_values_add(struct ha_tally *t, const struct ha_record *records, const uint8_t *series,
                   size_t n) HA_MUST_USE;

#endif
