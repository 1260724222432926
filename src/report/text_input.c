/* text_input.c - the verdict, the arithmetic of the input, and the lines that were not read. */
#include "report/formats.h"
#include "report/text_page.h"

#include <string.h>

enum { SOURCES_SHOWN = 10, SAMPLE_LINES_SHOWN = 5 };

static void figure(struct ha_buf *to, uint64_t n)
{
    char text[HA_FIGURE];
    ha_buf_bytes(to, text, ha_figure_count(n, text));
}

/* What is in the page's scratch becomes an item. */
static void put_scratch(struct text_page *p, struct text_flow *f)
{
    text_flow_put(p, f, (struct ha_view){p->scratch.ptr, p->scratch.len}, HA_INK_PLAIN);
}

static void put_text(struct text_page *p, struct text_flow *f, const char *text)
{
    text_flow_put(p, f, ha_view_of(text), HA_INK_PLAIN);
}

static void put_errors(struct text_page *p, struct text_flow *f)
{
    const struct ha_tally_sums *s = p->report->sums;
    const bool throttled = s->status[429].count > 0;
    enum ha_ink ink = s->classes[5].count > 0 ? HA_INK_RED : HA_INK_YELLOW;
    char share[HA_FIGURE];
    const struct ha_report *r = p->report;
    ha_figure_percent(r->errors, r->errors_of, share);
    ha_buf_clear(&p->scratch);
    figure(&p->scratch, r->errors);
    ha_buf_printf(&p->scratch, " error%s (%s)", r->errors == 1 ? "" : "s", share);
    text_flow_put(p, f, (struct ha_view){p->scratch.ptr, p->scratch.len}, ink);
    ha_buf_clear(&p->scratch);
    ha_buf_str(&p->scratch, "= ");
    figure(&p->scratch, s->classes[5].count);
    ha_buf_str(&p->scratch, " 5xx");
    put_scratch(p, f);
    ha_buf_clear(&p->scratch);
    ha_buf_str(&p->scratch, "+ ");
    uint64_t client_errors = r->errors;
    ha_noise_leave_out(&client_errors, s->classes[5].count);
    figure(&p->scratch, client_errors);
    ha_buf_str(&p->scratch, throttled ? " 4xx," : " 4xx");
    put_scratch(p, f);
    if (!throttled)
        return;
    ha_buf_clear(&p->scratch);
    figure(&p->scratch, s->status[429].count);
    ha_buf_str(&p->scratch, " of them 429");
    put_scratch(p, f);
}

static void put_verdict(struct text_page *p)
{
    const struct ha_tally_sums *s = p->report->sums;
    struct text_flow f = text_flow_begin(p, 0, 0);
    if (p->report->interim)
        put_text(p, &f, "So far");
    text_flow_count(p, &f, s->selected, "request", s->selected > 0 ? "," : "");
    if (p->report->errors > 0)
        put_errors(p, &f);
    else if (s->selected > 0 && s->no_status == s->selected)
        text_flow_put(p, &f, HA_VIEW_LIT("no status in any line"), HA_INK_YELLOW);
    else if (s->selected > 0)
        text_flow_put(p, &f, HA_VIEW_LIT("no errors"), HA_INK_GREEN);
    text_flow_end(p);
}

/* What nobody needs to look at, and whether the errors above are without it. */
static void put_noise(struct text_page *p)
{
    const struct ha_report *r = p->report;
    size_t left = 0;
    if (r->noise.all == 0 && (!r->benign || r->noise.known))
        return;
    struct text_flow f = text_flow_begin(p, 0, 2);
    if (!r->noise.known) {
        put_text(p, &f, "benign noise is not told apart: an earlier version counted some of this");
        text_flow_end(p);
        return;
    }
    for (size_t i = 0; i < HA_NOISE_N; i++)
        left += r->noise.count[i] > 0;
    if (r->without_noise) {
        put_text(p, &f, "a share of");
        text_flow_count(p, &f, r->errors_of, "request", ",");
    }
    put_text(p, &f, r->without_noise ? "without benign noise:" : "benign noise:");
    for (size_t i = 0; i < HA_NOISE_N; i++) {
        if (r->noise.count[i] == 0)
            continue;
        ha_buf_clear(&p->scratch);
        figure(&p->scratch, r->noise.count[i]);
        ha_buf_printf(&p->scratch, " %s%s", ha_noise_words((enum ha_noise_kind)i),
                      --left > 0 ? "," : "");
        put_scratch(p, &f);
    }
    text_flow_end(p);
}

