/* outcome.c - conditions of --fail-if, and whether anything matched. */
#include "outcome.h"

#include "httpannotate/lint.h"

static void count_findings(const struct ha_config *config, const struct ha_tally *tally,
                           uint64_t counts[HA_SEVERITY_N])
{
    struct ha_finding found[HA_FINDINGS_MOST];
    size_t count = ha_lint_judge(tally, config->ignored, found);
    for (size_t i = 0; i < count; i++) {
        uint64_t *to = &counts[found[i].severity];
        *to = *to + found[i].count < *to ? UINT64_MAX : *to + found[i].count;
    }
}

/* Says which conditions hold; true when one does. */
static bool thresholds_hold(const struct ha_config *config, const struct ha_tally *tally)
{
    bool any = false;
    uint64_t findings[HA_SEVERITY_N] = {0};
    if (config->threshold_count > 0)
        count_findings(config, tally, findings);
    const struct ha_measured measured = {ha_tally_sums(tally), findings};
    for (size_t i = 0; i < config->threshold_count; i++) {
        const struct ha_threshold *t = &config->thresholds[i];
        if (!ha_threshold_holds(t, &measured))
            continue;
        static const char *const units[] = {"", " %", "/s", "/min", "/h"};
        struct ha_problem p;
        ha_problem_set(&p, HA_OK, "--fail-if", "%s holds: it is %.6g%s", t->text,
                       ha_threshold_measure(t, &measured), units[t->unit]);
        ha_say_problem(&p);
        any = true;
    }
    return any;
}

int ha_outcome(const struct ha_config *config, const struct ha_tally *tally)
{
    const struct ha_tally_sums *sums = ha_tally_sums(tally);
    if (thresholds_hold(config, tally))
        return HA_EXIT_THRESHOLD;
    bool none_matched = sums->verdict[HA_UNMATCHED] > 0 && sums->verdict[HA_MATCHED] == 0 &&
                        sums->verdict[HA_SALVAGED] == 0;
    return none_matched ? HA_EXIT_NONE_MATCHED : HA_EXIT_OK;
}
