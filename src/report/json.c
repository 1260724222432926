/* json.c - the report as one JSON object, schema httpannotate.report/1.
 *
 * One row of a list stands on one line, so that two reports compare well with diff. Nothing in it
 * depends on the run itself: the same input gives the same bytes. */
#include "report/formats.h"
#include "report/json_page.h"

#include <inttypes.h>
#include <string.h>

void json_string(struct ha_buf *to, const char *s)
{
    ha_buf_json_string(to, ha_view_of(s));
}

void json_key(struct ha_buf *to, size_t indent, const char *name)
{
    ha_buf_fill(to, ' ', indent);
    json_string(to, name);
    ha_buf_str(to, ": ");
}

void json_number_line(struct ha_buf *to, size_t indent, const char *name, uint64_t n)
{
    json_key(to, indent, name);
    ha_buf_u64(to, n);
    ha_buf_str(to, ",\n");
}

void json_field(struct ha_buf *to, const char *name)
{
    ha_buf_str(to, ", ");
    json_key(to, 0, name);
}

static void count_fields(struct ha_buf *to, struct ha_count sum, uint64_t whole)
{
    json_field(to, "count");
    ha_buf_u64(to, sum.count);
    json_field(to, "share");
    ha_buf_printf(to, "%.6g", ha_share(sum.count, whole));
}

static void bytes_field(struct ha_buf *to, struct ha_count sum)
{
    json_field(to, "body_bytes");
    ha_buf_u64(to, sum.body_bytes);
}

static void string_field(struct ha_buf *to, const char *name, const char *value)
{
    json_field(to, name);
    json_string(to, value);
}

static void bool_field(struct ha_buf *to, const char *name, bool value)
{
    json_field(to, name);
    ha_buf_str(to, value ? "true" : "false");
}

void json_source(const struct ha_report *r, uint32_t index, struct ha_buf *to)
{
    json_field(to, "source");
    if (r->source_count > 1 && index < r->source_count)
        json_string(to, r->sources[index].name);
    else
        ha_buf_str(to, "null");
}

void json_open_rows(struct ha_buf *to, size_t indent, const char *name)
{
    json_key(to, indent, name);
    ha_buf_char(to, '[');
}

void json_row(struct ha_buf *to, size_t indent, bool first)
{
    ha_buf_str(to, first ? "\n" : ",\n");
    ha_buf_fill(to, ' ', indent + 2);
}

void json_close_rows(struct ha_buf *to, size_t indent, bool empty, const char *end)
{
    if (!empty) {
        ha_buf_char(to, '\n');
        ha_buf_fill(to, ' ', indent);
    }
    ha_buf_char(to, ']');
    ha_buf_str(to, end);
}

static void write_sources(const struct ha_report *r, struct ha_buf *to)
{
    json_open_rows(to, 4, "sources");
    for (size_t i = 0; i < r->source_count; i++) {
        json_row(to, 4, i == 0);
        ha_buf_str(to, "{\"name\": ");
        json_string(to, r->sources[i].name);
        json_field(to, "lines");
        ha_buf_u64(to, r->sources[i].lines);
        json_field(to, "bytes");
        ha_buf_u64(to, r->sources[i].bytes);
        ha_buf_char(to, '}');
    }
    json_close_rows(to, 4, r->source_count == 0, ",\n");
}

static void write_input(const struct ha_report *r, struct ha_buf *to)
{
    const struct ha_tally_sums *s = r->sums;
    ha_buf_str(to, "  \"input\": {\n");
    json_number_line(to, 4, "lines", s->lines);
    json_number_line(to, 4, "blank", s->verdict[HA_BLANK]);
    json_number_line(to, 4, "directives", s->verdict[HA_DIRECTIVE]);
    json_number_line(to, 4, "matched", s->verdict[HA_MATCHED]);
    json_number_line(to, 4, "salvaged", s->verdict[HA_SALVAGED]);
    json_number_line(to, 4, "unmatched", s->verdict[HA_UNMATCHED]);
    json_number_line(to, 4, "selected", s->selected);
    json_number_line(to, 4, "not_selected",
                     s->verdict[HA_MATCHED] + s->verdict[HA_SALVAGED] - s->selected);
    json_number_line(to, 4, "bytes", s->bytes);
    write_sources(r, to);
    json_key(to, 4, "patterns");
    ha_buf_char(to, '{');
    for (size_t i = 0; i < r->pattern_count; i++) {
        json_key(to, 0, r->patterns[i].name);
        ha_buf_u64(to, r->patterns[i].count);
        ha_buf_str(to, i + 1 < r->pattern_count ? ", " : "");
    }
    ha_buf_str(to, "},\n");
    json_key(to, 4, "reasons");
    ha_buf_char(to, '{');
    for (int i = HA_REASON_NONE + 1; i < HA_REASON_N; i++) {
        json_key(to, 0, ha_reason_name((enum ha_reason)i));
        ha_buf_u64(to, s->reason[i]);
        ha_buf_str(to, i + 1 < HA_REASON_N ? ", " : "");
    }
    ha_buf_str(to, "}\n  },\n");
}

