/* html_parts.c - the drawings and tables of the HTML report. */
#include "report/formats.h"
#include "report/html_page.h"

#include "httpannotate/terminal.h"

static void heading(struct ha_buf *to, const char *title)
{
    ha_buf_printf(to, "<h2>%s</h2>\n", title);
}

/* Whether the bars of a series are those of the spike's errors. A status stands for itself only
 * where its class does not. */
static bool is_marked(const struct ha_report_spike *one, size_t which)
{
    if (which == HA_SERIES_429)
        return one->group == 429;
    if (one->within != 0)
        return false;
    return which == HA_SERIES_TOTAL ||
           which == (one->name[0] == '4' ? HA_SERIES_4XX : HA_SERIES_5XX);
}

/* A band behind the bars wherever a spike is, with a line on it that is seen without colours. */
static void bands(const struct ha_report *r, size_t which, struct ha_buf *to)
{
    char start[HA_TIME_TEXT], end[HA_TIME_TEXT], usual[HA_FIGURE];
    for (size_t i = 0; i < r->spike_count; i++) {
        const struct ha_spike *s = &r->spikes[i].spike;
        if (!is_marked(&r->spikes[i], which))
            continue;
        double x = (double)(s->start_s - r->buckets[0].start_s) / (double)r->bucket_seconds;
        double width = (double)(s->end_s - s->start_s) / (double)r->bucket_seconds;
        ha_time_text(s->start_s * HA_US_PER_S, 0, start);
        ha_time_text(s->end_s * HA_US_PER_S, 0, end);
        ha_figure_errors_rate(s->usual_per_minute, usual);
        ha_buf_printf(to, "<g class=\"f%c\"><title>%s spike: %s %s %s, peak ", r->spikes[i].name[0],
                      r->spikes[i].name, start, s->is_open ? "and lasts," : "to",
                      s->is_open ? "so far" : end);
        html_count(to, (uint64_t)s->peak_per_minute);
        ha_buf_printf(to, "/min, usual %s/min</title>", usual);
        for (int line = 0; line < 2; line++)
            ha_buf_printf(to, "<rect%s x=\"%.2f\" y=\"0\" width=\"%.2f\" height=\"%d\"/>",
                          line ? "" : " class=\"band\"", x, width < .9 ? .9 : width,
                          line ? 6 : 100);
        ha_buf_str(to, "</g>");
    }
}

/* One series as bars from a common ground; heights are shares of its own peak. */
static void series(const struct ha_report *r, size_t which, const char *fill, struct ha_buf *to)
{
    char text[HA_TIME_TEXT];
    size_t peak = 0;
    for (size_t i = 1; i < r->bucket_span; i++)
        if (ha_bucket_count(r, i, which) > ha_bucket_count(r, peak, which))
            peak = i;
    uint64_t most = ha_bucket_count(r, peak, which);
    ha_buf_printf(to,
                  "<div class=\"row\"><span class=\"s\">%s</span>"
                  "<svg viewBox=\"0 0 %zu 100\" preserveAspectRatio=\"none\" role=\"img\" "
                  "aria-label=\"%s over time\">",
                  ha_series_name(which), r->bucket_span, ha_series_name(which));
    bands(r, which, to);
    for (size_t i = 0; i < r->bucket_span; i++) {
        uint64_t n = ha_bucket_count(r, i, which);
        if (n == 0)
            continue;
        double height = ha_share(n, most) * 100;
        ha_time_text((r->buckets[0].start_s + (int64_t)i * r->bucket_seconds) * HA_US_PER_S, 0,
                     text);
        ha_buf_printf(to,
                      "<rect class=\"%s\" x=\"%zu\" y=\"%.2f\" width=\".9\" height=\"%.2f\">"
                      "<title>%s: ",
                      fill, i, 100 - height, height, text);
        html_count(to, n);
        ha_buf_str(to, "</title></rect>");
    }
    ha_buf_str(to, "</svg><span class=\"d\">");
    if (most > 0) {
        ha_time_text((r->buckets[0].start_s + (int64_t)peak * r->bucket_seconds) * HA_US_PER_S, 0,
                     text);
        ha_buf_str(to, "peak ");
        html_count(to, most);
        ha_buf_printf(to, "<br>%s", text);
    } else {
        ha_buf_str(to, "none");
    }
    ha_buf_str(to, "</span></div>\n");
}