static void put_span(struct text_page *p, struct text_flow *f)
{
    const struct ha_tally_sums *s = p->report->sums;
    int64_t span = s->last_us - s->first_us;
    char text[HA_FIGURE];
    struct ha_civil first = ha_time_civil(s->first_us, 0);
    struct ha_civil last = ha_time_civil(s->last_us, 0);
    bool same_day = first.year == last.year && first.month == last.month && first.day == last.day;
    ha_buf_clear(&p->scratch);
    text_time(&p->scratch, s->first_us, TEXT_DATE, true);
    if (span < HA_US_PER_S) {
        ha_buf_str(&p->scratch, " UTC,");
        put_scratch(p, f);
        return;
    }
    ha_buf_str(&p->scratch, " to ");
    text_time(&p->scratch, s->last_us, same_day ? TEXT_NO_DATE : TEXT_DATE, true);
    ha_figure_duration(span, text);
    ha_buf_printf(&p->scratch, " UTC (%s),", text);
    put_scratch(p, f);
    ha_figure_rate(s->selected, span, text);
    ha_buf_clear(&p->scratch);
    ha_buf_printf(&p->scratch, "%s on average,", text);
    put_scratch(p, f);
}

void text_summary(struct text_page *p)
{
    const struct ha_report *r = p->report;
    const struct ha_tally_sums *s = r->sums;
    char size[HA_FIGURE];
    put_verdict(p);
    if (s->selected == 0)
        return;
    uint64_t bytes = ha_report_body_bytes(p->report);
    struct text_flow f = text_flow_begin(p, 0, 0);
    if (s->has_time)
        put_span(p, &f);
    ha_figure_bytes(bytes, size);
    ha_buf_clear(&p->scratch);
    ha_buf_printf(&p->scratch, "%s%s", size, r->clients > 0 ? "," : "");
    put_scratch(p, &f);
    if (r->clients_estimated)
        put_text(p, &f, "about");
    if (r->clients > 0)
        text_flow_count(p, &f, r->clients, "client", "");
    text_flow_end(p);
    put_noise(p);
}

/* "+ 3 blank": a term of the arithmetic. */
static void put_term(struct text_page *p, struct text_flow *f, const char *sign, uint64_t n,
                     const char *word)
{
    char text[HA_FIGURE];
    ha_figure_count(n, text);
    ha_buf_clear(&p->scratch);
    ha_buf_printf(&p->scratch, "%s %s %s", sign, text, word);
    put_scratch(p, f);
}

static void put_arithmetic(struct text_page *p)
{
    const struct ha_tally_sums *s = p->report->sums;
    uint64_t directives = s->verdict[HA_DIRECTIVE];
    struct text_flow f = text_flow_begin(p, 2, 4);
    text_flow_count(p, &f, s->lines, "line", "");
    put_term(p, &f, "=", s->verdict[HA_BLANK], "blank");
    put_term(p, &f, "+", directives, directives == 1 ? "directive" : "directives");
    put_term(p, &f, "+", s->verdict[HA_MATCHED], "matched");
    put_term(p, &f, "+", s->verdict[HA_SALVAGED], "salvaged");
    put_term(p, &f, "+", s->verdict[HA_UNMATCHED], "unmatched");
    text_flow_end(p);
}

static void put_selection(struct text_page *p)
{
    const struct ha_report *r = p->report;
    uint64_t read = r->sums->verdict[HA_MATCHED] + r->sums->verdict[HA_SALVAGED];
    char text[HA_FIGURE];
    struct text_flow f = text_flow_begin(p, 2, 4);
    ha_figure_count(read, text);
    put_text(p, &f, text);
    put_text(p, &f, "matched or salvaged");
    put_term(p, &f, "=", r->sums->selected, "selected");
    put_term(p, &f, "+", read - r->sums->selected, "not selected");
    text_flow_end(p);
    if (r->selection[0] == '\0')
        return;
    ha_buf_str(p->to, "  selection: ");
    text_fold(p, text_safe(p, ha_view_of(r->selection)), 13, true, HA_INK_PLAIN);
}

/* "access.log 6,000" and a comma where another follows. */
static void put_named(struct text_page *p, struct text_flow *f, const char *name, uint64_t n,
                      bool more)
{
    ha_buf_clear(&p->scratch);
    ha_buf_visible(&p->scratch, ha_view_of(name), false);
    ha_buf_char(&p->scratch, ' ');
    figure(&p->scratch, n);
    ha_buf_str(&p->scratch, more ? "," : "");
    put_scratch(p, f);
}

static void put_sources(struct text_page *p)
{
    const struct ha_report *r = p->report;
    size_t shown = r->source_count < SOURCES_SHOWN ? r->source_count : SOURCES_SHOWN;
    struct text_flow f = text_flow_begin(p, 2, 4);
    put_text(p, &f, "lines by source:");
    for (size_t i = 0; i < shown; i++)
        put_named(p, &f,
                  strcmp(r->sources[i].name, "-") == 0 ? "standard input" : r->sources[i].name,
                  r->sources[i].lines, i + 1 < r->source_count);
    if (shown < r->source_count)
        text_flow_count(p, &f, r->source_count - shown, "more source", "");
    text_flow_end(p);
}

