/* outcome.c - conditions of --fail-if, and whether anything matched. */
#include "outcome.h"

/* Says which conditions hold; true when one does. */
static bool thresholds_hold(const struct ha_config *config, const struct ha_tally_sums *sums)
{
    bool any = false;
    for (size_t i = 0; i < config->threshold_count; i++) {
        const struct ha_threshold *t = &config->thresholds[i];
        if (!ha_threshold_holds(t, sums))
            continue;
        static const char *const units[] = {"", " %", "/s", "/min", "/h"};
        struct ha_problem p;
        ha_problem_set(&p, HA_OK, "--fail-if", "%s holds: it is %.6g%s", t->text,
                       ha_threshold_measure(t, sums), units[t->unit]);
        ha_say_problem(&p);
        any = true;
    }
    return any;
}

int ha_outcome(const struct ha_config *config, const struct ha_tally_sums *sums)
{
    if (thresholds_hold(config, sums))
        return HA_EXIT_THRESHOLD;
    bool none_matched = sums->verdict[HA_UNMATCHED] > 0 && sums->verdict[HA_MATCHED] == 0 &&
                        sums->verdict[HA_SALVAGED] == 0;
    return none_matched ? HA_EXIT_NONE_MATCHED : HA_EXIT_OK;
}