void html_timeline(const struct ha_report *r, struct ha_buf *to)
{
    char width[HA_FIGURE];
    if (r->bucket_span < 2)
        return;
    heading(to, "Timeline");
    series(r, HA_SERIES_TOTAL, "ft", to);
    series(r, HA_SERIES_4XX, "f4", to);
    series(r, HA_SERIES_5XX, "f5", to);
    series(r, HA_SERIES_429, "f4", to);
    ha_figure_duration(r->bucket_seconds * HA_US_PER_S, width);
    ha_buf_printf(to, "<p class=\"d\">One bar is %s; each row has its own scale%s", width,
                  r->spike_count > 0 ? "; shaded where a spike is" : "");
    ha_report_bucket_too_narrow(r, width);
    if (width[0] != '\0')
        ha_buf_printf(to, "; buckets of %s would be too many", width);
    ha_buf_str(to, ".</p>\n");
}

void html_classes(const struct ha_report *r, struct ha_buf *to)
{
    char text[HA_FIGURE];
    heading(to, "Classes");
    ha_buf_str(to, "<table>\n<tr><th>class<th><th class=\"n\">count<th class=\"n\">share"
                   "<th class=\"n\">bytes<th></tr>\n");
    for (size_t i = 0; i < HA_COUNT(ha_class_names); i++) {
        const struct ha_class_name *c = &ha_class_names[i];
        struct ha_count sum = r->sums->classes[c->index];
        ha_buf_printf(to, "<tr><td class=\"s %s\">%s</td><td>%s</td>", html_class(c->index),
                      c->name, c->title);
        html_count_cells(to, sum.count, r->sums->selected);
        ha_figure_bytes(sum.body_bytes, text);
        ha_buf_printf(to,
                      "<td class=\"n\">%s</td><td class=\"bar\"><svg viewBox=\"0 0 100 10\" "
                      "preserveAspectRatio=\"none\" aria-hidden=\"true\">",
                      text);
        double width = ha_share(sum.count, r->sums->selected) * 100;
        if (sum.count > 0)
            ha_buf_printf(to, "<rect class=\"f%d\" width=\"%.2f\" height=\"10\"/>", c->index,
                          width < 0.3 ? 0.3 : width);
        ha_buf_str(to, "</svg></td></tr>\n");
    }
    ha_buf_str(to, "</table>\n");
}

static void status_rows(const struct ha_report *r, int class_index, struct ha_buf *to)
{
    char text[HA_FIGURE];
    for (size_t i = 0; i < r->status_count; i++) {
        const struct ha_report_status *s = &r->statuses[i];
        if (ha_class_of(s->fact->code) != class_index)
            continue;
        ha_buf_printf(to, "<tr><td class=\"s %s\">%03d</td><td class=\"w\">",
                      html_class(class_index), s->fact->code);
        html_words(to, s->fact->phrase);
        ha_buf_str(to, "</td>");
        html_count_cells(to, s->sum.count, r->sums->selected);
        ha_figure_bytes(s->sum.body_bytes, text);
        ha_buf_printf(to, "<td class=\"n\">%s</td><td>", text);
        html_words(to, s->fact->meaning);
        if (class_index >= 4 && s->fact->hint[0] != '\0') {
            ha_buf_str(to, "<br><span class=\"d\">");
            html_words(to, s->fact->hint);
            ha_buf_str(to, "</span>");
        }
        ha_buf_str(to, "</td></tr>\n");
    }
}

void html_statuses(const struct ha_report *r, struct ha_buf *to)
{
    static const int order[] = {5, 4, 0, 1, 2, 3};
    if (r->status_count == 0)
        return;
    heading(to, "Statuses, errors first");
    ha_buf_str(to, "<table>\n<tr><th>status<th><th class=\"n\">count<th class=\"n\">share"
                   "<th class=\"n\">bytes<th>meaning</tr>\n");
    for (size_t i = 0; i < HA_COUNT(order); i++)
        status_rows(r, order[i], to);
    ha_buf_str(to, "</table>\n");
}

static void top(const struct ha_report *r, enum ha_top which, struct ha_buf *to)
{
    uint64_t whole = ha_top_of_errors(which) ? r->sums->errors : r->sums->selected;
    if (r->top_count[which] == 0)
        return;
    ha_buf_str(to, "<div>");
    heading(to, ha_top_title(which));
    ha_buf_str(to, "<table>\n");
    for (size_t i = 0; i < r->top_count[which]; i++) {
        const struct ha_top_entry *e = &r->top[which][i];
        ha_buf_str(to, "<tr>");
        html_count_cells(to, e->count, whole);
        ha_buf_str(to, "<td>");
        if (which == HA_TOP_ERROR_PAIRS)
            ha_buf_printf(to, "<span class=\"s %s\">%03d</span> ",
                          html_class(ha_class_of(e->status)), e->status);
        ha_buf_str(to, "<code>");
        html_text(to, e->value);
        ha_buf_str(to, "</code>");
        if (e->at_most_over > 0) {
            ha_buf_str(to, " <span class=\"d\">estimate, at most ");
            html_count(to, e->at_most_over);
            ha_buf_str(to, " over</span>");
        }
        ha_buf_str(to, "</td></tr>\n");
    }
    ha_buf_str(to, "</table></div>\n");
}

