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

static void ratio(const char *name, double value, struct ha_buf *to)
{
    json_field(to, name);
    if (value > 1e300) /* there was none before */
        ha_buf_str(to, "null");
    else
        ha_buf_printf(to, "%.4g", value);
}

static void diff_rows(const struct ha_diff *d, const char *name, const struct ha_diff_row *rows,
                      size_t count, struct ha_buf *to)
{
    json_open_rows(to, 4, name);
    for (size_t i = 0; i < count; i++) {
        const struct ha_diff_row *r = &rows[i];
        json_row(to, 4, i == 0);
        ha_buf_char(to, '{');
        if (r->target.ptr != NULL) {
            ha_buf_str(to, "\"value\": ");
            ha_buf_json_string(to, r->target);
            ha_buf_str(to, ", ");
        }
        ha_buf_printf(to, "\"status\": %d, \"count\": ", r->status);
        ha_buf_u64(to, r->now);
        ha_buf_str(to, ", \"before\": ");
        ha_buf_u64(to, r->before);
        ha_buf_printf(to, ", \"share\": %.6g, \"share_before\": %.6g", ha_share(r->now, d->now),
                      ha_share(r->before, d->before));
        ratio("ratio_low", r->low, to);
        ratio("ratio_high", r->high, to);
        ha_buf_printf(to, ", \"verdict\": \"%s\"}", ha_diff_verdict_name(r->verdict));
    }
    json_close_rows(to, 4, count == 0, ",\n");
}

static void diff(const struct ha_report *r, struct ha_buf *to)
{
    const struct ha_diff *d = &r->diff;
    json_key(to, 2, "diff");
    if (!r->has_diff) {
        ha_buf_str(to, "null,\n");
        return;
    }
    ha_buf_str(to, "{\n    \"with\": ");
    json_string(to, r->before_name);
    ha_buf_printf(to, ",\n    \"confidence\": %.6g,\n    \"least_change\": %.6g,\n",
                  HA_DIFF_CONFIDENCE, HA_DIFF_LEAST);
    json_number_line(to, 4, "requests", d->now);
    json_number_line(to, 4, "requests_before", d->before);
    diff_rows(d, "statuses", d->statuses, d->status_count, to);
    diff_rows(d, "error_target_statuses", d->pairs, d->pair_count, to);
    json_number_line(to, 4, "not_shown", d->pairs_changed - d->pair_count);
    ha_buf_str(to, "    \"no_clear_change\": ");
    ha_buf_u64(to, d->pairs_same);
    ha_buf_str(to, "\n  },\n");
}

void json_figures(const struct ha_report *r, struct ha_buf *to)
{
    status_by_method(r, to);
    faults("faults", r->faults, to);
    faults("error_faults", r->error_faults, to);
    durations(r, to);
    sizes(r, to);
    diff(r, to);
}
