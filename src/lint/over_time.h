/* over_time.h - rules on what one client or one target did over time. */
#ifndef HTTPANNOTATE_LINT_OVER_TIME_H
#define HTTPANNOTATE_LINT_OVER_TIME_H

#include "httpannotate/lint.h"

/* Whether an address is taken for that of several users, by how many agents it has. */
static inline bool ha_actor_is_many(const struct ha_actor *a)
{
    return a->agents == HA_MANY_AGENTS;
}

/* An actor that breaks the rule of its kind, and the figures that say how much. */
struct ha_ill {
    struct ha_actor actor;
    uint64_t figure[2];
    bool head_fails; /* HA_CONDUCT_TWIN: HEAD fails and GET succeeds; else the other way round */
};
/* How many actors break the rule of a kind; the worst of them goes to *worst, if there is one. */
uint64_t ha_lint_ill(const struct ha_conduct *c, enum ha_conduct_kind kind, struct ha_ill *worst);

/* Fills f for a rule on what was done over time: count, first line and words of the worst. False
 * when the rule is none of these. is_part: a selection left requests out. */
bool ha_lint_over_time(const struct ha_tally *t, bool is_part, struct ha_finding *f);

#endif
