/* html_spikes.c - bursts of errors, as a table of the HTML report. */
#include "report/formats.h"
#include "report/html_page.h"

#include "httpannotate/out.h"

static void put_notes(const struct ha_report_spike *one, struct ha_buf *to)
{
    for (size_t i = 0; i < one->note_count; i++) {
        struct ha_buf text = {0};
        ha_spike_note_text(&one->notes[i], &text);
        ha_buf_str(to, "<tr><td></td><td colspan=\"5\">");
        html_text(to, (struct ha_view){text.ptr, text.len});
        ha_buf_str(to, "</td></tr>\n");
        to->failed |= !ha_buf_ok(&text);
        ha_buf_free(&text);
    }
}

static void put_who(const struct ha_report *r, size_t i, struct ha_buf *to)
{
    struct ha_risen risen = ha_spike_news(r, i);
    struct ha_buf text = {0};
    ha_risen_text(&risen, &text);
    if (text.len > 0) {
        ha_buf_str(to, "<tr><td></td><td colspan=\"5\">");
        html_text(to, (struct ha_view){text.ptr, text.len});
        ha_buf_str(to, "</td></tr>\n");
    }
    to->failed |= !ha_buf_ok(&text);
    ha_buf_free(&text);
}

/* The heading, and what there is to say before the table. */
static void put_remark(const struct ha_report *r, struct ha_buf *to)
{
    struct ha_buf text = {0};
    bool has_remark = ha_spikes_remark(r, &text);
    if (has_remark || r->spike_count > 0)
        ha_buf_str(to, "<h2>Spikes</h2>\n");
    for (size_t i = 0; i < r->spike_group_count; i++) {
        struct ha_buf fact = {0};
        if (ha_spikes_fact(r, i, &fact)) {
            ha_buf_printf(to, "<p><span class=\"s %s\">%s</span> ",
                          html_class(r->spike_groups[i].name[0] - '0'), r->spike_groups[i].name);
            html_text(to, (struct ha_view){fact.ptr, fact.len});
            ha_buf_str(to, "</p>\n");
        }
        to->failed |= !ha_buf_ok(&fact);
        ha_buf_free(&fact);
    }
    if (has_remark) {
        ha_buf_str(to, "<p class=\"d\">");
        html_text(to, (struct ha_view){text.ptr, text.len});
        ha_buf_str(to, "</p>\n");
    }
    to->failed |= !ha_buf_ok(&text);
    ha_buf_free(&text);
}

void html_spikes(const struct ha_report *r, struct ha_buf *to)
{
    char start[HA_TIME_TEXT], end[HA_TIME_TEXT], usual[HA_FIGURE];
    put_remark(r, to);
    if (r->spike_count == 0)
        return;
    ha_buf_str(to, "<table>\n<tr><th>errors<th>start<th>end<th class=\"n\">count"
                   "<th class=\"n\">peak a minute<th class=\"n\">usual</tr>\n");
    for (size_t i = 0; i < r->spike_count; i++) {
        const struct ha_spike *s = &r->spikes[i].spike;
        ha_time_text(s->start_s * HA_US_PER_S, 0, start);
        ha_time_text(s->end_s * HA_US_PER_S, 0, end);
        ha_buf_printf(to, "<tr><td class=\"s %s%s\">%s</td><td>%s</td><td>%s</td><td class=\"n\">",
                      html_class(r->spikes[i].name[0] - '0'), r->spikes[i].within != 0 ? " in" : "",
                      r->spikes[i].name, start, s->is_open ? "lasts" : end);
        html_count(to, s->count);
        ha_buf_str(to, "</td><td class=\"n\">");
        html_count(to, (uint64_t)s->peak_per_minute);
        ha_figure_errors_rate(s->usual_per_minute, usual);
        ha_buf_printf(to, "</td><td class=\"n\">%s</td></tr>\n", usual);
        put_who(r, i, to);
        put_notes(&r->spikes[i], to);
    }
    ha_buf_str(to, "</table>\n");
}