void html_tops(const struct ha_report *r, struct ha_buf *to)
{
    static const enum ha_top order[] = {
        HA_TOP_ERROR_TARGETS, HA_TOP_TARGETS,  HA_TOP_ERROR_CLIENTS, HA_TOP_CLIENTS,
        HA_TOP_ERROR_PAIRS,   HA_TOP_REFERERS, HA_TOP_AGENTS};
    ha_buf_str(to, "<div class=\"g\">\n");
    for (size_t i = 0; i < HA_COUNT(order); i++)
        top(r, order[i], to);
    ha_buf_str(to, "</div>\n");
}

void html_durations(const struct ha_report *r, struct ha_buf *to)
{
    if (r->durations[HA_DURATIONS_ALL].count == 0)
        return;
    heading(to, "Durations");
    ha_buf_str(to, "<table>\n<tr><th><th class=\"n\">count<th class=\"n\">mean"
                   "<th class=\"n\">median<th class=\"n\">90%<th class=\"n\">95%"
                   "<th class=\"n\">99%<th class=\"n\">max</tr>\n");
    for (size_t i = 0; i < HA_DURATIONS_N; i++) {
        const struct ha_spread *s = &r->durations[i];
        const uint64_t figures[] = {s->mean, s->p50, s->p90, s->p95, s->p99, s->max};
        if (s->count == 0)
            continue;
        ha_buf_printf(to, "<tr><td>%s</td><td class=\"n\">", ha_duration_group_name(i));
        html_count(to, s->count);
        ha_buf_str(to, "</td>");
        for (size_t k = 0; k < HA_COUNT(figures); k++) {
            char text[HA_FIGURE];
            ha_figure_time(figures[k], text);
            ha_buf_printf(to, "<td class=\"n\">%s</td>", text);
        }
        ha_buf_str(to, "</tr>\n");
    }
    ha_buf_str(to, "</table>\n");
}

static const char *yes_or_no(const struct ha_method_fact *f, bool yes)
{
    return f == NULL ? "?" : yes ? "yes" : "no";
}

void html_methods(const struct ha_report *r, struct ha_buf *to)
{
    static const char *const names[] = {"", "(no HTTP)", "(others)"};
    if (r->method_count == 0)
        return;
    heading(to, "Methods");
    ha_buf_str(to, "<table>\n<tr><th>method<th class=\"n\">count<th class=\"n\">share<th>safe"
                   "<th>idempotent<th>cacheable<th>meaning</tr>\n");
    for (size_t i = 0; i < r->method_count; i++) {
        const struct ha_report_method *m = &r->methods[i];
        const struct ha_method_fact *f = m->fact;
        ha_buf_str(to, "<tr><td><code>");
        if (m->kind == HA_METHOD_NAMED)
            html_text(to, m->method);
        else
            ha_buf_str(to, names[m->kind]);
        ha_buf_str(to, "</code></td>");
        html_count_cells(to, m->sum.count, r->sums->selected);
        ha_buf_printf(to, "<td>%s</td><td>%s</td><td>", yes_or_no(f, f != NULL && f->safe),
                      yes_or_no(f, f != NULL && f->idempotent));
        html_words(to, ha_method_cacheable(f));
        ha_buf_str(to, "</td><td>");
        html_words(to, ha_method_meaning(m));
        ha_buf_str(to, "</td></tr>\n");
    }
    ha_buf_str(to, "</table>\n");
}

void html_unmatched(const struct ha_report *r, struct ha_buf *to)
{
    if (r->sample_count == 0)
        return;
    heading(to, "Lines that no pattern reads");
    ha_buf_str(to, "<table>\n<tr><th>source<th class=\"n\">line<th>reason<th>text</tr>\n");
    for (size_t i = 0; i < r->sample_count; i++) {
        const struct ha_sample *s = &r->samples[i];
        ha_buf_str(to, "<tr><td>");
        html_words(to, s->source < r->source_count ? r->sources[s->source].name : "-");
        ha_buf_str(to, "</td><td class=\"n\">");
        html_count(to, s->line_number);
        ha_buf_str(to, "</td><td>");
        html_words(to, ha_reason_name((enum ha_reason)s->reason));
        ha_buf_str(to, "</td><td><code>");
        html_text(to, s->text);
        ha_buf_str(to, "</code></td></tr>\n");
    }
    ha_buf_str(to, "</table>\n");
    size_t which;
    const struct ha_odd_text *odd = ha_odd_text(r->samples, r->sample_count, &which);
    if (odd == NULL)
        return;
    ha_buf_printf(to, "<p>Line %llu: %s. To read it: <code>",
                  (unsigned long long)r->samples[which].line_number, odd->what);
    html_words(to, odd->command);
    ha_buf_str(to, "</code></p>\n");
}