static void time_string(struct ha_buf *to, int64_t time_us)
{
    char text[HA_TIME_TEXT];
    ha_time_text(time_us, 0, text);
    json_string(to, text);
}

static void write_time(const struct ha_report *r, struct ha_buf *to)
{
    const struct ha_tally_sums *s = r->sums;
    json_key(to, 2, "time");
    if (!s->has_time) {
        ha_buf_str(to, "{\"first\": null, \"last\": null, \"seconds\": null},\n");
        return;
    }
    int64_t span = s->last_us - s->first_us;
    ha_buf_str(to, "{\"first\": ");
    time_string(to, s->first_us);
    json_field(to, "last");
    time_string(to, s->last_us);
    json_field(to, "seconds");
    ha_buf_printf(to, "%" PRId64, span / HA_US_PER_S);
    int64_t fraction = span % HA_US_PER_S;
    int digits = 6;
    for (; fraction != 0 && fraction % 10 == 0; fraction /= 10)
        digits--;
    if (fraction != 0)
        ha_buf_printf(to, ".%0*" PRId64, digits, fraction);
    ha_buf_str(to, "},\n");
}

static void write_noise(const struct ha_report *r, struct ha_buf *to)
{
    json_key(to, 4, "noise");
    if (!r->noise.known) {
        ha_buf_str(to, "null,\n");
        return;
    }
    ha_buf_str(to, "{\"left_out\": ");
    ha_buf_str(to, r->without_noise ? "true" : "false");
    for (int i = 0; i < HA_NOISE_N; i++) {
        json_field(to, ha_noise_name((enum ha_noise_kind)i));
        ha_buf_u64(to, r->noise.count[i]);
    }
    ha_buf_str(to, "},\n");
}

static void write_totals(const struct ha_report *r, struct ha_buf *to)
{
    const struct ha_tally_sums *s = r->sums;
    ha_buf_str(to, "  \"totals\": {\n");
    json_number_line(to, 4, "requests", s->selected);
    json_number_line(to, 4, "body_bytes", ha_report_body_bytes(r));
    json_number_line(to, 4, "errors", r->errors);
    json_key(to, 4, "error_share");
    ha_buf_printf(to, "%.6g,\n", ha_share(r->errors, r->errors_of));
    write_noise(r, to);
    json_number_line(to, 4, "no_status", s->no_status);
    json_key(to, 4, "clients");
    ha_buf_str(to, "{\"count\": ");
    ha_buf_u64(to, r->clients);
    bool_field(to, "estimated", r->clients_estimated);
    ha_buf_str(to, "}\n  },\n");
}

static void write_classes(const struct ha_report *r, struct ha_buf *to)
{
    json_open_rows(to, 2, "classes");
    for (size_t i = 0; i < HA_COUNT(ha_class_names); i++) {
        const struct ha_class_name *c = &ha_class_names[i];
        json_row(to, 2, i == 0);
        ha_buf_str(to, "{\"class\": ");
        json_string(to, c->name);
        string_field(to, "name", c->title);
        count_fields(to, r->sums->classes[c->index], r->sums->selected);
        bytes_field(to, r->sums->classes[c->index]);
        ha_buf_char(to, '}');
    }
    json_close_rows(to, 2, false, ",\n");
}

static void write_statuses(const struct ha_report *r, struct ha_buf *to)
{
    json_open_rows(to, 2, "statuses");
    for (size_t i = 0; i < r->status_count; i++) {
        const struct ha_report_status *s = &r->statuses[i];
        json_row(to, 2, i == 0);
        ha_buf_printf(to, "{\"status\": %d", s->fact->code);
        string_field(to, "phrase", s->fact->phrase);
        string_field(to, "class", ha_class_key(s->fact->code));
        bool_field(to, "registered", s->fact->registered);
        count_fields(to, s->sum, r->sums->selected);
        bytes_field(to, s->sum);
        string_field(to, "meaning", s->fact->meaning);
        string_field(to, "hint", s->fact->hint);
        ha_buf_char(to, '}');
    }
    json_close_rows(to, 2, r->status_count == 0, ",\n");
}

static void method_properties(struct ha_buf *to, const struct ha_report_method *m)
{
    const struct ha_method_fact *f = m->fact;
    if (f == NULL) {
        ha_buf_str(to, ", \"safe\": null, \"idempotent\": null, \"cacheable\": null");
        string_field(to, "meaning", ha_method_meaning(m));
        return;
    }
    bool yes_or_no = strcmp(f->cacheable, "y") == 0 || strcmp(f->cacheable, "n") == 0;
    bool_field(to, "safe", f->safe);
    bool_field(to, "idempotent", f->idempotent);
    if (yes_or_no)
        bool_field(to, "cacheable", f->cacheable_yes);
    else
        string_field(to, "cacheable", f->cacheable);
    string_field(to, "meaning", f->meaning);
}

