/* text_input.c - the verdict, the arithmetic of the input, and the lines that were not read. */
#include "report/text_page.h"

#include <string.h>

enum { SOURCES_SHOWN = 10, SAMPLE_LINES_SHOWN = 5 };

static void figure(struct ha_buf *to, uint64_t n)
{
    char text[HA_FIGURE];
    ha_buf_bytes(to, text, ha_figure_count(n, text));
}

/* "1 request", "2 requests" */
static void counted(struct ha_buf *to, uint64_t n, const char *what)
{
    figure(to, n);
    ha_buf_char(to, ' ');
    ha_buf_str(to, what);
    if (n != 1)
        ha_buf_char(to, 's');
}

static void verdict(struct text_page *p)
{
    const struct ha_tally_sums *s = p->report->sums;
    char share[HA_FIGURE];
    ha_buf_str(p->to, p->report->interim ? "So far " : "");
    counted(p->to, s->selected, "request");
    if (s->selected == 0) {
        ha_buf_char(p->to, '\n');
        return;
    }
    enum ha_ink ink = s->classes[5].count > 0 ? HA_INK_RED
                      : s->errors > 0         ? HA_INK_YELLOW
                                              : HA_INK_GREEN;
    ha_buf_str(p->to, ", ");
    ha_ink_on(p->to, p->colour, ink);
    if (s->errors == 0) {
        ha_buf_str(p->to, "no errors");
    } else {
        ha_figure_percent(s->errors, s->selected, share);
        counted(p->to, s->errors, "error");
        ha_buf_printf(p->to, " (%s)", share);
    }
    ha_ink_off(p->to, p->colour, ink);
    if (s->errors > 0) {
        ha_buf_str(p->to, ": ");
        figure(p->to, s->classes[5].count);
        ha_buf_str(p->to, " 5xx, ");
        figure(p->to, s->classes[4].count);
        ha_buf_str(p->to, " 4xx");
    }
    if (s->status[429].count > 0) {
        ha_buf_str(p->to, ", of them ");
        figure(p->to, s->status[429].count);
        ha_buf_str(p->to, " 429");
    }
    ha_buf_char(p->to, '\n');
}

static void add_span(const struct ha_tally_sums *s, struct ha_buf *to)
{
    int64_t span = s->last_us - s->first_us;
    char text[HA_FIGURE];
    struct ha_civil first = ha_time_civil(s->first_us, 0);
    struct ha_civil last = ha_time_civil(s->last_us, 0);
    bool same_day = first.year == last.year && first.month == last.month && first.day == last.day;
    text_time(to, s->first_us, false, true);
    ha_buf_str(to, " to ");
    text_time(to, s->last_us, same_day, true);
    ha_figure_duration(span, text);
    ha_buf_printf(to, " UTC (%s), ", text);
    if (span >= HA_US_PER_S) {
        ha_figure_rate(s->selected, span, text);
        ha_buf_printf(to, "%s requests, ", text);
    }
}

void text_summary(struct text_page *p)
{
    const struct ha_tally_sums *s = p->report->sums;
    struct ha_buf line = {0};
    char size[HA_FIGURE];
    uint64_t bytes = 0;
    verdict(p);
    if (s->selected == 0)
        return;
    for (size_t i = 0; i < HA_COUNT(s->classes); i++)
        bytes += s->classes[i].body_bytes;
    if (s->has_time)
        add_span(s, &line);
    ha_figure_bytes(bytes, size);
    ha_buf_str(&line, size);
    if (p->report->clients > 0) {
        ha_buf_str(&line, p->report->clients_estimated ? ", about " : ", ");
        counted(&line, p->report->clients, "client");
    }
    text_fold(p, (struct ha_view){line.ptr, line.len}, 0, false, HA_INK_PLAIN);
    p->to->failed = p->to->failed || line.failed;
    ha_buf_free(&line);
}

static void add_sources(struct text_page *p, struct ha_buf *to)
{
    const struct ha_report *r = p->report;
    size_t shown = r->source_count < SOURCES_SHOWN ? r->source_count : SOURCES_SHOWN;
    ha_buf_str(to, "sources: ");
    for (size_t i = 0; i < shown; i++) {
        ha_buf_str(to, i > 0 ? ", " : "");
        ha_buf_visible(to, ha_view_of(r->sources[i].name), false);
        ha_buf_char(to, ' ');
        figure(to, r->sources[i].lines);
    }
    if (shown < r->source_count) {
        ha_buf_str(to, " and ");
        figure(to, r->source_count - shown);
        ha_buf_str(to, " more");
    }
}

