/* parts.h - what a tally is made of: for those who count, and those who write it down. */
#ifndef HTTPANNOTATE_TALLY_PARTS_H
#define HTTPANNOTATE_TALLY_PARTS_H

#include "cells.h"
#include "conduct.h"
#include "distinct.h"
#include "error_minutes.h"
#include "errors.h"
#include "evidence_parts.h"
#include "findings.h"
#include "httpannotate/tally.h"
#include "method_statuses.h"
#include "methods.h"
#include "noise.h"
#include "quantiles.h"
#include "samples.h"
#include "timeline.h"
#include "top.h"

struct ha_tally {
    struct ha_tally_sums sums;
    struct ha_cells cells; /* what the sums have not been told */
    struct ha_methods methods;
    struct ha_method_statuses method_statuses;
    struct ha_quantiles durations[6]; /* by index of sums.classes */
    struct ha_quantiles sizes;
    struct ha_timeline timeline;
    struct ha_error_minutes error_minutes;
    struct ha_samples samples;
    struct ha_findings findings;
    struct ha_evidence *evidence; /* NULL: none is kept */
    struct ha_conduct conduct;
    struct ha_noise_sums noise;
    struct ha_distinct clients;
    struct ha_top_list top[HA_TOP_N];
    struct ha_error_places error_places;
    uint64_t *pattern;
    size_t patterns;
    struct ha_tally_options options;
    bool tops, keep_query, failed;
};

/* Adds the sums of from to those of into. */
void ha_sums_merge(struct ha_tally_sums *into, const struct ha_tally_sums *from);

#endif
