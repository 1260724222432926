/* json_figures.c - statuses by method, sides of fault, durations and sizes in the JSON report. */
#include "report/formats.h"
#include "report/json_page.h"

/* {"200": 900, "404": 3} */
static void method_row(const struct ha_report_method_statuses *m, struct ha_buf *to)
{
    static const char *const kinds[] = {"named", "none", "unlisted"};
    bool first = true;
    ha_buf_str(to, "{\"method\": ");
    if (m->kind == HA_METHOD_NAMED)
        ha_buf_json_string(to, m->method);
    else
        ha_buf_str(to, "null");
    ha_buf_printf(to, ", \"kind\": \"%s\", \"statuses\": {", kinds[m->kind]);
    for (int code = 0; code < 1000; code++) {
        if (m->statuses[code] == 0)
            continue;
        ha_buf_printf(to, "%s\"%03d\": ", first ? "" : ", ", code);
        ha_buf_u64(to, m->statuses[code]);
        first = false;
    }
    ha_buf_str(to, "}}");
}

static void status_by_method(const struct ha_report *r, struct ha_buf *to)
{
    json_open_rows(to, 2, "status_by_method");
    for (size_t i = 0; i < r->method_statuses_count; i++) {
        json_row(to, 2, i == 0);
        method_row(&r->method_statuses[i], to);
    }
    json_close_rows(to, 2, r->method_statuses_count == 0, ",\n");
}

static void faults(const char *name, const uint64_t *sums, struct ha_buf *to)
{
    json_key(to, 2, name);
    for (size_t i = 0; i < HA_FAULT_N; i++) {
        ha_buf_str(to, i == 0 ? "{" : ", ");
        json_key(to, 0, ha_fault_name(i));
        ha_buf_u64(to, sums[i]);
    }
    ha_buf_str(to, "},\n");
}

static void spread(const struct ha_spread *s, const char *unit, struct ha_buf *to)
{
    const struct {
        const char *name;
        uint64_t value;
    } figures[] = {{"mean", s->mean}, {"p50", s->p50}, {"p90", s->p90},
                   {"p95", s->p95},   {"p99", s->p99}, {"max", s->max}};
    ha_buf_str(to, "\"count\": ");
    ha_buf_u64(to, s->count);
    for (size_t i = 0; i < HA_COUNT(figures); i++) {
        ha_buf_printf(to, ", \"%s_%s\": ", figures[i].name, unit);
        ha_buf_u64(to, figures[i].value);
    }
}

static void group(const struct ha_report *r, size_t which, size_t indent, struct ha_buf *to)
{
    json_key(to, indent, ha_duration_group_name(which));
    if (r->durations[which].count == 0) {
        ha_buf_str(to, "null");
        return;
    }
    ha_buf_char(to, '{');
    spread(&r->durations[which], "us", to);
    ha_buf_char(to, '}');
}

static void durations(const struct ha_report *r, struct ha_buf *to)
{
    json_key(to, 2, "durations");
    if (r->durations[HA_DURATIONS_ALL].count == 0) {
        ha_buf_str(to, "null,\n");
        return;
    }
    ha_buf_str(to, "{\n    ");
    spread(&r->durations[HA_DURATIONS_ALL], "us", to);
    ha_buf_printf(to, ",\n    \"relative_error\": %.7g,\n", HA_SPREAD_ERROR);
    group(r, HA_DURATIONS_SUCCESSES, 4, to);
    ha_buf_str(to, ",\n");
    group(r, HA_DURATIONS_ERRORS, 4, to);
    ha_buf_str(to, ",\n    \"classes\": {");
    for (size_t i = HA_DURATIONS_CLASSES; i < HA_DURATIONS_N; i++) {
        ha_buf_str(to, i == HA_DURATIONS_CLASSES ? "\n" : ",\n");
        group(r, i, 6, to);
    }
    ha_buf_str(to, "\n    }\n  },\n");
}

static void sizes(const struct ha_report *r, struct ha_buf *to)
{
    json_key(to, 2, "sizes");
    if (r->sizes.count == 0) {
        ha_buf_str(to, "null,\n");
        return;
    }
    ha_buf_char(to, '{');
    spread(&r->sizes, "bytes", to);
    ha_buf_printf(to, ", \"relative_error\": %.7g},\n", HA_SPREAD_ERROR);
}

void json_figures(const struct ha_report *r, struct ha_buf *to)
{
    status_by_method(r, to);
    faults("faults", r->faults, to);
    faults("error_faults", r->error_faults, to);
    durations(r, to);
    sizes(r, to);
}
