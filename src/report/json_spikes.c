/* json_spikes.c - the incidents in the JSON report. */
#include "report/formats.h"
#include "report/json_page.h"

static void time_field(struct ha_buf *to, const char *name, int64_t time_s)
{
    char text[HA_TIME_TEXT];
    ha_time_text(time_s * HA_US_PER_S, 0, text);
    json_field(to, name);
    json_string(to, text);
}

static void rate_field(struct ha_buf *to, const char *name, double rate)
{
    json_field(to, name);
    ha_buf_printf(to, "%.4g", rate);
}

static void group_or_null(struct ha_buf *to, int group)
{
    char name[HA_SPIKE_GROUP_TEXT];
    if (group == 0) {
        ha_buf_str(to, "null");
        return;
    }
    ha_spike_group_text(group, name);
    json_string(to, name);
}

/* What was looked at, and what the log began with: for logs too short to know what is usual. */
static void watch(const struct ha_report *r, struct ha_buf *to)
{
    static const char *const states[] = {[HA_SPIKES_LOOKED_FOR] = "looked_for",
                                         [HA_SPIKES_OFF] = "off",
                                         [HA_SPIKES_TOO_SHORT] = "too_short",
                                         [HA_SPIKES_TOO_LONG] = "too_long"};
    ha_buf_str(to, "  \"spike_watch\": {\n    \"state\": ");
    json_string(to, states[r->spikes_state]);
    ha_buf_printf(to, ",\n    \"all_statuses\": %s", r->spikes_lack_statuses ? "false" : "true");
    ha_buf_str(to, ",\n    \"early_requests\": ");
    ha_buf_u64(to, r->spikes_early);
    ha_buf_str(to, ",\n");
    json_open_rows(to, 4, "groups");
    for (size_t i = 0; i < r->spike_group_count; i++) {
        const struct ha_report_spike_group *g = &r->spike_groups[i];
        json_row(to, 4, i == 0);
        ha_buf_str(to, "{\"group\": ");
        json_string(to, g->name);
        json_field(to, "errors");
        ha_buf_u64(to, g->errors);
        json_field(to, "early_errors");
        ha_buf_u64(to, g->early_errors);
        json_field(to, "early_share");
        ha_buf_printf(to, "%.6g", g->early_share);
        json_field(to, "from_start");
        ha_buf_str(to, g->from_start ? "true}" : "false}");
    }
    json_close_rows(to, 4, r->spike_group_count == 0, "\n  },\n");
}

static void notes(const struct ha_report_spike *one, struct ha_buf *to)
{
    json_field(to, "looks_like");
    ha_buf_char(to, '[');
    for (size_t i = 0; i < one->note_count; i++) {
        struct ha_buf text = {0};
        ha_spike_note_text(&one->notes[i], &text);
        ha_buf_str(to, i > 0 ? ", {\"kind\": " : "{\"kind\": ");
        json_string(to, ha_spike_note_name(one->notes[i].kind));
        time_field(to, "start", one->notes[i].span.from_s);
        time_field(to, "end", one->notes[i].span.to_s);
        json_field(to, "message");
        ha_buf_json_string(to, (struct ha_view){text.ptr, text.len});
        ha_buf_char(to, '}');
        to->failed |= !ha_buf_ok(&text);
        ha_buf_free(&text);
    }
    ha_buf_char(to, ']');
}

/* Null when they were not looked for: nobody asked, or the log spans more minutes than are kept
 * apart. */
void json_spikes(const struct ha_report *r, struct ha_buf *to)
{
    watch(r, to);
    if (r->spikes_state == HA_SPIKES_TOO_LONG || r->spikes_state == HA_SPIKES_OFF) {
        ha_buf_str(to, "  \"spikes\": null,\n");
        return;
    }
    json_open_rows(to, 2, "spikes");
    for (size_t i = 0; i < r->spike_count; i++) {
        const struct ha_spike *s = &r->spikes[i].spike;
        json_row(to, 2, i == 0);
        ha_buf_str(to, "{\"group\": ");
        json_string(to, r->spikes[i].name);
        json_field(to, "within");
        group_or_null(to, r->spikes[i].within);
        time_field(to, "start", s->start_s);
        time_field(to, "end", s->end_s);
        json_field(to, "open");
        ha_buf_str(to, s->is_open ? "true" : "false");
        json_field(to, "settled");
        ha_buf_str(to, s->settled ? "true" : "false");
        json_field(to, "count");
        ha_buf_u64(to, s->count);
        rate_field(to, "peak_per_minute", s->peak_per_minute);
        rate_field(to, "usual_per_minute", s->usual_per_minute);
        rate_field(to, "ratio", s->peak_per_minute / s->usual_per_minute);
        json_spike_who(r->spikes[i].risen, to);
        notes(&r->spikes[i], to);
        ha_buf_char(to, '}');
    }
    json_close_rows(to, 2, r->spike_count == 0, ",\n");
}