static void paragraph(struct text_page *p, struct ha_buf *line)
{
    ha_buf_str(p->to, "  ");
    text_fold(p, (struct ha_view){line->ptr, line->len}, 4, true, HA_INK_PLAIN);
    p->to->failed = p->to->failed || line->failed;
    ha_buf_clear(line);
}

static void add_arithmetic(const struct ha_tally_sums *s, struct ha_buf *to)
{
    counted(to, s->lines, "line");
    ha_buf_str(to, " = ");
    figure(to, s->verdict[HA_BLANK]);
    ha_buf_str(to, " blank + ");
    counted(to, s->verdict[HA_DIRECTIVE], "directive");
    ha_buf_str(to, " + ");
    figure(to, s->verdict[HA_MATCHED]);
    ha_buf_str(to, " matched + ");
    figure(to, s->verdict[HA_SALVAGED]);
    ha_buf_str(to, " salvaged + ");
    figure(to, s->verdict[HA_UNMATCHED]);
    ha_buf_str(to, " unmatched");
}

static void add_selection(const struct ha_report *r, struct ha_buf *to)
{
    uint64_t read = r->sums->verdict[HA_MATCHED] + r->sums->verdict[HA_SALVAGED];
    figure(to, read);
    ha_buf_str(to, " matched or salvaged = ");
    figure(to, r->sums->selected);
    ha_buf_str(to, " selected + ");
    figure(to, read - r->sums->selected);
    ha_buf_str(to, " not selected");
    if (r->selection[0] != '\0') {
        ha_buf_str(to, " (selection: ");
        ha_buf_visible(to, ha_view_of(r->selection), false);
        ha_buf_char(to, ')');
    }
}

void text_input(struct text_page *p)
{
    const struct ha_report *r = p->report;
    struct ha_buf line = {0};
    text_heading(p, "INPUT", "");
    add_arithmetic(r->sums, &line);
    paragraph(p, &line);
    add_selection(r, &line);
    paragraph(p, &line);
    if (r->pattern_count > 0) {
        ha_buf_str(&line, r->pattern_count == 1 ? "pattern: " : "patterns: ");
        for (size_t i = 0; i < r->pattern_count; i++) {
            ha_buf_str(&line, i > 0 ? ", " : "");
            ha_buf_visible(&line, ha_view_of(r->patterns[i].name), false);
            ha_buf_char(&line, ' ');
            figure(&line, r->patterns[i].count);
        }
        paragraph(p, &line);
    }
    if (r->source_count > 1) {
        add_sources(p, &line);
        paragraph(p, &line);
    }
    ha_buf_free(&line);
}

/* The place of a sample, as an editor takes it: "access.log:12"; from standard input the line
 * alone. */
static void add_place(const struct ha_report *r, const struct ha_sample *s, struct ha_buf *to)
{
    const char *name = s->source < r->source_count ? r->sources[s->source].name : "-";
    if (strcmp(name, "-") != 0) {
        ha_buf_visible(to, ha_view_of(name), false);
        ha_buf_char(to, ':');
    } else {
        ha_buf_str(to, "line ");
    }
    ha_buf_u64(to, s->line_number);
}

static void reason(struct text_page *p, int which, struct ha_buf *line)
{
    const struct ha_report *r = p->report;
    const struct ha_sample *first = NULL;
    size_t shown = 0;
    figure(line, r->sums->reason[which]);
    ha_buf_char(line, ' ');
    ha_buf_str(line, ha_reason_name((enum ha_reason)which));
    for (size_t i = 0; i < r->sample_count; i++) {
        if (r->samples[i].reason != which || shown == SAMPLE_LINES_SHOWN)
            continue;
        ha_buf_str(line, shown == 0 ? ": " : ", ");
        add_place(r, &r->samples[i], line);
        if (shown++ == 0)
            first = &r->samples[i];
    }
    if (shown > 0 && shown < r->sums->reason[which])
        ha_buf_str(line, ", ...");
    paragraph(p, line);
    if (first == NULL)
        return;
    ha_buf_str(p->to, "    ");
    ha_ink_on(p->to, p->colour, HA_INK_QUIET);
    ha_text_fit(p->to, text_safe(p, first->text), p->width - 4, p->unicode);
    ha_ink_off(p->to, p->colour, HA_INK_QUIET);
    ha_buf_char(p->to, '\n');
}

void text_unmatched(struct text_page *p)
{
    const struct ha_tally_sums *s = p->report->sums;
    struct ha_buf line = {0};
    if (s->verdict[HA_UNMATCHED] == 0)
        return;
    text_heading(p, "UNMATCHED", "lines that no pattern reads; they count as lines only");
    for (int i = HA_REASON_NONE + 1; i < HA_REASON_N; i++)
        if (s->reason[i] > 0)
            reason(p, i, &line);
    ha_buf_free(&line);
}
