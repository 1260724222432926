/* evidence_fixture.h - records made up for tests of samples: who asked for what, and when. */
#ifndef HTTPANNOTATE_TESTS_EVIDENCE_FIXTURE_H
#define HTTPANNOTATE_TESTS_EVIDENCE_FIXTURE_H

#include "httpannotate/evidence.h"
#include "httpannotate/facts.h"
#include "random.h"

#include <stdio.h>

#define FIXTURE_START_S INT64_C(1793491200) /* 2026-11-01T00:00:00Z */

/* A request. The texts are borrowed; what is NULL the record does not have. */
struct asked {
    int64_t time_s;
    int status;
    const char *client, *method, *target, *agent;
};

static inline struct ha_record fixture_record(const struct asked *a)
{
    struct ha_record r = {.verdict = HA_MATCHED,
                          .line = HA_VIEW_LIT("a line of a log"),
                          .has_time = true,
                          .time_us = a->time_s * HA_US_PER_S,
                          .status = (int16_t)a->status,
                          .method = HA_NO_METHOD};
    if (a->client != NULL)
        ha_put(&r, HA_FIELD_CLIENT, ha_view_of(a->client));
    if (a->target != NULL)
        ha_put(&r, HA_FIELD_TARGET, ha_view_of(a->target));
    if (a->agent != NULL)
        ha_put(&r, HA_FIELD_AGENT, ha_view_of(a->agent));
    if (a->method != NULL) {
        int index = ha_facts_method_index(ha_view_of(a->method));
        r.method = (int16_t)(index >= 0 ? index : HA_UNLISTED_METHOD);
        ha_put(&r, HA_FIELD_METHOD, ha_view_of(a->method));
    }
    return r;
}

static inline void fixture_add(struct ha_evidence *e, const struct asked *a)
{
    struct ha_record r = fixture_record(a);
    struct ha_witness w;
    if (ha_witness_of(&r, UINT64_MAX, &w))
        HA_ASSERT(ha_evidence_add(e, &w));
}

static inline struct ha_evidence *fixture_evidence(size_t errors, size_t others)
{
    struct ha_evidence_options o = {.errors = errors, .others = others, .templates = true};
    struct ha_evidence *e;
    HA_ASSERT(ha_evidence_new(&o, &e) == HA_OK);
    return e;
}

#endif
