/* outcome.c - conditions of --fail-if, and whether anything matched. */
#include "outcome.h"

#include "httpannotate/lint.h"

#include <string.h>

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

static bool asks_for_spikes(const struct ha_config *config)
{
    for (size_t i = 0; i < config->threshold_count; i++)
        if (config->thresholds[i].subject == HA_SUBJECT_SPIKES)
            return true;
    return false;
}

/* False, and said why, when they were not looked for or memory ran out: no condition may then be
 * taken for one that does not hold. */
static bool count_spikes(const struct ha_config *config, const struct ha_tally *tally,
                         uint64_t *count)
{
    struct ha_problem p;
    enum ha_spikes_state state = HA_SPIKES_LOOKED_FOR;
    if (!asks_for_spikes(config))
        return true;
    enum ha_err err = ha_report_count_spikes(tally, &config->spikes, count, &state);
    if (err == HA_OK && state != HA_SPIKES_TOO_LONG)
        return true;
    ha_problem_set(&p, err, "--fail-if", "spikes were not looked for: %s",
                   err != HA_OK ? "out of memory"
                                : "the log spans too long to keep every minute; --since chooses a "
                                  "part of it");
    ha_say_problem(&p);
    return false;
}

/* False, and said why, when a condition is to be held against errors without noise and that is not
 * known. */
static bool is_noise_known(const struct ha_config *config, const struct ha_tally *tally)
{
    struct ha_problem p;
    bool asks = false;
    for (size_t i = 0; i < config->threshold_count; i++)
        asks |= config->thresholds[i].subject == HA_SUBJECT_ERRORS;
    if (!asks || !config->benign || ha_tally_noise(tally).known)
        return true;
    ha_problem_set(&p, HA_OK, "--fail-if",
                   "errors without benign noise are not known: an earlier version counted some of "
                   "the partial reports");
    ha_say_problem(&p);
    return false;
}

/* Says which conditions hold; true when one does. */
static bool thresholds_hold(const struct ha_config *config, const struct ha_tally *tally,
                            uint64_t spikes)
{
    bool any = false;
    uint64_t findings[HA_SEVERITY_N] = {0};
    if (config->threshold_count > 0)
        count_findings(config, tally, findings);
    const struct ha_noise noise = config->benign ? ha_tally_noise(tally) : (struct ha_noise){0};
    const struct ha_measured measured = {ha_tally_sums(tally), findings, spikes, noise.all,
                                         noise.errors};
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
    uint64_t spikes = 0;
    if (!count_spikes(config, tally, &spikes) || !is_noise_known(config, tally))
        return HA_EXIT_TROUBLE;
    if (thresholds_hold(config, tally, spikes))
        return HA_EXIT_THRESHOLD;
    bool none_matched = sums->verdict[HA_UNMATCHED] > 0 && sums->verdict[HA_MATCHED] == 0 &&
                        sums->verdict[HA_SALVAGED] == 0;
    return none_matched ? HA_EXIT_NONE_MATCHED : HA_EXIT_OK;
}

static bool has_text_report(const struct ha_config *config)
{
    for (size_t i = 0; i < config->output_count; i++)
        if (config->outputs[i].path == NULL &&
            strcmp(config->outputs[i].reporter->name, "text") == 0)
            return config->report;
    return config->report && config->output_count == 0;
}

void ha_outcome_tell_odd_text(const struct ha_config *config, const struct ha_tally *tally)
{
    const struct ha_sample *samples;
    size_t which, count = ha_tally_samples(tally, &samples);
    const struct ha_odd_text *odd = ha_odd_text(samples, count, &which);
    if (odd == NULL || has_text_report(config))
        return;
    struct ha_problem p;
    const char *name =
        samples[which].source < config->file_count ? config->files[samples[which].source] : "-";
    ha_problem_set(&p, HA_OK, strcmp(name, "-") == 0 ? "standard input" : name,
                   "%s; to read it: %s", odd->what, odd->command);
    ha_say_problem(&p);
}
