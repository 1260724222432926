/* csv.c - every count in one table of one shape, one row a number (RFC 4180, lines end in LF).
 *
 * Columns: what the row counts, which one, its name, count, share, bytes, and by how much the count
 * may be too high. Spreadsheets run text that begins like a formula: such a cell gets an
 * apostrophe. */
#include "report/formats.h"

#include <inttypes.h>
#include <stdio.h>

static const char *escape(char c)
{
    return c == '"' ? "\"\"" : NULL;
}

static bool begins_formula(struct ha_view v)
{
    return v.len > 1 && (v.ptr[0] == '=' || v.ptr[0] == '+' || v.ptr[0] == '-' || v.ptr[0] == '@');
}

static void cell(struct ha_buf *to, struct ha_view v)
{
    if (v.len == 0)
        return;
    ha_buf_char(to, '"');
    if (begins_formula(v))
        ha_buf_char(to, '\'');
    ha_put_escaped(to, v, escape);
    ha_buf_char(to, '"');
}

/* section,item,name */
static void begin(struct ha_buf *to, const char *section, struct ha_view item, const char *name)
{
    ha_buf_str(to, section);
    ha_buf_char(to, ',');
    cell(to, item);
    ha_buf_char(to, ',');
    cell(to, ha_view_of(name));
}

/* A count alone: shares and bytes do not apply. */
static void plain_row(struct ha_buf *to, const char *section, const char *item, const char *name,
                      uint64_t count)
{
    begin(to, section, ha_view_of(item), name);
    ha_buf_char(to, ',');
    ha_buf_u64(to, count);
    ha_buf_str(to, ",,,\n");
}

static void sum_row(struct ha_buf *to, struct ha_count sum, uint64_t whole)
{
    ha_buf_char(to, ',');
    ha_buf_u64(to, sum.count);
    ha_buf_printf(to, ",%.6g,", ha_share(sum.count, whole));
    ha_buf_u64(to, sum.body_bytes);
    ha_buf_str(to, ",\n");
}

static void input_rows(const struct ha_report *r, struct ha_buf *to)
{
    static const char *const verdicts[HA_VERDICT_N] = {
        [HA_BLANK] = "blank",       [HA_DIRECTIVE] = "directives", [HA_MATCHED] = "matched",
        [HA_SALVAGED] = "salvaged", [HA_UNMATCHED] = "unmatched",
    };
    const struct ha_tally_sums *s = r->sums;
    plain_row(to, "input", "lines", "", s->lines);
    for (size_t i = 0; i < HA_VERDICT_N; i++)
        plain_row(to, "input", verdicts[i], "", s->verdict[i]);
    plain_row(to, "input", "selected", r->selection, s->selected);
    plain_row(to, "input", "bytes", "", s->bytes);
    for (size_t i = 0; i < r->source_count; i++)
        plain_row(to, "source", r->sources[i].name, "", r->sources[i].lines);
    for (size_t i = 0; i < r->pattern_count; i++)
        plain_row(to, "pattern", r->patterns[i].name, "", r->patterns[i].count);
    for (int i = HA_REASON_NONE + 1; i < HA_REASON_N; i++)
        plain_row(to, "unmatched", ha_reason_name((enum ha_reason)i), "", s->reason[i]);
}

static void sum_rows(const struct ha_report *r, struct ha_buf *to)
{
    uint64_t whole = r->sums->selected;
    for (size_t i = 0; i < HA_COUNT(ha_class_names); i++) {
        const struct ha_class_name *c = &ha_class_names[i];
        begin(to, "class", ha_view_of(c->name), c->title);
        sum_row(to, r->sums->classes[c->index], whole);
    }
    for (size_t i = 0; i < r->status_count; i++) {
        const struct ha_report_status *s = &r->statuses[i];
        char code[16];
        snprintf(code, sizeof code, "%03d", s->fact->code);
        begin(to, "status", ha_view_of(code), s->fact->phrase);
        sum_row(to, s->sum, whole);
    }
    for (size_t i = 0; i < r->method_count; i++) {
        begin(to, "method", r->methods[i].method, ha_method_meaning(&r->methods[i]));
        sum_row(to, r->methods[i].sum, whole);
    }
}

static void top_rows(const struct ha_report *r, struct ha_buf *to)
{
    for (size_t which = 0; which < HA_TOP_N; which++) {
        uint64_t whole = ha_top_of_errors((enum ha_top)which) ? r->sums->errors : r->sums->selected;
        for (size_t i = 0; i < r->top_count[which]; i++) {
            const struct ha_top_entry *e = &r->top[which][i];
            char status[16] = "";
            if (which == HA_TOP_ERROR_PAIRS)
                snprintf(status, sizeof status, "%03d", e->status);
            begin(to, ha_top_key((enum ha_top)which), e->value, status);
            ha_buf_char(to, ',');
            ha_buf_u64(to, e->count);
            ha_buf_printf(to, ",%.6g,,", ha_share(e->count, whole));
            ha_buf_u64(to, e->at_most_over);
            ha_buf_char(to, '\n');
        }
    }
}

static void timeline_rows(const struct ha_report *r, struct ha_buf *to)
{
    char start[HA_TIME_TEXT];
    for (size_t i = 0; i < r->bucket_span; i++) {
        int64_t at_s = r->buckets[0].start_s + (int64_t)i * r->bucket_seconds;
        ha_time_text(at_s * HA_US_PER_S, 0, start);
        for (size_t series = 0; series < HA_SERIES_N; series++)
            plain_row(to, "timeline", start, ha_series_name(series), ha_bucket_count(r, i, series));
    }
}

