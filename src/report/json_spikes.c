/* json_spikes.c - the incidents in the JSON report. */
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

/* Null when they were not looked for: nobody asked, or the log spans more minutes than are kept
 * apart. */
void json_spikes(const struct ha_report *r, struct ha_buf *to)
{
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
        /* Who and what rose is not looked for in this version: no list, which is not an empty one.
         */
        ha_buf_str(to, ", \"clients\": null, \"targets\": null, \"methods\": null}");
    }
    json_close_rows(to, 2, r->spike_count == 0, ",\n");
}