/* Requests that no timeline can show, and that --since and --until leave out. */
static void put_timeless(struct text_page *p)
{
    const struct ha_report *r = p->report;
    uint64_t timed = 0;
    for (size_t i = 0; i < r->bucket_count; i++)
        timed += r->buckets[i].n[HA_SERIES_TOTAL];
    if (timed >= r->sums->selected)
        return;
    struct text_flow f = text_flow_begin(p, 2, 4);
    text_flow_count(p, &f, r->sums->selected - timed, "request", "");
    put_text(p, &f, "without a time that can be read: on no timeline, and left out by --since");
    text_flow_end(p);
}

/* Requests that may have failed or not. */
static void put_statusless(struct text_page *p)
{
    if (p->report->sums->no_status == 0)
        return;
    struct text_flow f = text_flow_begin(p, 2, 4);
    text_flow_count(p, &f, p->report->sums->no_status, "request", "");
    put_text(p, &f, "without a status: whether they failed cannot be told");
    text_flow_end(p);
}

static void put_written_so(struct text_page *p)
{
    enum { INDENT = 2 };
    ha_buf_clear(&p->scratch);
    ha_written_so_sentence(p->report, &p->scratch);
    if (p->scratch.len == 0)
        return;
    struct ha_view v = {p->scratch.ptr, p->scratch.len};
    ha_buf_fill(p->to, ' ', INDENT);
    text_fold(p, v, INDENT, true, HA_INK_PLAIN);
}

void text_input(struct text_page *p)
{
    const struct ha_report *r = p->report;
    text_heading(p, "INPUT", "");
    put_arithmetic(p);
    put_selection(p);
    if (r->pattern_count > 0) {
        struct text_flow f = text_flow_begin(p, 2, 4);
        put_text(p, &f, "read by pattern:");
        for (size_t i = 0; i < r->pattern_count; i++)
            put_named(p, &f, r->patterns[i].name, r->patterns[i].count, i + 1 < r->pattern_count);
        text_flow_end(p);
    }
    put_timeless(p);
    put_statusless(p);
    put_written_so(p);
    if (r->source_count > 1)
        put_sources(p);
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

bool text_odd_text(struct text_page *p, size_t indent)
{
    const struct ha_report *r = p->report;
    size_t which;
    const struct ha_odd_text *odd = ha_odd_text(r->samples, r->sample_count, &which);
    if (odd == NULL)
        return false;
    const struct ha_sample *s = &r->samples[which];
    const char *name = s->source < r->source_count ? r->sources[s->source].name : "-";
    ha_buf_clear(&p->scratch);
    ha_buf_visible(&p->scratch, ha_view_of(strcmp(name, "-") == 0 ? "standard input" : name),
                   false);
    ha_buf_printf(&p->scratch, ": %s. To read it:", odd->what);
    ha_buf_fill(p->to, ' ', indent);
    text_fold(p, (struct ha_view){p->scratch.ptr, p->scratch.len}, indent, true, HA_INK_YELLOW);
    ha_buf_fill(p->to, ' ', indent + 2);
    ha_buf_str(p->to, odd->command);
    ha_buf_char(p->to, '\n');
    return true;
}

static void reason(struct text_page *p, int which)
{
    const struct ha_report *r = p->report;
    const struct ha_sample *first = NULL;
    size_t shown = 0;
    struct text_flow f = text_flow_begin(p, 2, 4);
    ha_buf_clear(&p->scratch);
    figure(&p->scratch, r->sums->reason[which]);
    ha_buf_printf(&p->scratch, " %s:", ha_reason_name((enum ha_reason)which));
    put_scratch(p, &f);
    for (size_t i = 0; i < r->sample_count && shown < SAMPLE_LINES_SHOWN; i++) {
        if (r->samples[i].reason != which)
            continue;
        if (shown++ == 0)
            first = &r->samples[i];
        ha_buf_clear(&p->scratch);
        add_place(r, &r->samples[i], &p->scratch);
        ha_buf_str(&p->scratch, shown < r->sums->reason[which] ? "," : "");
        put_scratch(p, &f);
    }
    if (shown < r->sums->reason[which])
        put_text(p, &f, "...");
    text_flow_end(p);
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
    if (s->verdict[HA_UNMATCHED] == 0)
        return;
    text_heading(p, "UNMATCHED", "read by no pattern; they count as lines only");
    for (int i = HA_REASON_NONE + 1; i < HA_REASON_N; i++)
        if (s->reason[i] > 0)
            reason(p, i);
    if (!text_is_all_unread(p->report))
        (void)text_odd_text(p, 2);
}
