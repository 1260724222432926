/* text_spikes.c - bursts of errors: when, how high, against what. */
#include "report/text_page.h"

/* "10:22 to 10:24 (3 min)", "since 10:22" for one that the log ends in. */
static void put_when(struct text_page *p, const struct ha_spike *s, enum text_date date)
{
    char length[HA_FIGURE];
    if (s->is_open)
        ha_buf_str(p->to, "since ");
    text_time(p->to, s->start_s * HA_US_PER_S, date, false);
    if (!s->is_open) {
        ha_buf_str(p->to, " to ");
        text_time(p->to, s->end_s * HA_US_PER_S, date, false);
    }
    ha_figure_duration((s->end_s - s->start_s) * HA_US_PER_S, length);
    ha_buf_printf(p->to, " (%s)", length);
}

/* Rates below ten a minute keep one digit behind the point; none is called none. */
static void put_rate(struct text_page *p, const char *name, double rate)
{
    if (rate < 0.05)
        ha_buf_printf(p->to, ", %s below 0.1/min", name);
    else
        ha_buf_printf(p->to, rate < 9.95 ? ", %s %.1f/min" : ", %s %.0f/min", name, rate);
}

static void put_spike(struct text_page *p, const struct ha_report_spike *one, enum text_date date)
{
    const struct ha_spike *s = &one->spike;
    char count[HA_FIGURE];
    enum ha_ink ink = ha_ink_of_class(one->name[0] - '0');
    ha_buf_str(p->to, "  ! ");
    text_left(p, ha_view_of(one->name), 5, ink);
    put_when(p, s, date);
    ha_figure_count(s->count, count);
    ha_buf_printf(p->to, "\n      %s error%s", count, s->count == 1 ? "" : "s");
    put_rate(p, "peak", s->peak_per_minute);
    put_rate(p, "usual", s->usual_per_minute);
    if (s->settled)
        ha_buf_str(p->to, "; lasted, so it is the usual since");
    ha_buf_char(p->to, '\n');
}

void text_spikes(struct text_page *p)
{
    const struct ha_report *r = p->report;
    if (r->spikes_state == HA_SPIKES_TOO_LONG) {
        text_heading(p, "SPIKES", "");
        text_fold(p,
                  HA_VIEW_LIT("  not looked for: the log spans too long to keep every minute; "
                              "--since chooses a part of it"),
                  2, false, HA_INK_PLAIN);
        return;
    }
    if (r->spike_count == 0)
        return;
    text_heading(p, "SPIKES", "errors a minute against what was usual, UTC");
    bool one_day =
        r->sums->last_us / (86400 * HA_US_PER_S) == r->sums->first_us / (86400 * HA_US_PER_S);
    for (size_t i = 0; i < r->spike_count; i++)
        put_spike(p, &r->spikes[i], one_day ? TEXT_NO_DATE : TEXT_MONTH_DAY);
}
