/* openmetrics.c - the counts as OpenMetrics text (openmetrics.io, version 1.0.0).
 *
 * Gauges all: a report replaces the one before it, and its counts are those of its own input, which
 * may be less than the last one's. Top lists are left out: their values would be labels without
 * end. */
#include "report/formats.h"

#include <inttypes.h>

static const char *escape(char c)
{
    return c == '\\' ? "\\\\" : c == '"' ? "\\\"" : NULL;
}

static void family(struct ha_buf *to, const char *name, const char *unit, const char *help)
{
    ha_buf_printf(to, "# TYPE httpannotate_%s gauge\n", name);
    if (unit[0] != '\0')
        ha_buf_printf(to, "# UNIT httpannotate_%s %s\n", name, unit);
    ha_buf_printf(to, "# HELP httpannotate_%s %s\n", name, help);
}

static void label(struct ha_buf *to, const char *name, struct ha_view value)
{
    ha_buf_str(to, name);
    ha_buf_str(to, "=\"");
    ha_put_escaped(to, value, escape);
    ha_buf_char(to, '"');
}

/* httpannotate_NAME{LABEL="VALUE"} N */
static void sample(struct ha_buf *to, const char *name, const char *label_name,
                   struct ha_view value, uint64_t n)
{
    ha_buf_printf(to, "httpannotate_%s", name);
    if (label_name[0] != '\0') {
        ha_buf_char(to, '{');
        label(to, label_name, value);
        ha_buf_char(to, '}');
    }
    ha_buf_char(to, ' ');
    ha_buf_u64(to, n);
    ha_buf_char(to, '\n');
}

static void plain(struct ha_buf *to, const char *name, const char *unit, const char *help,
                  uint64_t n)
{
    family(to, name, unit, help);
    sample(to, name, "", HA_VIEW_LIT(""), n);
}

static void input(const struct ha_report *r, struct ha_buf *to)
{
    static const char *const verdicts[HA_VERDICT_N] = {
        [HA_BLANK] = "blank",       [HA_DIRECTIVE] = "directive", [HA_MATCHED] = "matched",
        [HA_SALVAGED] = "salvaged", [HA_UNMATCHED] = "unmatched",
    };
    family(to, "lines", "", "Lines of the input by what became of them.");
    for (size_t i = 0; i < HA_VERDICT_N; i++)
        sample(to, "lines", "verdict", ha_view_of(verdicts[i]), r->sums->verdict[i]);
    family(to, "unmatched_lines", "", "Lines that no pattern reads, by reason.");
    for (int i = HA_REASON_NONE + 1; i < HA_REASON_N; i++)
        sample(to, "unmatched_lines", "reason", ha_view_of(ha_reason_name((enum ha_reason)i)),
               r->sums->reason[i]);
    plain(to, "input_bytes", "bytes", "Bytes of the input.", r->sums->bytes);
}

static void classes(const struct ha_report *r, struct ha_buf *to)
{
    family(to, "class_requests", "", "Selected requests by class of their status.");
    for (size_t i = 0; i < HA_COUNT(ha_class_names); i++)
        sample(to, "class_requests", "class", ha_view_of(ha_class_names[i].name),
               r->sums->classes[ha_class_names[i].index].count);
    family(to, "class_body_bytes", "bytes", "Bytes sent by class of the status.");
    for (size_t i = 0; i < HA_COUNT(ha_class_names); i++)
        sample(to, "class_body_bytes", "class", ha_view_of(ha_class_names[i].name),
               r->sums->classes[ha_class_names[i].index].body_bytes);
}

static void statuses_and_methods(const struct ha_report *r, struct ha_buf *to)
{
    family(to, "status_requests", "", "Selected requests by status.");
    for (size_t i = 0; i < r->status_count; i++) {
        const struct ha_report_status *s = &r->statuses[i];
        ha_buf_printf(to, "httpannotate_status_requests{status=\"%03d\",", s->fact->code);
        label(to, "class", ha_view_of(ha_class_key(s->fact->code)));
        ha_buf_char(to, ',');
        label(to, "phrase", ha_view_of(s->fact->phrase));
        ha_buf_str(to, "} ");
        ha_buf_u64(to, s->sum.count);
        ha_buf_char(to, '\n');
    }
    static const char *const kinds[] = {"named", "none", "rest"};
    family(to, "method_requests", "", "Selected requests by method.");
    for (size_t i = 0; i < r->method_count; i++) {
        const struct ha_report_method *m = &r->methods[i];
        ha_buf_str(to, "httpannotate_method_requests{");
        label(to, "method", m->method);
        ha_buf_char(to, ',');
        label(to, "kind", ha_view_of(kinds[m->kind]));
        ha_buf_str(to, "} ");
        ha_buf_u64(to, m->sum.count);
        ha_buf_char(to, '\n');
    }
}