static void write_methods(const struct ha_report *r, struct ha_buf *to)
{
    json_open_rows(to, 2, "methods");
    for (size_t i = 0; i < r->method_count; i++) {
        const struct ha_report_method *m = &r->methods[i];
        json_row(to, 2, i == 0);
        ha_buf_str(to, "{\"method\": ");
        if (m->kind == HA_METHOD_NAMED)
            ha_buf_json_string(to, m->method);
        else
            ha_buf_str(to, "null");
        count_fields(to, m->sum, r->sums->selected);
        method_properties(to, m);
        ha_buf_char(to, '}');
    }
    json_close_rows(to, 2, r->method_count == 0, ",\n");
}

/* The lists, and for each how often a value that it does not have occurred at most, where the list
 * had to forget some: 0 says that it is exact. */
static void write_tops(const struct ha_report *r, struct ha_buf *to)
{
    ha_buf_str(to, "  \"top\": {\n");
    for (size_t which = 0; which < HA_TOP_N; which++) {
        json_open_rows(to, 4, ha_top_key((enum ha_top)which));
        for (size_t i = 0; i < r->top_count[which]; i++) {
            const struct ha_top_entry *e = &r->top[which][i];
            json_row(to, 4, i == 0);
            ha_buf_str(to, "{\"value\": ");
            ha_buf_json_string(to, e->value);
            if (which == HA_TOP_ERROR_PAIRS)
                ha_buf_printf(to, ", \"status\": %d", e->status);
            json_field(to, "count");
            ha_buf_u64(to, e->count);
            json_field(to, "at_most_over");
            ha_buf_u64(to, e->at_most_over);
            ha_buf_char(to, '}');
        }
        json_close_rows(to, 4, r->top_count[which] == 0, which + 1 < HA_TOP_N ? ",\n" : "\n");
    }
    ha_buf_str(to, "  },\n");
    json_key(to, 2, "top_missing_at_most");
    for (size_t i = 0; i < HA_TOP_N; i++) {
        ha_buf_str(to, i == 0 ? "{" : ", ");
        json_key(to, 0, ha_top_key((enum ha_top)i));
        ha_buf_u64(to, r->top_bound[i]);
    }
    ha_buf_str(to, "},\n");
}

/* One series with a number for every bucket from the first to the last: a gap is a zero. */
static void write_series(const struct ha_report *r, size_t series, struct ha_buf *to)
{
    ha_buf_char(to, '[');
    for (size_t i = 0; i < r->bucket_span; i++) {
        ha_buf_str(to, i > 0 ? ", " : "");
        ha_buf_u64(to, ha_bucket_count(r, i, series));
    }
    ha_buf_char(to, ']');
}

static void write_timeline(const struct ha_report *r, struct ha_buf *to)
{
    bool any = r->bucket_count > 0;
    ha_buf_str(to, "  \"timeline\": {\n");
    json_key(to, 4, "bucket_seconds");
    if (any)
        ha_buf_printf(to, "%" PRId64 ",\n", r->bucket_seconds);
    else
        ha_buf_str(to, "null,\n");
    json_key(to, 4, "start");
    if (any)
        time_string(to, r->buckets[0].start_s * HA_US_PER_S);
    else
        ha_buf_str(to, "null");
    ha_buf_str(to, ",\n    \"series\": {\n");
    for (size_t i = 0; i < HA_SERIES_N; i++) {
        json_key(to, 6, ha_series_name(i));
        write_series(r, i, to);
        ha_buf_str(to, i + 1 < HA_SERIES_N ? ",\n" : "\n");
    }
    ha_buf_str(to, "    }\n  },\n");
}

static void write_samples(const struct ha_report *r, struct ha_buf *to)
{
    json_open_rows(to, 2, "unmatched_samples");
    for (size_t i = 0; i < r->sample_count; i++) {
        const struct ha_sample *s = &r->samples[i];
        json_row(to, 2, i == 0);
        ha_buf_str(to, "{\"line\": ");
        ha_buf_u64(to, s->line_number);
        json_source(r, s->source, to);
        string_field(to, "reason", ha_reason_name((enum ha_reason)s->reason));
        json_field(to, "bytes");
        ha_buf_u64(to, s->full_len);
        json_field(to, "text");
        ha_buf_json_string(to, s->text);
        ha_buf_char(to, '}');
    }
    json_close_rows(to, 2, r->sample_count == 0, "\n");
}

void ha_report_json(const struct ha_report *r, const struct ha_report_style *style,
                    struct ha_buf *to)
{
    (void)style; /* JSON is for programs: it looks the same whoever reads it */
    ha_buf_str(to,
               "{\n  \"schema\": \"httpannotate.report/1\",\n  \"version\": \"" HA_VERSION "\",\n");
    ha_buf_printf(to, "  \"interim\": %s,\n", r->interim ? "true" : "false");
    write_input(r, to);
    json_key(to, 2, "selection");
    if (r->selection[0] == '\0')
        ha_buf_str(to, "null");
    else
        json_string(to, r->selection);
    ha_buf_str(to, ",\n");
    write_time(r, to);
    write_totals(r, to);
    write_classes(r, to);
    write_statuses(r, to);
    write_methods(r, to);
    write_tops(r, to);
    write_timeline(r, to);
    json_figures(r, to);
    json_spikes(r, to);
    json_returns(r, to);
    json_findings(r, to);
    write_samples(r, to);
    ha_buf_str(to, "}\n");
}
