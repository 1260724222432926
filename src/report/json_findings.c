/* json_findings.c - what rules found, gravest first. */
#include "report/json_page.h"

#include <inttypes.h>

static void string_field(struct ha_buf *to, const char *name, const char *value)
{
    json_field(to, name);
    json_string(to, value);
}

void json_returns(const struct ha_report *r, struct ha_buf *to)
{
    const struct ha_returns *n = &r->returns;
    json_key(to, 2, "no_back_off");
    if (!r->has_returns) {
        ha_buf_str(to, "null,\n");
        return;
    }
    ha_buf_printf(to,
                  "{\"clients\": %" PRIu64 ", \"limited_clients\": %" PRIu64
                  ", \"one_in\": %" PRIu64 ", \"median_gap_seconds\": %" PRIu64
                  ", \"worst\": {\"client\": ",
                  n->clients, n->limited, n->one_in, n->median_gap_s);
    if (n->worst.ptr != NULL)
        ha_buf_json_string(to, n->worst);
    else
        ha_buf_str(to, "null");
    ha_buf_printf(
        to, ", \"times\": %" PRIu64 ", \"gap_seconds\": %" PRIu64 ", \"first_line\": %" PRIu64,
        n->worst_times, n->worst_gap_s, n->worst_line);
    json_source(r, n->worst_source, to);
    ha_buf_str(to, "}},\n");
}

void json_findings(const struct ha_report *r, struct ha_buf *to)
{
    if (r->findings == NULL) {
        ha_buf_str(to, "  \"findings\": null,\n");
        return;
    }
    json_open_rows(to, 2, "findings");
    for (size_t i = 0; i < r->finding_count; i++) {
        const struct ha_finding *f = &r->findings[i];
        const struct ha_found first = ha_finding_first(f);
        json_row(to, 2, i == 0);
        ha_buf_str(to, "{\"id\": ");
        json_string(to, f->fact->id);
        string_field(to, "severity", ha_severity_name(f->severity));
        string_field(to, "certainty", f->certainty);
        json_field(to, "count");
        ha_buf_u64(to, f->count);
        string_field(to, "message", f->fact->message);
        string_field(to, "basis", f->fact->basis);
        if (f->one_in > 1) {
            json_field(to, "one_in");
            ha_buf_u64(to, f->one_in);
        }
        json_field(to, "first_line");
        ha_buf_u64(to, first.line_number);
        json_source(r, first.source, to);
        json_field(to, "example");
        ha_buf_json_string(to, first.text);
        ha_buf_char(to, '}');
    }
    json_close_rows(to, 2, r->finding_count == 0, ",\n");
}
