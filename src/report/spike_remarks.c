/* spike_remarks.c - what is said where spikes could not be looked for as they should. */
#include "report/formats.h"

bool ha_spikes_remark(const struct ha_report *r, struct ha_buf *to)
{
    enum { WORTH_A_WORD = 5 }; /* errors: fewer are never a spike */
    uint64_t most = 0;
    for (size_t i = 0; i < r->spike_group_count; i++)
        most = r->spike_groups[i].errors > most ? r->spike_groups[i].errors : most;
    if (r->spikes_state == HA_SPIKES_TOO_LONG)
        ha_buf_str(to, "not looked for: the log spans too long to keep every minute; --since "
                       "chooses a part of it");
    else if (r->spikes_state == HA_SPIKES_TOO_SHORT && most >= WORTH_A_WORD)
        ha_buf_str(to, "no usual to compare with: the log spans less than the 10 minutes that "
                       "spikes are told from");
    else if (r->spikes_state == HA_SPIKES_LOOKED_FOR && r->spikes_lack_statuses)
        ha_buf_str(to, "statuses were not looked at one by one: too many minutes have errors, or "
                       "a partial report of an earlier version has no count of them; --since "
                       "chooses a part of a log");
    else
        return false;
    return true;
}

bool ha_spikes_fact(const struct ha_report *r, size_t group, struct ha_buf *to)
{
    const struct ha_report_spike_group *g = &r->spike_groups[group];
    char share[HA_FIGURE], errors[HA_FIGURE], all[HA_FIGURE];
    if (r->spikes_state != HA_SPIKES_TOO_SHORT || !g->from_start ||
        (g->group >= 400 && g->group != 429))
        return false;
    ha_figure_percent(g->early_errors, r->spikes_early, share);
    ha_figure_count(g->early_errors, errors);
    ha_figure_count(r->spikes_early, all);
    ha_buf_printf(to, "%s of requests from the first line on (%s of %s%s)", share, errors, all,
                  r->spikes_later ? " in the first five minutes" : "");
    return true;
}