static void method_rows(const struct ha_report *r, struct ha_buf *to)
{
    for (size_t i = 0; i < r->method_statuses_count; i++) {
        const struct ha_report_method_statuses *m = &r->method_statuses[i];
        for (int code = 0; code < 1000; code++) {
            char status[16];
            if (m->statuses[code] == 0)
                continue;
            snprintf(status, sizeof status, "%03d", code);
            begin(to, "status_by_method",
                  m->kind == HA_METHOD_REST ? HA_VIEW_LIT("(unlisted)") : m->method, status);
            ha_buf_char(to, ',');
            ha_buf_u64(to, m->statuses[code]);
            ha_buf_str(to, ",,,\n");
        }
    }
}

/* The figure stands where counts stand. */
static void spread_rows(struct ha_buf *to, const char *section, const char *item,
                        const struct ha_spread *s)
{
    if (s->count == 0)
        return;
    plain_row(to, section, item, "count", s->count);
    plain_row(to, section, item, "mean", s->mean);
    plain_row(to, section, item, "p50", s->p50);
    plain_row(to, section, item, "p90", s->p90);
    plain_row(to, section, item, "p95", s->p95);
    plain_row(to, section, item, "p99", s->p99);
    plain_row(to, section, item, "max", s->max);
}

static void figure_rows(const struct ha_report *r, struct ha_buf *to)
{
    for (size_t i = 0; i < HA_FAULT_N; i++)
        plain_row(to, "fault", ha_fault_name(i), "", r->faults[i]);
    for (size_t i = 0; i < HA_FAULT_N; i++)
        plain_row(to, "error_fault", ha_fault_name(i), "", r->error_faults[i]);
    method_rows(r, to);
    for (size_t i = 0; i < HA_DURATIONS_N; i++)
        spread_rows(to, "duration_us", ha_duration_group_name(i), &r->durations[i]);
    spread_rows(to, "size_bytes", "all", &r->sizes);
}

/* What rose, by the minute and group of its spike. */
static void who_rows(const struct ha_report_spike *one, const char *start, struct ha_buf *to)
{
    for (int aspect = 0; one->risen != NULL && aspect < HA_ASPECT_N; aspect++) {
        for (size_t i = 0; i < one->risen->count[aspect]; i++) {
            const struct ha_risen_value *v = &one->risen->value[aspect][i];
            ha_buf_printf(to, "spike_%s,\"%s %s\",", ha_aspect_name((enum ha_aspect)aspect), start,
                          one->name);
            cell(to, v->value);
            ha_buf_printf(to, ",%" PRIu64 ",%.6g,,\n", v->count, v->share);
        }
    }
}

/* When it ended, with the minutes it lasted for a count, and its rates; by the minute and group. */
static void height_rows(const struct ha_report_spike *one, const char *start, struct ha_buf *to)
{
    const struct ha_spike *s = &one->spike;
    char end[HA_TIME_TEXT];
    ha_time_text(s->end_s * HA_US_PER_S, 0, end);
    ha_buf_printf(to, "spike_end,\"%s %s\",\"%s\",%" PRId64 ",,,\n", start, one->name,
                  s->is_open ? "lasts" : end, (s->end_s - s->start_s) / HA_SPIKE_WIDTH_S);
    ha_buf_printf(to, "spike_peak,\"%s %s\",\"per minute\",%" PRIu64 ",,,\n", start, one->name,
                  (uint64_t)s->peak_per_minute);
    ha_buf_printf(to, "spike_usual,\"%s %s\",\"per minute\",%.6g,,,\n", start, one->name,
                  s->usual_per_minute);
}

/* The group and the minute each began in. */
static void spike_rows(const struct ha_report *r, struct ha_buf *to)
{
    char start[HA_TIME_TEXT];
    for (size_t i = 0; i < r->spike_count; i++) {
        ha_time_text(r->spikes[i].spike.start_s * HA_US_PER_S, 0, start);
        plain_row(to, "spike", start, r->spikes[i].name, r->spikes[i].spike.count);
        height_rows(&r->spikes[i], start, to);
        who_rows(&r->spikes[i], start, to);
    }
}

void ha_report_csv(const struct ha_report *r, const struct ha_report_style *style,
                   struct ha_buf *to)
{
    (void)style;
    ha_buf_str(to, "section,item,name,count,share,body_bytes,at_most_over\n");
    input_rows(r, to);
    plain_row(to, "totals", "requests", "", r->sums->selected);
    plain_row(to, "totals", "errors", r->without_noise ? "without noise" : "", r->errors);
    for (int i = 0; r->noise.known && i < HA_NOISE_N; i++)
        plain_row(to, "noise", ha_noise_name((enum ha_noise_kind)i), "", r->noise.count[i]);
    plain_row(to, "totals", "clients", r->clients_estimated ? "estimated" : "", r->clients);
    sum_rows(r, to);
    figure_rows(r, to);
    top_rows(r, to);
    timeline_rows(r, to);
    spike_rows(r, to);
    for (size_t i = 0; i < r->finding_count; i++)
        plain_row(to, "finding", r->findings[i].fact->id, ha_severity_name(r->findings[i].severity),
                  r->findings[i].count);
}