/* Microseconds as seconds. */
static void put_seconds(struct ha_buf *to, uint64_t us)
{
    ha_buf_printf(to, "%" PRIu64 ".%06" PRIu64, us / (uint64_t)HA_US_PER_S,
                  us % (uint64_t)HA_US_PER_S);
}

static void durations(const struct ha_report *r, struct ha_buf *to)
{
    if (r->durations[HA_DURATIONS_ALL].count == 0)
        return;
    family(to, "duration_seconds", "seconds",
           "Durations that so great a share is not above, by group of statuses.");
    for (size_t i = 0; i < HA_DURATIONS_N; i++) {
        const struct ha_spread *s = &r->durations[i];
        const struct {
            const char *share;
            uint64_t us;
        } figures[] = {
            {"0.5", s->p50}, {"0.9", s->p90}, {"0.95", s->p95}, {"0.99", s->p99}, {"1", s->max}};
        for (size_t k = 0; s->count > 0 && k < HA_COUNT(figures); k++) {
            ha_buf_printf(to, "httpannotate_duration_seconds{group=\"%s\",share=\"%s\"} ",
                          ha_duration_group_name(i), figures[k].share);
            put_seconds(to, figures[k].us);
            ha_buf_char(to, '\n');
        }
    }
    family(to, "timed_requests", "", "Selected requests that tell their duration, by group.");
    for (size_t i = 0; i < HA_DURATIONS_N; i++)
        if (r->durations[i].count > 0)
            sample(to, "timed_requests", "group", ha_view_of(ha_duration_group_name(i)),
                   r->durations[i].count);
}

static void faults(const struct ha_report *r, struct ha_buf *to)
{
    family(to, "fault_requests", "", "Selected requests by whose fault their status tells.");
    for (size_t i = 0; i < HA_FAULT_N; i++)
        sample(to, "fault_requests", "side", ha_view_of(ha_fault_name(i)), r->faults[i]);
    family(to, "error_fault_requests", "", "Errors by whose fault their status tells.");
    for (size_t i = 0; i < HA_FAULT_N; i++)
        sample(to, "error_fault_requests", "side", ha_view_of(ha_fault_name(i)),
               r->error_faults[i]);
}

/* None at all where they could not be looked for: no sample is not a zero. */
static void spikes(const struct ha_report *r, struct ha_buf *to)
{
    if (r->spikes_state != HA_SPIKES_LOOKED_FOR)
        return;
    family(to, "spikes", "", "Bursts of errors, by group of statuses.");
    for (size_t g = 0; g < r->spike_group_count; g++) {
        uint64_t count = 0;
        for (size_t i = 0; i < r->spike_count; i++)
            count += r->spikes[i].group == r->spike_groups[g].group;
        sample(to, "spikes", "group", ha_view_of(r->spike_groups[g].name), count);
    }
}

static void findings(const struct ha_report *r, struct ha_buf *to)
{
    if (r->findings == NULL)
        return;
    family(to, "findings", "",
           "What should not be, by rule: requests, or clients or targets over time.");
    for (size_t i = 0; i < r->finding_count; i++)
        ha_buf_printf(to, "httpannotate_findings{rule=\"%s\",severity=\"%s\"} %llu\n",
                      r->findings[i].fact->id, ha_severity_name(r->findings[i].severity),
                      (unsigned long long)r->findings[i].count);
}

static void seconds(struct ha_buf *to, const char *name, const char *help, int64_t time_us)
{
    const char *sign = time_us < 0 ? "-" : "";
    uint64_t us = time_us < 0 ? -(uint64_t)time_us : (uint64_t)time_us;
    family(to, name, "seconds", help);
    ha_buf_printf(to, "httpannotate_%s %s", name, sign);
    put_seconds(to, us);
    ha_buf_char(to, '\n');
}

void ha_report_openmetrics(const struct ha_report *r, const struct ha_report_style *style,
                           struct ha_buf *to)
{
    (void)style;
    input(r, to);
    plain(to, "requests", "", "Selected requests.", r->sums->selected);
    plain(to, "errors", "", "Selected requests with a status of 4xx or 5xx.", r->errors);
    family(to, "error_ratio", "ratio", "Errors among the selected requests.");
    ha_buf_printf(to, "httpannotate_error_ratio %.6g\n", ha_share(r->errors, r->errors_of));
    plain(to, "clients", "", "Distinct clients of the selected requests.", r->clients);
    classes(r, to);
    statuses_and_methods(r, to);
    faults(r, to);
    spikes(r, to);
    findings(r, to);
    durations(r, to);
    if (r->sums->has_time) {
        seconds(to, "first_request_timestamp_seconds", "Time of the first selected request.",
                r->sums->first_us);
        seconds(to, "last_request_timestamp_seconds", "Time of the last selected request.",
                r->sums->last_us);
    }
    ha_buf_str(to, "# EOF\n");
}
